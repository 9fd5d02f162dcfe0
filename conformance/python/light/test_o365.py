"""Mail, calendar, contacts and tasks through O365."""

import base64
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import requests
import tenant

VIENNA = ZoneInfo("Europe/Vienna")


def draft(mailbox, subject="Offer"):
    message = mailbox.new_message()
    message.to.add("buyer@outside.example")
    message.subject = subject
    message.body = "The offer"
    assert message.save_draft()
    return message


def test_messages_are_written_listed_changed_moved_and_deleted(account):
    mailbox = account.mailbox()
    for number in range(5):
        draft(mailbox, f"Offer {number}")
    listed = list(mailbox.drafts_folder().get_messages(limit=None, batch=2))
    assert sorted(message.subject for message in listed) == [f"Offer {number}" for number in range(5)]

    query = mailbox.new_query().equals("subject", "Offer 3")
    message = next(mailbox.drafts_folder().get_messages(query=query))
    message.categories = ["Blue category"]
    assert message.save_message()
    assert message.move(mailbox.archive_folder())
    moved = next(mailbox.archive_folder().get_messages())
    assert moved.subject == "Offer 3" and moved.categories == ["Blue category"]
    assert moved.delete()
    assert list(mailbox.archive_folder().get_messages()) == []


def test_folders_are_made_renamed_and_deleted(account):
    inbox = account.mailbox().inbox_folder()
    folder = inbox.create_child_folder("crm")
    assert folder.update_folder_name("CRM")
    assert [child.name for child in inbox.get_folders()] == ["CRM"]
    assert folder.delete()
    assert list(inbox.get_folders()) == []


def test_a_received_message_keeps_its_attachment_and_its_mime(account, person):
    body = {
        "subject": "Order",
        "from": {"emailAddress": {"address": "buyer@outside.example", "name": "Buyer"}},
        "toRecipients": [{"emailAddress": {"address": person["mail"]}}],
        "body": {"contentType": "text", "content": "our order"},
        "attachments": [
            {
                "@odata.type": "#microsoft.graph.fileAttachment",
                "name": "order.txt",
                "contentType": "text/plain",
                "contentBytes": "b3JkZXI=",
            }
        ],
    }
    tenant.control("POST", f"/users/{person['id']}/messages", body)
    message = next(account.mailbox().inbox_folder().get_messages(download_attachments=True))
    assert message.sender.address == "buyer@outside.example"
    attachment = message.attachments[0]
    assert (attachment.name, attachment.content) == ("order.txt", "b3JkZXI=")
    assert b"order.txt" in message.get_mime_content()
    assert not message.is_read and message.mark_as_read()
    assert next(account.mailbox().inbox_folder().get_messages()).is_read


def test_events_keep_their_zone(account):
    schedule = account.schedule()
    event = schedule.new_event("Visit")
    event.start = dt.datetime(2027, 3, 28, 1, 30, tzinfo=VIENNA)
    event.end = dt.datetime(2027, 3, 28, 4, 30, tzinfo=VIENNA)
    event.location = "Room 2"
    assert event.save()
    listed = list(
        schedule.get_default_calendar().get_events(
            start_recurring=dt.datetime(2027, 3, 1, tzinfo=VIENNA),
            end_recurring=dt.datetime(2027, 4, 1, tzinfo=VIENNA),
            include_recurring=True,
        )
    )
    assert [seen.subject for seen in listed] == ["Visit"]
    # The clock goes forward at two: three hours on the wall are two.
    assert listed[0].end - listed[0].start == event.end - event.start
    assert listed[0].start == event.start
    listed[0].subject = "Visit in Vienna"
    assert listed[0].save()
    assert schedule.get_default_calendar().get_event(event.object_id).subject == "Visit in Vienna"
    assert listed[0].delete()
    assert list(schedule.get_default_calendar().get_events(include_recurring=False)) == []


def test_a_weekly_series_is_expanded(account):
    schedule = account.schedule()
    event = schedule.new_event("Weekly")
    event.start = dt.datetime(2027, 3, 1, 9, 0, tzinfo=VIENNA)
    event.end = dt.datetime(2027, 3, 1, 10, 0, tzinfo=VIENNA)
    event.recurrence.set_weekly(1, days_of_week=["monday"], first_day_of_week="monday", start=dt.date(2027, 3, 1), occurrences=5)
    assert event.save()
    occurrences = list(
        schedule.get_default_calendar().get_events(
            start_recurring=dt.datetime(2027, 3, 1, tzinfo=VIENNA),
            end_recurring=dt.datetime(2027, 5, 1, tzinfo=VIENNA),
            include_recurring=True,
        )
    )
    assert sorted(one.start.astimezone(VIENNA).isoformat() for one in occurrences) == [
        "2027-03-01T09:00:00+01:00",
        "2027-03-08T09:00:00+01:00",
        "2027-03-15T09:00:00+01:00",
        "2027-03-22T09:00:00+01:00",
        "2027-03-29T09:00:00+02:00",
    ]


def test_calendars_are_made_renamed_and_deleted(account):
    schedule = account.schedule()
    trips = schedule.new_calendar("Trips")
    trips.name = "Journeys"
    assert trips.update()
    assert "Journeys" in [calendar.name for calendar in schedule.list_calendars()]
    assert trips.delete()
    assert "Journeys" not in [calendar.name for calendar in schedule.list_calendars()]


def test_contacts_are_made_changed_and_deleted(account):
    book = account.address_book()
    contact = book.new_contact()
    contact.name, contact.surname, contact.display_name = "Ada", "Buyer", "Ada Buyer"
    contact.emails.add("ada@outside.example")
    assert contact.save()
    contact.job_title = "Head of purchasing"
    assert contact.save()
    listed = list(book.get_contacts())
    assert [(one.display_name, one.job_title, one.main_email) for one in listed] == [
        ("Ada Buyer", "Head of purchasing", "ada@outside.example")
    ]
    assert listed[0].delete()
    assert list(book.get_contacts()) == []
    assert book.create_child_folder("Buyers")
    assert [child.name for child in book.get_folders()] == ["Buyers"]


def test_tasks_are_made_completed_and_deleted(account):
    todo = account.tasks()
    projects = todo.new_folder("Projects")
    task = projects.new_task("Call")
    task.due = dt.date(2027, 3, 12)
    assert task.save()
    task.mark_completed()
    assert task.save()
    listed = list(projects.get_tasks())
    assert [(one.subject, one.is_completed) for one in listed] == [("Call", True)]
    assert listed[0].due.date() == dt.date(2027, 3, 12)
    assert listed[0].delete()
    assert list(projects.get_tasks()) == []
    assert projects.delete()


def test_a_large_attachment_is_uploaded_in_parts(account, tmp_path):
    file = tmp_path / "plan.bin"
    file.write_bytes(bytes(range(256)) * 16 * 1024 + b"end")
    message = draft(account.mailbox(), "Plan")
    message.attachments.add(file)
    assert message.save_draft()
    saved = next(account.mailbox().drafts_folder().get_messages(download_attachments=True))
    assert base64.b64decode(saved.attachments[0].content) == file.read_bytes()


def test_users_of_the_directory(account, person):
    directory = account.directory(resource="users")
    assert directory.get_user(person["mail"]).object_id == person["id"]
    assert person["mail"] in [user.mail for user in directory.get_users(limit=None, batch=3)]


def test_what_is_gone_is_404(account):
    mailbox = account.mailbox()
    message = draft(mailbox)
    gone = message.object_id
    assert message.delete()
    with pytest.raises(requests.HTTPError) as refused:
        mailbox.get_message(gone)
    assert refused.value.response.status_code == 404

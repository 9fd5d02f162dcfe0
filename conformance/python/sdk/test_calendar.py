"""Calendars, events, series and the calendar view."""

import datetime as dt

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.calendar import Calendar
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.day_of_week import DayOfWeek
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.event_type import EventType
from msgraph.generated.models.location import Location
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.patterned_recurrence import PatternedRecurrence
from msgraph.generated.models.recurrence_pattern import RecurrencePattern
from msgraph.generated.models.recurrence_pattern_type import RecurrencePatternType
from msgraph.generated.models.recurrence_range import RecurrenceRange
from msgraph.generated.models.recurrence_range_type import RecurrenceRangeType
from msgraph.generated.models.response_type import ResponseType
from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import CalendarViewRequestBuilder
from msgraph.generated.users.item.calendar_view.delta.delta_request_builder import DeltaRequestBuilder
from msgraph.generated.users.item.events.item.accept.accept_post_request_body import AcceptPostRequestBody
from msgraph.generated.users.item.events.item.cancel.cancel_post_request_body import CancelPostRequestBody
from sdk_paging import IMMUTABLE, delta_round, everything
import tenant

pytestmark = pytest.mark.anyio
WINDOW = {"start_date_time": "2027-03-01T00:00:00Z", "end_date_time": "2027-04-01T00:00:00Z"}
View = CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters
Delta = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters


def preferring(*preferences, parameters=None):
    headers = HeadersCollection()
    headers.add("Prefer", ", ".join([IMMUTABLE, *preferences]))
    return RequestConfiguration(headers=headers, query_parameters=parameters)


def meeting(day=10, **more):
    return Event(
        subject=f"Meeting {day}",
        start=DateTimeTimeZone(date_time=f"2027-03-{day:02}T09:00:00", time_zone="Europe/Vienna"),
        end=DateTimeTimeZone(date_time=f"2027-03-{day:02}T10:00:00", time_zone="Europe/Vienna"),
        **more,
    )


def weekly(occurrences):
    """Mondays from March 1st on."""
    return PatternedRecurrence(
        pattern=RecurrencePattern(
            type=RecurrencePatternType.Weekly, interval=1, days_of_week=[DayOfWeek.Monday], first_day_of_week=DayOfWeek.Monday
        ),
        range=RecurrenceRange(
            type=RecurrenceRangeType.Numbered,
            start_date=dt.date(2027, 3, 1),
            number_of_occurrences=occurrences,
            recurrence_time_zone="Europe/Vienna",
        ),
    )


async def test_an_event_is_changed_and_deleted(user):
    made = await user.events.post(meeting(), preferring())
    assert (made.type, made.is_organizer) == (EventType.SingleInstance, True)
    one = user.events.by_event_id(made.id)
    changed = await one.patch(Event(location=Location(display_name="Room 2")), preferring())
    assert changed.location.display_name == "Room 2" and changed.start.date_time == made.start.date_time
    local = await one.get(preferring('outlook.timezone="Europe/Vienna"'))
    assert local.start.date_time.startswith("2027-03-10T09:00:00")
    await one.delete()
    with pytest.raises(ODataError) as refused:
        await one.get(preferring())
    assert refused.value.response_status_code == 404


async def test_events_page_by_page(graph, user):
    made = {(await user.events.post(meeting(day), preferring())).id for day in range(10, 15)}
    view = await user.calendar_view.get(preferring(parameters=View(**WINDOW, top=2, orderby=["start/dateTime"])))
    assert len(view.value) == 2
    items = await everything(graph, view)
    assert [item.subject for item in items] == [f"Meeting {day}" for day in range(10, 15)]
    assert {item.id for item in items} == made
    assert {item.id for item in await everything(graph, await user.events.get(preferring()))} == made


async def test_a_series_has_instances_and_an_exception(user):
    master = await user.events.post(meeting(1, recurrence=weekly(4)), preferring())
    assert master.type == EventType.SeriesMaster
    view = await user.calendar_view.get(preferring(parameters=View(**WINDOW, top=50)))
    assert [one.type for one in view.value] == [EventType.Occurrence] * 4
    second = sorted(view.value, key=lambda one: one.start.date_time)[1]
    assert second.series_master_id == master.id
    exception = await user.events.by_event_id(second.id).patch(Event(subject="Moved"), preferring())
    assert exception.type == EventType.Exception
    assert exception.original_start == dt.datetime(2027, 3, 8, 8, tzinfo=dt.timezone.utc)


async def test_the_delta_of_the_view(user):
    kept = await user.events.post(meeting(10), preferring())
    gone = await user.events.post(meeting(11), preferring())
    asked = preferring("odata.maxpagesize=1", parameters=Delta(**WINDOW))
    items, link = await delta_round(user.calendar_view.delta, asked)
    assert set(items) == {kept.id, gone.id}
    await user.events.by_event_id(kept.id).patch(Event(subject="Changed"), preferring())
    await user.events.by_event_id(gone.id).delete()
    items, _ = await delta_round(user.calendar_view.delta, preferring("odata.maxpagesize=1"), link)
    assert items[kept.id].subject == "Changed"
    assert "@removed" in items[gone.id].additional_data


async def test_an_invitation_is_accepted_and_cancelled(graph, user):
    guest = tenant.person()
    attendee = Attendee(email_address=EmailAddress(address=guest["mail"], name="Guest"))
    made = await user.events.post(meeting(attendees=[attendee]), preferring())
    guests = graph.users.by_user_id(guest["id"]).events
    (copy,) = (await guests.get(preferring())).value
    assert (copy.i_cal_u_id, copy.is_organizer) == (made.i_cal_u_id, False)
    await guests.by_event_id(copy.id).accept.post(AcceptPostRequestBody(send_response=True))
    answered = await user.events.by_event_id(made.id).get(preferring())
    assert answered.attendees[0].status.response == ResponseType.Accepted
    with pytest.raises(ODataError) as refused:
        await guests.by_event_id(copy.id).cancel.post(CancelPostRequestBody(comment="no"))
    assert refused.value.response_status_code == 400
    await user.events.by_event_id(made.id).cancel.post(CancelPostRequestBody(comment="off"))
    assert (await user.events.get(preferring())).value == []


async def test_calendars(user):
    made = await user.calendars.post(Calendar(name="Trips"))
    one = user.calendars.by_calendar_id(made.id)
    assert (await one.patch(Calendar(name="Journeys"))).name == "Journeys"
    event = await one.events.post(meeting(), preferring())
    assert [seen.id for seen in (await one.events.get(preferring())).value] == [event.id]
    assert "Journeys" in [calendar.name for calendar in (await user.calendars.get()).value]
    await one.delete()
    assert "Journeys" not in [calendar.name for calendar in (await user.calendars.get()).value]

"""Folders, messages and attachments."""

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.file_attachment import FileAttachment
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.mail_folder import MailFolder
from msgraph.generated.models.message import Message
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.users.item.messages.item.move.move_post_request_body import MovePostRequestBody
from msgraph.generated.users.item.messages.messages_request_builder import MessagesRequestBuilder
from sdk_paging import IMMUTABLE, delta_round, everything

pytestmark = pytest.mark.anyio
Query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters


def preferring(*preferences, parameters=None):
    headers = HeadersCollection()
    headers.add("Prefer", ", ".join([IMMUTABLE, *preferences]))
    return RequestConfiguration(headers=headers, query_parameters=parameters)


def offer(number=1):
    return Message(
        subject=f"Offer {number}",
        body=ItemBody(content_type=BodyType.Text, content="The offer"),
        to_recipients=[Recipient(email_address=EmailAddress(address="buyer@outside.example", name="Buyer"))],
    )


async def test_messages_page_by_page(graph, user):
    made = {(await user.messages.post(offer(number), preferring())).id for number in range(5)}
    first = await user.messages.get(preferring(parameters=Query(top=2, orderby=["subject"])))
    assert len(first.value) == 2
    items = await everything(graph, first)
    assert {item.id for item in items} == made
    assert [item.subject for item in items] == [f"Offer {number}" for number in range(5)]


async def test_a_message_is_changed_moved_copied_and_deleted(user):
    made = await user.messages.post(offer(), preferring())
    assert made.is_draft and made.to_recipients[0].email_address.address == "buyer@outside.example"
    one = user.messages.by_message_id(made.id)
    changed = await one.patch(Message(categories=["Blue category"]), preferring())
    assert changed.categories == ["Blue category"] and changed.subject == made.subject
    moved = await one.move.post(MovePostRequestBody(destination_id="archive"), preferring())
    assert moved.id == made.id and moved.parent_folder_id != made.parent_folder_id
    assert b"Offer 1" in await one.content.get()
    await one.delete()
    await one.delete()
    with pytest.raises(ODataError) as refused:
        await one.get(preferring())
    assert (refused.value.response_status_code, refused.value.error.code) == (404, "ErrorItemNotFound")


async def test_an_old_version_is_refused(user):
    made = await user.messages.post(offer(), preferring())
    one = user.messages.by_message_id(made.id)
    versioned = preferring()
    versioned.headers.add("If-Match", made.additional_data["@odata.etag"])
    await one.patch(Message(categories=["Blue category"]), versioned)
    with pytest.raises(ODataError) as refused:
        await one.patch(Message(categories=["Red category"]), versioned)
    assert (refused.value.response_status_code, refused.value.error.code) == (412, "ErrorIrresolvableConflict")


async def test_folders_and_their_delta(user):
    folders, link = await delta_round(user.mail_folders.delta, preferring())
    assert "Inbox" in [folder.display_name for folder in folders.values()]
    inbox = user.mail_folders.by_mail_folder_id("inbox")
    made = await inbox.child_folders.post(MailFolder(display_name="crm"))
    renamed = await user.mail_folders.by_mail_folder_id(made.id).patch(MailFolder(display_name="CRM"))
    assert renamed.display_name == "CRM" and renamed.parent_folder_id == made.parent_folder_id
    assert [child.id for child in (await inbox.child_folders.get()).value] == [made.id]
    changed, _ = await delta_round(user.mail_folders.delta, preferring(), link)
    assert changed[made.id].display_name == "CRM"


async def test_the_delta_of_a_folder(user):
    made = [await user.messages.post(offer(number), preferring()) for number in range(3)]
    delta = user.mail_folders.by_mail_folder_id("drafts").messages.delta
    items, link = await delta_round(delta, preferring("odata.maxpagesize=2"))
    assert set(items) == {message.id for message in made}
    await user.messages.by_message_id(made[0].id).patch(Message(is_read=True), preferring())
    await user.messages.by_message_id(made[1].id).delete()
    items, link = await delta_round(delta, preferring("odata.maxpagesize=2"), link)
    assert set(items) == {made[0].id, made[1].id}
    assert items[made[0].id].is_read
    assert items[made[1].id].additional_data["@removed"]["reason"] in ("deleted", "changed")


async def test_attachments(user):
    message = await user.messages.post(offer(), preferring())
    attachments = user.messages.by_message_id(message.id).attachments
    made = await attachments.post(FileAttachment(name="offer.txt", content_type="text/plain", content_bytes=b"offer"))
    assert made.odata_type == "#microsoft.graph.fileAttachment"
    (listed,) = (await attachments.get()).value
    assert isinstance(listed, FileAttachment) and listed.content_bytes == b"offer"
    await attachments.by_attachment_id(made.id).delete()
    assert (await attachments.get()).value == []

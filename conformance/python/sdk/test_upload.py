"""A large attachment with the SDK's own LargeFileUploadTask."""

import io

import pytest
from msgraph.generated.models.attachment_item import AttachmentItem
from msgraph.generated.models.attachment_type import AttachmentType
from msgraph.generated.models.message import Message
from msgraph.generated.users.item.messages.item.attachments.create_upload_session.create_upload_session_post_request_body import (
    CreateUploadSessionPostRequestBody,
)
from msgraph_core.tasks import LargeFileUploadTask

pytestmark = pytest.mark.anyio
MIB = 1024 * 1024


async def test_what_was_uploaded_in_parts_is_there_as_it_was(graph, user):
    message = await user.messages.post(Message(subject="Plan"))
    attachments = user.messages.by_message_id(message.id).attachments
    data = bytes(range(256)) * 4 * 1024 * 4 + b"end"
    item = AttachmentItem(attachment_type=AttachmentType.File, name="plan.bin", size=len(data))
    session = await attachments.create_upload_session.post(CreateUploadSessionPostRequestBody(attachment_item=item))
    assert session.upload_url and session.expiration_date_time
    task = LargeFileUploadTask(session, graph.request_adapter, io.BytesIO(data), max_chunk_size=MIB)
    # `upload` cannot read Outlook's "nextExpectedRanges", which name no end; its users say the ranges themselves.
    for start in range(0, len(data), MIB):
        task.next_range = f"{start}-{min(start + MIB, len(data)) - 1}"
        answer = await task.next_chunk(task.stream)
        if start + MIB < len(data):
            assert answer.next_expected_ranges == [f"{start + MIB}"]
    (saved,) = (await attachments.get()).value
    assert (saved.name, saved.content_bytes) == ("plan.bin", data)

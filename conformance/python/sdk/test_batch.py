"""$batch with the SDK's own classes."""

import pytest
import tenant
from msgraph.generated.models.message import Message
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

pytestmark = pytest.mark.anyio


def step(information, name, depends_on=None):
    """A step of a batch. The SDK keeps absolute URLs, which Graph refuses; its users take the host away."""
    item = BatchRequestItem(information, id=name, depends_on=depends_on)
    item.url = item.url.replace(f"{tenant.GRAPH}/v1.0", "")
    return item


async def test_writes_and_what_depends_on_them(graph, user):
    content = BatchRequestContent()
    content.add_request("made", step(user.messages.to_post_request_information(Message(subject="Offer")), "made"))
    content.add_request("list", step(user.messages.to_get_request_information(), "list", ["made"]))
    answers = await graph.batch.post(content)
    assert answers.get_response_status_codes() == {"made": 201, "list": 200}
    made = answers.get_response_by_id("made", Message)
    assert made.subject == "Offer"

    missing = user.mail_folders.by_mail_folder_id(made.id)
    content = BatchRequestContent()
    content.add_request("missing", step(missing.to_get_request_information(), "missing"))
    content.add_request("after", step(user.messages.to_get_request_information(), "after", ["missing"]))
    codes = (await graph.batch.post(content)).get_response_status_codes()
    assert codes["missing"] in (400, 404) and codes["after"] == 424


async def test_absolute_urls_are_refused(graph, user):
    content = BatchRequestContent()
    content.add_request("1", BatchRequestItem(user.to_get_request_information(), id="1"))
    assert (await graph.batch.post(content)).get_response_status_codes() == {"1": 400}

"""$batch with the SDK's own classes."""

import pytest
import tenant
from msgraph.generated.models.message import Message
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_content_collection import BatchRequestContentCollection
from msgraph_core.requests.batch_request_item import BatchRequestItem

pytestmark = pytest.mark.anyio


def step(information, name):
    """A step of a batch. The SDK may keep the host in its URL, which Graph refuses: its users take it away."""
    item = BatchRequestItem(information, id=name)
    item.url = item.url.removeprefix(f"{tenant.GRAPH}/v1.0")
    return item


def content(**steps):
    return BatchRequestContent({name: step(information, name) for name, information in steps.items()})


async def subjects(user):
    return sorted(message.subject for message in (await user.messages.get()).value)


async def test_reads_and_writes(graph, user):
    """Of the answers the SDK keeps the status; JSON bodies get lost in it, so the mailbox is asked."""
    posts = {name: user.messages.to_post_request_information(Message(subject=name)) for name in ("first", "second")}
    answers = await graph.batch.post(content(**posts))
    assert answers.get_response_status_codes() == {"first": 201, "second": 201}
    assert await subjects(user) == ["first", "second"]

    one, gone = [user.messages.by_message_id(message.id) for message in (await user.messages.get()).value]
    change = one.to_patch_request_information(Message(subject="changed"))
    steps = {"change": change, "read": one.to_get_request_information(), "gone": gone.to_delete_request_information()}
    answers = await graph.batch.post(content(**steps))
    assert answers.get_response_status_codes() == {"change": 200, "read": 200, "gone": 204}
    assert "changed" in await subjects(user)


async def test_a_step_fails_by_itself(graph, user):
    message = await user.messages.post(Message(subject="Offer"))
    here = user.messages.by_message_id(message.id)
    wrong = user.mail_folders.by_mail_folder_id(message.id)
    steps = content(here=here.to_get_request_information(), wrong=wrong.to_get_request_information())
    codes = (await graph.batch.post(steps)).get_response_status_codes()
    assert codes["here"] == 200 and codes["wrong"] in (400, 404)


async def test_more_than_twenty_go_in_several_batches(graph, user):
    collection = BatchRequestContentCollection()
    for number in range(25):
        made = user.messages.to_post_request_information(Message(subject=f"Offer {number}"))
        collection.add_batch_request_item(step(made, f"{number}"))
    answers = (await graph.batch.post(collection)).get_responses()
    assert [set(answer.get_response_status_codes().values()) for answer in answers] == [{201}, {201}]


async def test_absolute_urls_are_refused(graph, user, person):
    await user.get()
    absolute = BatchRequestItem(user.to_get_request_information(), id="1")
    assert absolute.url.startswith("https://")
    answers = await graph.batch.post(BatchRequestContent({"1": absolute}))
    assert answers.get_response_status_codes() == {"1": 400}

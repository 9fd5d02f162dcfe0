"""Contact folders and contacts, To Do lists and tasks."""

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.contact import Contact
from msgraph.generated.models.contact_folder import ContactFolder
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.importance import Importance
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.open_type_extension import OpenTypeExtension
from msgraph.generated.models.task_status import TaskStatus
from msgraph.generated.models.todo_task import TodoTask
from msgraph.generated.models.todo_task_list import TodoTaskList
from msgraph.generated.users.item.contacts.contacts_request_builder import ContactsRequestBuilder
from sdk_paging import delta_round, everything

pytestmark = pytest.mark.anyio


async def test_contacts(graph, user):
    folder = await user.contact_folders.post(ContactFolder(display_name="Buyers"))
    contacts = user.contact_folders.by_contact_folder_id(folder.id).contacts
    made = []
    for number in range(5):
        address = EmailAddress(address=f"ada{number}@outside.example", name="Ada")
        body = Contact(given_name="Ada", surname=f"Buyer {number}", display_name=f"Ada {number}", email_addresses=[address])
        made.append(await contacts.post(body))
    parameters = ContactsRequestBuilder.ContactsRequestBuilderGetQueryParameters(top=2)
    items = await everything(graph, await contacts.get(RequestConfiguration(query_parameters=parameters)))
    assert sorted(item.display_name for item in items) == [f"Ada {number}" for number in range(5)]
    seen, link = await delta_round(contacts.delta)
    assert len(seen) == 5
    one = user.contacts.by_contact_id(made[0].id)
    changed = await one.patch(Contact(display_name="Ada 0", job_title="Head of purchasing"))
    assert (changed.job_title, changed.surname) == ("Head of purchasing", "Buyer 0")
    await user.contacts.by_contact_id(made[1].id).delete()
    seen, _ = await delta_round(contacts.delta, link=link)
    assert len(seen) == 2
    assert ["@removed" in item.additional_data for item in seen.values()].count(True) == 1
    await user.contact_folders.by_contact_folder_id(folder.id).delete()
    with pytest.raises(ODataError) as refused:
        await one.get()
    assert refused.value.response_status_code == 404


async def test_tasks(graph, user):
    projects = await user.todo.lists.post(TodoTaskList(display_name="Projects"))
    tasks = user.todo.lists.by_todo_task_list_id(projects.id).tasks
    made = [await tasks.post(TodoTask(title=f"Call {number}", body=ItemBody(content="the offer"))) for number in range(3)]
    assert {item.title for item in await everything(graph, await tasks.get())} == {"Call 0", "Call 1", "Call 2"}
    seen, link = await delta_round(tasks.delta)
    assert set(seen) == {task.id for task in made}
    one = tasks.by_todo_task_id(made[0].id)
    done = await one.patch(TodoTask(status=TaskStatus.Completed, importance=Importance.High))
    assert (done.status, done.importance, done.title) == (TaskStatus.Completed, Importance.High, "Call 0")
    assert done.completed_date_time
    await tasks.by_todo_task_id(made[1].id).delete()
    seen, _ = await delta_round(tasks.delta, link=link)
    assert seen[made[0].id].status == TaskStatus.Completed
    assert "@removed" in seen[made[1].id].additional_data
    await user.todo.lists.by_todo_task_list_id(projects.id).delete()
    assert "Projects" not in [one.display_name for one in (await user.todo.lists.get()).value]


async def test_a_task_keeps_an_open_extension(user):
    (tasks,) = [one for one in (await user.todo.lists.get()).value if one.wellknown_list_name]
    tasks = user.todo.lists.by_todo_task_list_id(tasks.id).tasks
    extension = OpenTypeExtension(extension_name="com.meridian.key", additional_data={"key": "K1"})
    made = await tasks.post(TodoTask(title="Call", extensions=[extension]))
    read = await tasks.by_todo_task_id(made.id).extensions.by_extension_id("com.meridian.key").get()
    assert isinstance(read, OpenTypeExtension) and read.additional_data["key"] == "K1"

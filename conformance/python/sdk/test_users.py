"""Users, and what the app was not granted."""

import pytest
import tenant
from azure.core.exceptions import ClientAuthenticationError
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core import PageIterator
from certificate import self_signed
from sdk_clients import certified, client, credential

pytestmark = pytest.mark.anyio
Query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters


async def test_a_user_is_read_and_found(graph, user, person):
    read = await user.get()
    assert (read.id, read.mail) == (person["id"], person["mail"])
    parameters = Query(filter=f"mail eq '{person['mail']}'", select=["id", "proxyAddresses"])
    found = await graph.users.get(RequestConfiguration(query_parameters=parameters))
    assert [one.id for one in found.value] == [person["id"]]
    assert found.value[0].proxy_addresses == [f"SMTP:{person['mail']}"]


async def test_users_page_by_page(graph):
    made = {tenant.person()["id"] for _ in range(5)}
    first = await graph.users.get(RequestConfiguration(query_parameters=Query(top=2)))
    seen = []
    await PageIterator(first, graph.request_adapter).iterate(lambda one: seen.append(one.id) or True)
    assert made <= set(seen) and len(seen) == len(set(seen))


async def test_a_delta_of_the_directory(graph):
    page = await graph.users.delta.get()
    while page.odata_next_link:
        page = await graph.users.delta.with_url(page.odata_next_link).get()
    new = tenant.person()
    page = await graph.users.delta.with_url(page.odata_delta_link).get()
    assert new["id"] in [one.id for one in page.value]


async def test_mailbox_settings_need_a_role(user):
    with pytest.raises(ODataError) as refused:
        await user.mailbox_settings.get()
    assert refused.value.response_status_code == 403
    assert refused.value.error.code == "ErrorAccessDenied"


async def test_whom_nobody_knows_is_404(graph):
    with pytest.raises(ODataError) as refused:
        await graph.users.by_user_id("nobody@meridian.example").get()
    assert refused.value.response_status_code == 404
    assert refused.value.error.code == "Request_ResourceNotFound"
    assert refused.value.error.inner_error.request_id


async def test_a_certificate_serves_in_place_of_a_secret(person):
    private_key, certificate = self_signed("conformance")
    tenant.control("POST", f"/apps/{tenant.CLIENT_ID}/certificates", {"certificate": certificate})
    async with certified((private_key + certificate).encode()) as tokens:
        assert (await client(tokens).users.by_user_id(person["id"]).get()).id == person["id"]


async def test_a_wrong_secret_is_told(person):
    async with credential(client_secret="wrong") as tokens:
        with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
            await client(tokens).users.by_user_id(person["id"]).get()

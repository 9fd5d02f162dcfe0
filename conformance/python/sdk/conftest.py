"""A client and a person for each test."""

import pytest
import tenant
from sdk_clients import client, credential


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def person():
    return tenant.person()


@pytest.fixture
async def graph():
    async with credential() as tokens:
        yield client(tokens)


@pytest.fixture
def user(graph, person):
    """The request builder of the person."""
    return graph.users.by_user_id(person["id"])

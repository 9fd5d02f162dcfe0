"""Reads along in `requests`, on which both libraries stand; they know nothing of it."""

import pytest
import requests
import tenant
from light_clients import TenantAccount, TenantProtocol
from O365.utils.token import MemoryTokenBackend

_send = requests.Session.send


def _recorded(session, request, **options):
    answer = _send(session, request, **options)
    tenant.record(
        request.method,
        request.url,
        request.body,
        answer.status_code,
        answer.headers.get("content-type"),
        answer.content,
    )
    return answer


requests.Session.send = _recorded


@pytest.fixture
def person():
    return tenant.person()


@pytest.fixture
def account(person):
    """The account of an app that works in the mailbox of a new person."""
    account = TenantAccount(
        (tenant.CLIENT_ID, tenant.CLIENT_SECRET),
        auth_flow_type="credentials",
        tenant_id=tenant.TENANT_ID,
        protocol=TenantProtocol(timezone="Europe/Vienna"),
        main_resource=person["mail"],
        token_backend=MemoryTokenBackend(),
        requests_delay=0,
    )
    assert account.authenticate()
    return account

"""Faults of the service: what the SDK's own retry handler overcomes, and what it hands to its user."""

import pytest
import tenant
from msgraph.generated.models.message import Message
from msgraph.generated.models.o_data_errors.o_data_error import ODataError

pytestmark = pytest.mark.anyio


def played(rule):
    """How often the fault of a rule has happened."""
    return next(one["played"] for one in tenant.control("GET", "/faults")["rules"] if one["id"] == rule)


def arm(person, fault, **more):
    return tenant.control("POST", "/faults", {"fault": fault, "mailbox": person["id"], **more})["id"]


@pytest.mark.parametrize("fault", ["throttled", "service-unavailable", "gateway-timeout"])
async def test_retry_after_is_waited_out(user, person, fault):
    rule = arm(person, fault, count=2, **{"with": {"retry_after": 1}})
    assert (await user.messages.post(Message(subject="Offer"))).subject == "Offer"
    assert played(rule) == 2
    assert len((await user.messages.get()).value) == 1


async def test_throttling_without_end_is_handed_to_the_user(user, person):
    rule = arm(person, "throttled", **{"with": {"retry_after": 1}})
    with pytest.raises(ODataError) as refused:
        await user.messages.get()
    assert refused.value.response_status_code == 429
    assert refused.value.error.code in ("ApplicationThrottled", "TooManyRequests")
    assert played(rule) == 4


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("access-denied", 403, "ErrorAccessDenied"),
        ("conflict", 409, "ErrorIrresolvableConflict"),
        ("internal-server-error", 500, "InternalServerError"),
    ],
)
async def test_other_errors_are_handed_over_at_once(user, person, fault, status, code):
    rule = arm(person, fault)
    with pytest.raises(ODataError) as refused:
        await user.messages.post(Message(subject="Offer"))
    assert (refused.value.response_status_code, refused.value.error.code) == (status, code)
    assert played(rule) == 1

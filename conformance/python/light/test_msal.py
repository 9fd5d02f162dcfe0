"""Tokens, as Python's msal asks for them."""

import base64
import json

import pytest
import requests
import tenant
from certificate import self_signed
from light_clients import application


def graph(path, token):
    return requests.get(f"{tenant.GRAPH}/v1.0{path}", headers={"Authorization": f"Bearer {token}"}, timeout=30)


def test_a_secret_gets_a_token_and_the_cache_keeps_it(person):
    app = application()
    first = app.acquire_token_for_client(tenant.SCOPES)
    assert first["token_type"] == "Bearer" and first["token_source"] == "identity_provider"
    assert graph(f"/users/{person['id']}", first["access_token"]).json()["mail"] == person["mail"]
    second = app.acquire_token_for_client(tenant.SCOPES)
    assert second["token_source"] == "cache"
    assert second["access_token"] == first["access_token"]


def test_the_token_carries_what_was_granted():
    token = application().acquire_token_for_client(tenant.SCOPES)["access_token"]
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert claims["tid"] == tenant.TENANT_ID
    assert "Calendars.ReadWrite" in claims["roles"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"client_credential": "wrong"}, 7000215),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, 700016),
    ],
)
def test_refusals_carry_their_codes(more, code):
    refusal = application(**more).acquire_token_for_client(tenant.SCOPES)
    assert refusal["error_codes"] == [code]
    assert refusal["error_description"].startswith(f"AADSTS{code}: ")
    assert refusal["correlation_id"]


def test_a_certificate_serves_in_place_of_a_secret(person):
    private_key, certificate = self_signed("conformance")
    tenant.control("POST", f"/apps/{tenant.CLIENT_ID}/certificates", {"certificate": certificate})
    app = application(client_credential={"private_key": private_key, "public_certificate": certificate})
    token = app.acquire_token_for_client(tenant.SCOPES)["access_token"]
    assert graph(f"/users/{person['id']}", token).status_code == 200


def test_a_certificate_that_nobody_registered_is_refused():
    private_key, certificate = self_signed("stranger")
    app = application(client_credential={"private_key": private_key, "public_certificate": certificate})
    assert app.acquire_token_for_client(tenant.SCOPES)["error_codes"] == [700027]


def test_a_scope_of_its_own_is_refused():
    refusal = application().acquire_token_for_client(["https://graph.microsoft.com/Mail.Read"])
    assert refusal["error_codes"] == [1002012]


def test_graph_refuses_what_is_no_token(person):
    answer = graph(f"/users/{person['id']}", "nonsense")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")

"""msgraph-sdk and azure-identity, pointed at the tenant by nothing but their public options."""

import ssl
from urllib.parse import urlparse

import httpx
import tenant
from azure.identity.aio import CertificateCredential, ClientSecretCredential
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.graph_request_adapter import options
from msgraph_core import GraphClientFactory
from msgraph_core.authentication import AzureIdentityAuthenticationProvider

TRUSTED = ssl.create_default_context(cafile=tenant.CA)


FROM_TENANT = {"authority": tenant.LOGIN, "disable_instance_discovery": True, "connection_verify": tenant.CA}


def credential(client_secret=tenant.CLIENT_SECRET):
    """The app as azure-identity knows it, by its secret."""
    return ClientSecretCredential(tenant.TENANT_ID, tenant.CLIENT_ID, client_secret, **FROM_TENANT)


def certified(certificate):
    """The app as azure-identity knows it, by key and certificate in PEM."""
    return CertificateCredential(tenant.TENANT_ID, tenant.CLIENT_ID, certificate_data=certificate, **FROM_TENANT)


async def _read_along(response):
    await response.aread()
    request = response.request
    tenant.record(
        request.method,
        str(request.url),
        request.content,
        response.status_code,
        response.headers.get("content-type"),
        response.content,
    )


def client(tokens):
    """A client of Graph with its default middleware."""
    http = httpx.AsyncClient(verify=TRUSTED, timeout=30, event_hooks={"response": [_read_along]})
    http = GraphClientFactory.create_with_default_middleware(client=http, options=options)
    host = urlparse(tenant.GRAPH).hostname
    provider = AzureIdentityAuthenticationProvider(tokens, scopes=tenant.SCOPES, allowed_hosts=[host])
    adapter = GraphRequestAdapter(provider, http)
    adapter.base_url = f"{tenant.GRAPH}/v1.0"
    return GraphServiceClient(request_adapter=adapter)

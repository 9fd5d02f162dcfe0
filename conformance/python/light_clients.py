"""msal and O365, pointed at the tenant by nothing but their public options."""

import tenant
from O365 import Account, Connection, MSGraphProtocol
from msal import ConfidentialClientApplication


def application(**more):
    """The app as msal knows it."""
    options = {
        "client_id": tenant.CLIENT_ID,
        "client_credential": tenant.CLIENT_SECRET,
        "authority": tenant.AUTHORITY,
        "instance_discovery": False,
        **more,
    }
    return ConfidentialClientApplication(**options)


class TenantProtocol(MSGraphProtocol):
    """Graph at another address: the way of O365 to say so."""

    _protocol_url = f"{tenant.GRAPH}/"


class TenantConnection(Connection):
    """O365 makes its msal application here, for login.microsoftonline.com only."""

    @property
    def msal_client(self):
        if self._msal_client is None:
            self._msal_client = application(token_cache=self.token_backend)
        return self._msal_client


class TenantAccount(Account):
    connection_constructor = TenantConnection

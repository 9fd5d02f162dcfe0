// Microsoft's clients, pointed at the tenant by nothing but their public options.

import "./recorder.mjs";
import { ClientSecretCredential } from "@azure/identity";
import { ConfidentialClientApplication } from "@azure/msal-node";
import { Client } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";
import { tenant } from "./tenant.mjs";

export const SCOPES = ["https://graph.microsoft.com/.default"];

/** The app as @azure/msal-node knows it; `more` goes into its `auth`. */
export function application(more = {}) {
  return new ConfidentialClientApplication({
    auth: {
      clientId: tenant.client_id,
      clientSecret: tenant.client_secret,
      authority: `${tenant.login}/${tenant.tenant_id}`,
      knownAuthorities: [new URL(tenant.login).host],
      ...more,
    },
  });
}

/** A Graph client whose tokens come from @azure/msal-node. */
export function graph(app = application()) {
  const getAccessToken = async () => (await app.acquireTokenByClientCredential({ scopes: SCOPES })).accessToken;
  return withTokens({ getAccessToken });
}

/** A Graph client with tokens of any origin. */
export function withTokens(authProvider) {
  const { origin, hostname } = new URL(tenant.graph);
  return Client.initWithMiddleware({ authProvider, baseUrl: `${origin}/`, customHosts: new Set([hostname]) });
}

/** Where @azure/identity gets its tokens. */
export const FROM_TENANT = { authorityHost: tenant.login, disableInstanceDiscovery: true };

/** The app as @azure/identity knows it. */
export function credential(more = {}) {
  const { tenant_id, client_id, client_secret } = { ...tenant, ...more };
  return new ClientSecretCredential(tenant_id, client_id, client_secret, FROM_TENANT);
}

/** A Graph client whose tokens come from a credential of @azure/identity. */
export function graphOf(tokens = credential()) {
  return withTokens(new TokenCredentialAuthenticationProvider(tokens, { scopes: SCOPES }));
}

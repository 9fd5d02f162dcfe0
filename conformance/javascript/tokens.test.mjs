// Tokens, as the two libraries of Microsoft ask for them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientCertificateCredential } from "@azure/identity";
import { selfSigned } from "./certificate.mjs";
import { application, credential, FROM_TENANT, graph, graphOf, SCOPES, withTokens } from "./clients.mjs";
import { isGraphError } from "./refusal.mjs";
import { control, person, tenant } from "./tenant.mjs";

const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());

test("msal-node gets a token by secret, and a second time out of its cache", async () => {
  const app = application();
  const first = await app.acquireTokenByClientCredential({ scopes: SCOPES });
  assert.equal(first.tokenType, "Bearer");
  assert.ok(first.expiresOn > new Date());
  assert.equal(first.fromCache, false);
  const second = await app.acquireTokenByClientCredential({ scopes: SCOPES });
  assert.equal(second.fromCache, true);
  assert.equal(second.accessToken, first.accessToken);
});

test("the token says for whom it is and what was granted", async () => {
  const { accessToken } = await application().acquireTokenByClientCredential({ scopes: SCOPES });
  const { aud, tid, appid, roles, exp } = claims(accessToken);
  assert.deepEqual([aud, tid, appid], ["https://graph.microsoft.com", tenant.tenant_id, tenant.client_id]);
  assert.ok(roles.includes("Mail.ReadWrite") && roles.includes("Tasks.ReadWrite.All"));
  assert.ok(!roles.includes("MailboxSettings.Read") && !roles.includes("Mail.Send"));
  assert.ok(exp > Date.now() / 1000);
});

test("@azure/identity gets a token that Graph takes", async () => {
  const { id } = await person();
  assert.equal((await graphOf().api(`/users/${id}`).get()).id, id);
});

test("a certificate serves both libraries in place of a secret", async () => {
  const { certificate, privateKey, thumbprintSha256 } = selfSigned("conformance");
  await control("POST", `/apps/${tenant.client_id}/certificates`, { certificate });
  const { id } = await person();
  const app = application({ clientSecret: undefined, clientCertificate: { thumbprintSha256, privateKey } });
  assert.equal((await graph(app).api(`/users/${id}`).get()).id, id);
  const known = new ClientCertificateCredential(tenant.tenant_id, tenant.client_id, { certificate: `${privateKey}${certificate}` }, FROM_TENANT);
  assert.equal((await graphOf(known).api(`/users/${id}`).get()).id, id);
});

test("a certificate that nobody registered is refused", async () => {
  const { privateKey, thumbprintSha256 } = selfSigned("stranger");
  const app = application({ clientSecret: undefined, clientCertificate: { thumbprintSha256, privateKey } });
  await assert.rejects(app.acquireTokenByClientCredential({ scopes: SCOPES }), /AADSTS700027/);
});

test("what was not consented to is refused, until it is", async () => {
  const { appId } = await control("POST", "/apps", { displayName: "Reader", roles: ["User.Read.All"] });
  const { secretText } = await control("POST", `/apps/${appId}/secrets`, {});
  const client = () => graph(application({ clientId: appId, clientSecret: secretText }));
  const { id } = await person();
  const early = client();
  assert.equal((await early.api(`/users/${id}`).get()).id, id);
  await assert.rejects(early.api(`/users/${id}/messages`).get(), isGraphError(403, "ErrorAccessDenied"));
  await control("PATCH", `/apps/${appId}`, { roles: ["User.Read.All", "Mail.Read"] });
  await assert.rejects(early.api(`/users/${id}/messages`).get(), isGraphError(403, "ErrorAccessDenied"));
  const late = client();
  assert.deepEqual((await late.api(`/users/${id}/messages`).get()).value, []);
  await assert.rejects(late.api(`/users/${id}/messages`).post({ subject: "x" }), isGraphError(403, "ErrorAccessDenied"));
});

const WRONG = [
  ["a wrong secret", { clientSecret: "wrong" }, 7000215],
  ["an unknown application", { clientId: "00000000-0000-4000-8000-000000000000" }, 700016],
];
for (const [name, more, code] of WRONG) {
  test(`msal-node tells ${name}`, async () => {
    await assert.rejects(application(more).acquireTokenByClientCredential({ scopes: SCOPES }), (error) => {
      assert.match(`${error.errorMessage} ${error.message}`, new RegExp(`AADSTS${code}`));
      return true;
    });
  });
}

test("an unknown tenant has no endpoints", async () => {
  const authority = `${tenant.login}/00000000-0000-4000-8000-000000000000`;
  const asked = application({ authority }).acquireTokenByClientCredential({ scopes: SCOPES });
  await assert.rejects(asked, ({ errorCode }) => errorCode === "endpoints_resolution_error");
});

test("@azure/identity tells a wrong secret", async () => {
  await assert.rejects(credential({ client_secret: "wrong" }).getToken(SCOPES), /AADSTS7000215/);
});

test("Graph refuses what Entra did not sign", async () => {
  const { id } = await person();
  const { accessToken } = await application().acquireTokenByClientCredential({ scopes: SCOPES });
  const [header, body, signature] = accessToken.split(".");
  const greedy = { ...claims(accessToken), roles: ["Mail.Send"] };
  const forged = [header, Buffer.from(JSON.stringify(greedy)).toString("base64url"), signature].join(".");
  for (const token of ["nonsense", forged]) {
    const client = withTokens({ getAccessToken: async () => token });
    await assert.rejects(client.api(`/users/${id}`).get(), isGraphError(401, "InvalidAuthenticationToken"));
  }
  await assert.doesNotReject(graph().api(`/users/${id}`).get());
});

// The directory, and what the six permissions of the app do not open.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchRequestContent, BatchResponseContent, PageIterator } from "@microsoft/microsoft-graph-client";
import { graph } from "./clients.mjs";
import { isGraphError } from "./refusal.mjs";
import { person } from "./tenant.mjs";

test("a user is found by id, by name and by $filter", async () => {
  const client = graph();
  const { id, mail } = await person({ proxyAddresses: [`smtp:second.${process.pid}@meridian.example`] });
  assert.equal((await client.api(`/users/${id}`).get()).mail, mail);
  assert.equal((await client.api(`/users/${mail}`).get()).id, id);
  const found = await client.api("/users").filter(`mail eq '${mail}'`).select("id,mail,proxyAddresses").get();
  assert.deepEqual(found.value.map((user) => user.id), [id]);
  assert.ok(found.value[0].proxyAddresses.includes(`SMTP:${mail}`));
});

test("users come page by page", async () => {
  const client = graph();
  const made = [];
  for (let n = 0; n < 5; n += 1) made.push((await person()).id);
  const seen = [];
  const iterator = new PageIterator(client, await client.api("/users").top(2).get(), ({ id }) => seen.push(id) > 0);
  await iterator.iterate();
  assert.equal(new Set(seen).size, seen.length);
  for (const id of made) assert.ok(seen.includes(id));
});

test("users are read in a batch", async () => {
  const client = graph();
  const people = [await person(), await person()];
  const step = ({ id }) => ({ id, request: new Request(`https://graph.microsoft.com/users/${id}`) });
  const content = await new BatchRequestContent(people.map(step)).getContent();
  const answers = new BatchResponseContent(await client.api("/$batch").post(content));
  for (const { id, mail } of people) assert.equal((await answers.getResponseById(id).json()).mail, mail);
});

test("whom nobody knows is 404", async () => {
  const client = graph();
  await assert.rejects(client.api("/users/nobody@meridian.example").get(), isGraphError(404, "Request_ResourceNotFound"));
  const folders = client.api("/users/nobody@meridian.example/mailFolders");
  await assert.rejects(folders.get(), isGraphError(404, /ErrorInvalidUser|Request_ResourceNotFound/));
});

test("mailbox settings and sending need roles that were not granted", async () => {
  const client = graph();
  const { id, mail } = await person();
  const refused = isGraphError(403, "ErrorAccessDenied");
  await assert.rejects(client.api(`/users/${id}/mailboxSettings`).get(), refused);
  await assert.rejects(client.api(`/users/${id}/mailboxSettings`).patch({ timeZone: "UTC" }), refused);
  const message = { subject: "Hello", body: { contentType: "text", content: "Hello" }, toRecipients: [{ emailAddress: { address: mail } }] };
  await assert.rejects(client.api(`/users/${id}/sendMail`).post({ message }), refused);
});

test("writing to the directory needs a role that was not granted", async () => {
  const { id } = await person();
  const change = graph().api(`/users/${id}`).patch({ displayName: "Renamed" });
  await assert.rejects(change, isGraphError(403, "Authorization_RequestDenied"));
});

test("an app has no self", async () => {
  await assert.rejects(graph().api("/me").get(), isGraphError(400, "BadRequest"));
});

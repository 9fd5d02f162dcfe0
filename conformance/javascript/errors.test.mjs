// One error of each class, as the client hands it to its user. 401 is in tokens, 403 in users, 410 in delta, 412 in
// lifecycle: each with the feature that brings it.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { graph } from "./clients.mjs";
import { isGraphError } from "./refusal.mjs";
import { RESOURCES } from "./resources.mjs";
import { Stage } from "./stage.mjs";

const WRONG_BODIES = {
  messages: { importance: "urgent" },
  events: { start: "tomorrow" },
  tasks: { status: "postponed" },
  contacts: { emailAddresses: "ada@outside.example" },
  "mail folders": {},
};
for (const [name, body] of Object.entries(WRONG_BODIES)) {
  test(`${name}: a body that is none is refused with 400`, async () => {
    const stage = await Stage.of(name);
    await assert.rejects(stage.api(stage.resource.collection).post(body), isGraphError(400, /.+/));
  });
}

test("a filter that cannot be read is refused with 400", async () => {
  const stage = await Stage.of("messages");
  await assert.rejects(stage.api("messages").filter("subject equals 'x'").get(), isGraphError(400, /.+/));
  await assert.rejects(stage.api("messages").filter("colour eq 'red'").get(), isGraphError(400, /.+/));
});

test("a delta link that is none is refused", async () => {
  const stage = await Stage.of("messages");
  const path = stage.path("mailFolders/inbox/messages/delta?$deltatoken=nonsense");
  await assert.rejects(stage.client.api(path).get(), (error) => [400, 410].includes(error.statusCode));
});

for (const name of Object.keys(RESOURCES)) {
  test(`${name}: an id of somebody else is none here`, async () => {
    const [stage, other] = [await Stage.of(name), await Stage.of(name)];
    const { id } = await other.make(1);
    const status = (error) => [400, 404].includes(error.statusCode) && error.code.length > 0;
    await assert.rejects(stage.api(stage.item(id)).get(), status);
  });
}

test("a second folder of one name is refused with 409", async () => {
  const stage = await Stage.of("mail folders");
  await stage.make(1);
  await assert.rejects(stage.make(1), isGraphError(409, "ErrorFolderExists"));
});

test("a repeated transaction makes no second event", async () => {
  const stage = await Stage.of("events");
  const body = { ...stage.resource.make(1), transactionId: randomUUID() };
  const first = await stage.api("events").post(body);
  assert.equal((await stage.api("events").post(body)).id, first.id);
  assert.equal((await stage.api("events").get()).value.length, 1);
});

test("an error carries the ids that support asks for", async () => {
  const refused = graph().api("/users/nobody@meridian.example").header("client-request-id", "11111111-2222-4333-8444-555555555555").get();
  await assert.rejects(refused, (error) => {
    assert.match(error.requestId, /^[0-9a-f-]{36}$/);
    assert.ok(error.date instanceof Date && !Number.isNaN(error.date.getTime()));
    const { innerError } = JSON.parse(error.body);
    assert.equal(innerError["client-request-id"], "11111111-2222-4333-8444-555555555555");
    return true;
  });
});

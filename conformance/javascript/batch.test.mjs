// $batch, with the client's own classes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchRequestContent, BatchResponseContent } from "@microsoft/microsoft-graph-client";
import { isGraphError } from "./refusal.mjs";
import { IMMUTABLE, RESOURCES } from "./resources.mjs";
import { Stage } from "./stage.mjs";

/** One step; the client sends what stands behind the host. */
function step(id, method, path, body, dependsOn) {
  const headers = body === undefined ? IMMUTABLE : { ...IMMUTABLE, "Content-Type": "application/json" };
  const request = new Request(`https://graph.microsoft.com${path}`, { method, headers, body: body && JSON.stringify(body) });
  return { id, request, dependsOn };
}

async function send(client, steps) {
  const content = await new BatchRequestContent(steps).getContent();
  return new BatchResponseContent(await client.api("/$batch").post(content));
}

for (const [name, resource] of Object.entries(RESOURCES)) {
  test(`${name}: create, read, change and delete in one batch each`, async () => {
    const stage = await Stage.of(name);
    const collection = stage.path(stage.resource.collection);
    const creates = [1, 2, 3].map((n) => step(`${n}`, "POST", collection, resource.make(n)));
    const created = await send(stage.client, creates);
    const ids = [];
    for (const { id } of creates) {
      const answer = created.getResponseById(id);
      assert.equal(answer.status, 201);
      ids.push((await answer.json()).id);
    }
    const [kept, changed, gone] = ids.map((id) => stage.path(stage.item(id)));
    const steps = [step("read", "GET", kept), step("gone", "DELETE", gone), step("list", "GET", collection)];
    if (resource.change) steps.push(step("changed", "PATCH", changed, resource.change));
    const answers = await send(stage.client, steps);
    assert.equal((await answers.getResponseById("read").json()).id, ids[0]);
    assert.equal(answers.getResponseById("gone").status, 204);
    assert.ok(Array.isArray((await answers.getResponseById("list").json()).value));
    if (resource.change) assert.ok(resource.shows(await answers.getResponseById("changed").json()));
  });
}

test("a step waits for the one that it depends on, and is not done when that fails", async () => {
  const stage = await Stage.of("messages");
  const { id } = await stage.make(1);
  const messages = stage.path("messages");
  const done = await send(stage.client, [
    step("1", "PATCH", `${messages}/${id}`, { subject: "Changed" }),
    step("2", "GET", `${messages}/${id}`, undefined, ["1"]),
  ]);
  assert.equal((await done.getResponseById("2").json()).subject, "Changed");
  const failed = await send(stage.client, [
    step("1", "GET", `${stage.path("mailFolders")}/${id}`),
    step("2", "DELETE", `${messages}/${id}`, undefined, ["1"]),
  ]);
  assert.ok(failed.getResponseById("1").status >= 400);
  assert.equal(failed.getResponseById("2").status, 424);
  assert.equal((await stage.api(`messages/${id}`).get()).id, id);
});

test("steps fail by themselves", async () => {
  const stage = await Stage.of("messages");
  const { id } = await stage.make(1);
  const missing = (await stage.make(2)).id;
  await stage.api(`messages/${missing}`).delete();
  await stage.api(`messages/${missing}`).delete();
  const answers = await send(stage.client, [
    step("here", "GET", stage.path(`messages/${id}`)),
    step("missing", "GET", stage.path(`messages/${missing}`)),
  ]);
  assert.equal(answers.getResponseById("here").status, 200);
  assert.equal(answers.getResponseById("missing").status, 404);
  assert.equal((await answers.getResponseById("missing").json()).error.code, "ErrorItemNotFound");
});

test("more than twenty steps, and a doubled id, are refused", async () => {
  const { client, user } = await Stage.of("messages");
  const steps = (ids) => ids.map((id) => ({ id: `${id}`, method: "GET", url: `/users/${user}` }));
  const post = (requests) => client.api("/$batch").post({ requests });
  await assert.rejects(post(steps(Array.from({ length: 21 }, (_, n) => n))), isGraphError(400, /.+/));
  await assert.rejects(post(steps([1, 1])), isGraphError(400, /.+/));
});

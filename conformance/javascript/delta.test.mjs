// Delta queries, followed with the client's own PageIterator.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PageIterator } from "@microsoft/microsoft-graph-client";
import { graph } from "./clients.mjs";
import { isGraphError } from "./refusal.mjs";
import { IMMUTABLE, RESOURCES } from "./resources.mjs";
import { Stage } from "./stage.mjs";
import { person } from "./tenant.mjs";

/** One round from a URL: items by id with their last state, and the link for the next round. */
async function round(client, url, pageSize = 2) {
  const headers = { Prefer: `${IMMUTABLE.Prefer}, odata.maxpagesize=${pageSize}` };
  const items = new Map();
  const keep = (item) => Boolean(items.set(item.id, item));
  const iterator = new PageIterator(client, await client.api(url).headers(headers).get(), keep, { headers });
  await iterator.iterate();
  const link = iterator.getDeltaLink();
  assert.ok(link, "the last page brings a delta link");
  return { items, link };
}

const followed = Object.entries(RESOURCES).filter(([name]) => ["tasks", "contacts"].includes(name) || RESOURCES[name].delta);
for (const [name, resource] of followed) {
  test(`${name}: rounds tell what is new, what changed and what went`, async () => {
    const stage = await Stage.of(name);
    const made = await stage.fill(3);
    const first = await round(stage.client, stage.path(stage.resource.delta));
    for (const { id } of made) assert.ok(first.items.has(id), `${id} comes with the first round`);

    const quiet = await round(stage.client, first.link);
    assert.deepEqual([...quiet.items.keys()], []);

    const [kept, changed, gone] = made;
    await stage.api(stage.item(changed.id)).patch(resource.change);
    await stage.api(stage.item(gone.id)).delete();
    const created = await stage.make(4);
    const { items } = await round(stage.client, quiet.link);
    assert.ok(!items.has(kept.id), "what stayed as it was is not told");
    assert.ok(items.has(created.id), "what is new is told");
    assert.ok(resource.shows(items.get(changed.id)), "what changed is told as it is now");
    if (name === "mail folders") {
      // A deleted folder is first moved to Deleted Items, and folders of all levels are followed.
      const bin = await stage.api("mailFolders/deleteditems").get();
      assert.equal(items.get(gone.id).parentFolderId, bin.id);
    } else {
      assert.match(items.get(gone.id)["@removed"].reason, /^(deleted|changed)$/);
    }
  });
}

test("a moved message leaves one folder and comes into the other", async () => {
  const stage = await Stage.of("messages");
  const { id } = await stage.make(1);
  const drafts = await round(stage.client, stage.path("mailFolders/drafts/messages/delta"));
  const archive = await round(stage.client, stage.path("mailFolders/archive/messages/delta"));
  await stage.api(`messages/${id}/move`).post({ destinationId: "archive" });
  assert.ok((await round(stage.client, drafts.link)).items.get(id)["@removed"]);
  assert.equal((await round(stage.client, archive.link)).items.get(id).subject, "Offer 1");
});

test("$select of the first request is kept in the links", async () => {
  const stage = await Stage.of("messages");
  await stage.fill(3);
  const { items } = await round(stage.client, `${stage.path("mailFolders/drafts/messages/delta")}?$select=subject`, 1);
  for (const item of items.values()) {
    assert.deepEqual(Object.keys(item).filter((name) => !name.startsWith("@")).sort(), ["id", "subject"]);
  }
});

test("users come with a delta of the directory", async () => {
  const client = graph();
  const before = await round(client, "/users/delta", 100);
  const { id } = await person();
  const after = await round(client, before.link, 100);
  assert.deepEqual([...after.items.keys()].includes(id), true);
});

test("a token of which newer generations were used dies with 410", async () => {
  const stage = await Stage.of("messages");
  const old = await round(stage.client, stage.path("mailFolders/drafts/messages/delta"));
  let newest = old;
  for (let n = 1; n <= 12; n += 1) {
    await stage.make(n);
    newest = await round(stage.client, newest.link);
  }
  await assert.rejects(round(stage.client, old.link), isGraphError(410, /[Ss]yncState(NotFound|Invalid)/));
  assert.equal((await round(stage.client, stage.path("mailFolders/drafts/messages/delta"))).items.size, 12);
});

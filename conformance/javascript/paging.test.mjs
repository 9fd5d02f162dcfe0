// Lists, page by page, with the client's own PageIterator.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PageIterator } from "@microsoft/microsoft-graph-client";
import { IMMUTABLE, RESOURCES } from "./resources.mjs";
import { Stage } from "./stage.mjs";

/** All items from a first page on. */
async function all(client, first) {
  const items = [];
  const iterator = new PageIterator(client, first, (item) => items.push(item) > 0, { headers: IMMUTABLE });
  await iterator.iterate();
  assert.ok(iterator.isComplete());
  return items;
}

for (const [name, resource] of Object.entries(RESOURCES)) {
  test(`${name}: pages of every size give the same set`, async () => {
    const stage = await Stage.of(name);
    const made = (await stage.fill(5)).map(({ id }) => id);
    const path = () => stage.api(resource.list ?? stage.resource.collection);
    const whole = (await path().top(100).get()).value.map(({ id }) => id);
    for (const id of made) assert.ok(whole.includes(id), `${id} is in the list`);
    // Attachments of a message come in one answer.
    for (const size of resource.whole ? [] : [1, 2, 5]) {
      const first = await path().top(size).get();
      assert.equal(first.value.length, size);
      const ids = (await all(stage.client, first)).map(({ id }) => id);
      assert.deepEqual(ids.sort(), whole.sort());
    }
  });
}

test("an iterator that was stopped goes on where it stood", async () => {
  const stage = await Stage.of("messages");
  await stage.fill(5);
  const seen = [];
  const first = await stage.api("messages").top(2).get();
  const iterator = new PageIterator(stage.client, first, ({ id }) => seen.push(id) !== 3, { headers: IMMUTABLE });
  await iterator.iterate();
  assert.equal(seen.length, 3);
  assert.ok(!iterator.isComplete());
  await iterator.resume();
  assert.equal(new Set(seen).size, 5);
  assert.ok(iterator.isComplete());
});

test("$filter, $orderby, $count and $skip", async () => {
  const stage = await Stage.of("messages");
  await stage.fill(5);
  const answer = await stage.api("messages").count(true).orderby("subject desc").skip(1).top(2).get();
  assert.equal(answer["@odata.count"], 5);
  assert.deepEqual(answer.value.map(({ subject }) => subject), ["Offer 4", "Offer 3"]);
  const found = await stage.api("messages").filter("subject eq 'Offer 2'").get();
  assert.deepEqual(found.value.map(({ subject }) => subject), ["Offer 2"]);
});

test("$expand brings attachments and extended properties", async () => {
  const stage = await Stage.of("messages");
  const property = { id: "String {00020329-0000-0000-C000-000000000046} Name TandemKey", value: "K1" };
  const { id } = await stage.api("messages").post({ ...stage.resource.make(1), singleValueExtendedProperties: [property] });
  await stage.api(`messages/${id}/attachments`).post(RESOURCES.attachments.make(1));
  const read = await stage.api(`messages/${id}`).expand(["attachments", `singleValueExtendedProperties($filter=id eq '${property.id}')`]).get();
  assert.equal(read.attachments[0].name, "offer-1.txt");
  assert.equal(read.singleValueExtendedProperties[0].value, "K1");
  const filter = `singleValueExtendedProperties/Any(ep: ep/id eq '${property.id}' and ep/value eq 'K1')`;
  assert.deepEqual((await stage.api("messages").filter(filter).get()).value.map((message) => message.id), [id]);
});

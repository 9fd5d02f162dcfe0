// What an application keeps of its own in other people's items, and ids that are translated.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isGraphError } from "./refusal.mjs";
import { Stage } from "./stage.mjs";

const NAME = "com.meridian.key";

for (const resource of ["messages", "events", "contacts", "tasks"]) {
  test(`${resource}: an open extension is made with the item and read beside it`, async () => {
    const stage = await Stage.of(resource);
    const extension = { "@odata.type": "#microsoft.graph.openTypeExtension", extensionName: NAME, key: "K1", rank: 3 };
    const { id } = await stage.api(stage.resource.collection).post({ ...stage.resource.make(1), extensions: [extension] });
    const one = await stage.api(`${stage.item(id)}/extensions/${NAME}`).get();
    assert.deepEqual([one.extensionName, one.key, one.rank], [NAME, "K1", 3]);
    const read = await stage.api(stage.item(id)).expand(`extensions($filter=id eq '${NAME}')`).get();
    assert.equal(read.extensions[0].key, "K1");
  });
}

for (const resource of ["messages", "events", "contacts", "mail folders"]) {
  test(`${resource}: an extended property comes when asked for`, async () => {
    const stage = await Stage.of(resource);
    const property = { id: "String {00020329-0000-0000-C000-000000000046} Name TandemKey", value: "K1" };
    const { id } = await stage.api(stage.resource.collection).post({ ...stage.resource.make(1), singleValueExtendedProperties: [property] });
    assert.equal((await stage.api(stage.item(id)).get()).singleValueExtendedProperties, undefined);
    const expand = `singleValueExtendedProperties($filter=id eq '${property.id}')`;
    const [read] = (await stage.api(stage.item(id)).expand(expand).get()).singleValueExtendedProperties;
    assert.equal(read.value, "K1");
    await stage.api(stage.item(id)).patch({ singleValueExtendedProperties: [{ ...property, value: "K2" }] });
    const [changed] = (await stage.api(stage.item(id)).expand(expand).get()).singleValueExtendedProperties;
    assert.equal(changed.value, "K2");
  });
}

test("regular ids are translated into immutable ones and back", async () => {
  const { client, user } = await Stage.of("messages");
  const regular = (await client.api(`/users/${user}/messages`).post({ subject: "Offer" })).id;
  const translate = (inputIds, sourceIdType, targetIdType) =>
    client.api(`/users/${user}/translateExchangeIds`).post({ inputIds, sourceIdType, targetIdType });
  const there = await translate([regular, "nonsense"], "restId", "restImmutableEntryId");
  const [{ targetId }, failed] = there.value;
  assert.equal(there.value[0].sourceId, regular);
  assert.ok(failed.errorDetails.code);
  assert.equal((await client.api(`/users/${user}/messages/${targetId}`).get()).subject, "Offer");
  assert.equal((await translate([targetId], "restImmutableEntryId", "restId")).value[0].targetId, regular);
});

test("a task has steps and links", async () => {
  const stage = await Stage.of("tasks");
  const { id } = await stage.make(1);
  const step = await stage.api(`${stage.item(id)}/checklistItems`).post({ displayName: "Look the number up" });
  assert.equal(step.isChecked, false);
  const done = await stage.api(`${stage.item(id)}/checklistItems/${step.id}`).patch({ isChecked: true });
  assert.equal(done.isChecked, true);
  const link = { webUrl: "https://crm.example/1", applicationName: "CRM", displayName: "Deal 1", externalId: "1" };
  assert.equal((await stage.api(`${stage.item(id)}/linkedResources`).post(link)).externalId, "1");
  const read = await stage.api(stage.item(id)).expand("linkedResources,checklistItems").get();
  assert.equal(read.linkedResources.length, 1);
  await stage.api(`${stage.item(id)}/checklistItems/${step.id}`).delete();
  await assert.rejects(stage.api(`${stage.item(id)}/checklistItems/${step.id}`).get(), isGraphError(404, /.+/));
});

test("attachments of all three kinds", async () => {
  const stage = await Stage.of("attachments");
  const post = (body) => stage.api(stage.resource.collection).post(body);
  await post(stage.resource.make(1));
  const message = { "@odata.type": "#microsoft.graph.message", subject: "Inner", body: { contentType: "text", content: "within" } };
  const item = await post({ "@odata.type": "#microsoft.graph.itemAttachment", name: "Inner", item: message });
  const link = { "@odata.type": "#microsoft.graph.referenceAttachment", name: "Plan" };
  const reference = await post(link);
  const { value } = await stage.api(stage.resource.collection).get();
  assert.deepEqual(value.map((one) => one["@odata.type"].split(".").at(-1)).sort(), ["fileAttachment", "itemAttachment", "referenceAttachment"]);
  const inner = await stage.api(stage.item(item.id)).expand("microsoft.graph.itemAttachment/item").get();
  assert.equal(inner.item.subject, "Inner");
  await assert.rejects(stage.api(`${stage.item(reference.id)}/$value`).get(), isGraphError(405, /.+/));
});

test("$search finds words in mails", async () => {
  const stage = await Stage.of("messages");
  await stage.fill(3);
  const { value } = await stage.api("messages").search('"subject:Offer"').get();
  assert.equal(value.length, 3);
  assert.deepEqual((await stage.api("messages").search('"no. 2"').get()).value.map(({ subject }) => subject), ["Offer 2"]);
});

// Create, read, change, move and delete, for every resource.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isGraphError } from "./refusal.mjs";
import { RESOURCES } from "./resources.mjs";
import { Stage } from "./stage.mjs";

for (const [name, resource] of Object.entries(RESOURCES)) {
  test(`${name}: what was created can be read`, async () => {
    const stage = await Stage.of(name);
    const made = await stage.make(1);
    const read = await stage.api(stage.item(made.id)).get();
    for (const [property, value] of Object.entries(made)) {
      if (!property.startsWith("@")) assert.deepEqual(read[property], value, property);
    }
  });

  test(`${name}: $select brings what it names, and the id`, async () => {
    const stage = await Stage.of(name);
    const { id } = await stage.make(1);
    const property = Object.keys(resource.make(1)).find((key) => !/^@|transactionId|contentBytes/.test(key));
    const read = await stage.api(stage.item(id)).select(property).get();
    const members = Object.keys(read).filter((key) => !key.startsWith("@")).sort();
    assert.deepEqual(members, ["id", property].sort());
  });

  if (resource.change) {
    test(`${name}: a PATCH changes what it names and nothing else`, async () => {
      const stage = await Stage.of(name);
      const made = await stage.make(1);
      const patched = await stage.api(stage.item(made.id)).patch(resource.change);
      const read = await stage.api(stage.item(made.id)).get();
      for (const item of [patched, read]) assert.ok(resource.shows(item), JSON.stringify(item));
      assert.equal(read.id, made.id);
      const unchanged = ["subject", "title", "start", "surname", "parentFolderId", "createdDateTime"];
      for (const property of unchanged) assert.deepEqual(read[property], made[property], property);
    });
  }

  if (resource.versions) {
    test(`${name}: a write on an old version is refused with 412`, async () => {
      const stage = await Stage.of(name);
      const made = await stage.make(1);
      const old = made["@odata.etag"];
      const first = stage.api(stage.item(made.id)).header("If-Match", old);
      assert.notEqual((await first.patch(resource.change))["@odata.etag"], old);
      const second = stage.api(stage.item(made.id)).header("If-Match", old);
      await assert.rejects(second.patch(resource.change), isGraphError(412, "ErrorIrresolvableConflict"));
    });
  }

  if (resource.moves) {
    test(`${name}: a move keeps the immutable id`, async () => {
      const stage = await Stage.of(name);
      const made = await stage.make(1);
      const moved = await stage.api(`${stage.item(made.id)}/move`).post({ destinationId: "archive" });
      assert.equal(moved.id, made.id);
      assert.notEqual(moved.parentFolderId, made.parentFolderId);
      const archive = await stage.api("mailFolders/archive").get();
      assert.equal((await stage.api(stage.item(made.id)).get()).parentFolderId, archive.id);
    });
  }

  test(`${name}: what was deleted is gone`, async () => {
    const stage = await Stage.of(name);
    const [kept, gone] = await stage.fill(2);
    assert.equal(await stage.api(stage.item(gone.id)).delete(), undefined);
    if (resource.bin) {
      const bin = await stage.api("mailFolders/deleteditems").get();
      assert.equal((await stage.api(stage.item(gone.id)).get()).parentFolderId, bin.id);
      await stage.api(stage.item(gone.id)).delete();
    }
    const left = (await stage.api(resource.list ?? stage.resource.collection).top(100).get()).value;
    assert.ok(!left.some(({ id }) => id === gone.id));
    assert.ok(left.some(({ id }) => id === kept.id));
    await assert.rejects(stage.api(stage.item(gone.id)).get(), isGraphError(404, /^(ErrorItemNotFound|ResourceNotFound)$/));
  });
}

test("a message moved with regular ids is known by another id", async () => {
  const { client, user } = await Stage.of("messages");
  const made = await client.api(`/users/${user}/messages`).post({ subject: "Offer" });
  const moved = await client.api(`/users/${user}/messages/${made.id}/move`).post({ destinationId: "archive" });
  assert.notEqual(moved.id, made.id);
  await assert.rejects(client.api(`/users/${user}/messages/${made.id}`).get(), isGraphError(404, "ErrorItemNotFound"));
});

test("a copied message is there twice", async () => {
  const stage = await Stage.of("messages");
  const made = await stage.make(1);
  const copy = await stage.api(`messages/${made.id}/copy`).post({ destinationId: "archive" });
  assert.notEqual(copy.id, made.id);
  assert.equal(copy.subject, made.subject);
  assert.equal((await stage.api(`messages/${made.id}`).get()).id, made.id);
});

test("the raw bytes of an attachment and the MIME of its message", async () => {
  const stage = await Stage.of("attachments");
  const { id } = await stage.make(1);
  const raw = await stage.api(`${stage.item(id)}/$value`).responseType("arraybuffer").get();
  assert.equal(Buffer.from(raw).toString(), "offer 1");
  const mime = await stage.api(`${stage.resource.collection.replace("/attachments", "")}/$value`).responseType("text").get();
  assert.match(mime, /^MIME-Version: 1\.0/m);
  assert.match(mime, /offer-1\.txt/);
});

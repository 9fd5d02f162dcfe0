// Subscriptions and what they bring.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PageIterator } from "@microsoft/microsoft-graph-client";
import { Receiver } from "./receiver.mjs";
import { isGraphError } from "./refusal.mjs";
import { Stage } from "./stage.mjs";

const HOUR = 3_600_000;
const inHours = (hours) => new Date(Date.now() + hours * HOUR).toISOString();

/** Runs a test with a person, a receiver and a way to subscribe; ends receiver and subscriptions. */
function watching(name, resource, run, greet) {
  test(name, async () => {
    const stage = await Stage.of(resource);
    const receiver = await Receiver.open(greet);
    const made = [];
    const subscribe = async (path, more = {}) => {
      const body = {
        changeType: "created,updated,deleted",
        notificationUrl: receiver.url,
        resource: `/users/${stage.user}/${path}`,
        expirationDateTime: inHours(2),
        clientState: "secret",
        ...more,
      };
      const subscription = await stage.client.api("/subscriptions").headers({ Prefer: 'IdType="ImmutableId"' }).post(body);
      made.push(subscription.id);
      return subscription;
    };
    try {
      await run({ stage, receiver, subscribe });
    } finally {
      for (const id of made) await stage.client.api(`/subscriptions/${id}`).delete().catch(() => undefined);
      await receiver.close();
    }
  });
}

for (const [resource, path] of [["messages", "messages"], ["events", "events"], ["contacts", "contacts"]]) {
  watching(`${resource}: created, updated and deleted are told`, resource, async ({ stage, receiver, subscribe }) => {
    const folder = resource === "contacts" ? stage.resource.collection : path;
    const subscription = await subscribe(folder);
    const told = (changeType, id) => receiver.one((one) => one.changeType === changeType && one.resourceData.id === id);
    const made = await stage.make(1);
    const created = await told("created", made.id);
    assert.equal(created.subscriptionId, subscription.id);
    assert.equal(created.clientState, "secret");
    assert.ok(created.resource.includes(made.id));
    await stage.api(stage.item(made.id)).patch(stage.resource.change);
    await told("updated", made.id);
    await stage.api(stage.item(made.id)).delete();
    if (resource === "messages") await stage.api(stage.item(made.id)).delete();
    await told("deleted", made.id);
  });
}

watching("a subscription is read, listed, renewed and deleted", "messages", async ({ stage, subscribe }) => {
  const made = await subscribe("messages");
  const one = () => stage.client.api(`/subscriptions/${made.id}`);
  assert.equal((await one().get()).resource, made.resource);
  const seen = [];
  const first = await stage.client.api("/subscriptions").get();
  await new PageIterator(stage.client, first, ({ id }) => seen.push(id) > 0).iterate();
  assert.ok(seen.includes(made.id));
  const renewed = await one().patch({ expirationDateTime: inHours(10) });
  assert.ok(new Date(renewed.expirationDateTime) > new Date(made.expirationDateTime));
  await one().delete();
  await assert.rejects(one().get(), isGraphError(404, /.+/));
});

watching("a receiver that does not echo gets no subscription", "messages", async ({ subscribe }) => {
  await assert.rejects(subscribe("messages"), isGraphError(400, /.+/));
}, () => [200, "something else"]);

watching("more than seven days are refused", "messages", async ({ subscribe }) => {
  await assert.rejects(subscribe("messages", { expirationDateTime: inHours(24 * 8) }), isGraphError(400, /.+/));
});

watching("a second one that is equal is refused with 409", "messages", async ({ subscribe }) => {
  await subscribe("messages");
  await assert.rejects(subscribe("messages"), isGraphError(409, /.+/));
});

watching("tasks are not told to an app", "tasks", async ({ stage, subscribe }) => {
  await assert.rejects(subscribe(stage.resource.collection), (error) => error.statusCode === 403 || error.statusCode === 400);
});

// Faults of the service: what the client's own retry handler overcomes, and what it hands to its user.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchRequestContent, BatchResponseContent, PageIterator } from "@microsoft/microsoft-graph-client";
import { statuses } from "./recorder.mjs";
import { isGraphError } from "./refusal.mjs";
import { IMMUTABLE } from "./resources.mjs";
import { Stage } from "./stage.mjs";
import { control } from "./tenant.mjs";

/** A person in whose mailbox a fault happens to some requests. */
async function faulty(rule, resource = "messages", items = 0) {
  const stage = await Stage.of(resource);
  stage.made = await stage.fill(items);
  await control("POST", "/faults", { mailbox: stage.user, ...rule });
  statuses.splice(0);
  return stage;
}

const OVERCOME = [
  ["throttled", 429, { retry_after: 1 }],
  ["service-unavailable", 503, { retry_after: 1 }],
  ["gateway-timeout", 504, { retry_after: 1 }],
];
for (const [fault, status, more] of OVERCOME) {
  test(`${status} with Retry-After is waited out, for reads and for writes`, async () => {
    const stage = await faulty({ fault, with: more, count: 2 });
    const begun = Date.now();
    assert.deepEqual((await stage.api("messages").get()).value, []);
    assert.deepEqual(statuses.splice(0), [status, status, 200]);
    assert.ok(Date.now() - begun >= 2000, "the client came again before it was told to");
    await control("POST", "/faults", { fault, with: more, mailbox: stage.user, count: 1 });
    assert.equal((await stage.make(1)).subject, "Offer 1");
    assert.deepEqual(statuses, [status, 201]);
    assert.equal((await stage.api("messages").get()).value.length, 1);
  });
}

test("429 without end is handed to the user after three retries", async () => {
  const stage = await faulty({ fault: "throttled", with: { retry_after: 0 } });
  await assert.rejects(stage.api("messages").get(), (error) => {
    assert.equal(error.headers.get("retry-after"), "0");
    return isGraphError(429, /ApplicationThrottled|TooManyRequests/)(error);
  });
  assert.deepEqual(statuses, [429, 429, 429, 429]);
});

test("a step of a batch is throttled by itself", async () => {
  const stage = await faulty({ fault: "throttled", with: { retry_after: 7 }, nth: 2 });
  const request = new Request(`https://graph.microsoft.com${stage.path("messages")}`);
  const content = await new BatchRequestContent(["1", "2"].map((id) => ({ id, request }))).getContent();
  const answers = new BatchResponseContent(await stage.client.api("/$batch").post(content));
  assert.deepEqual(["1", "2"].map((id) => answers.getResponseById(id).status).sort(), [200, 429]);
  const throttled = ["1", "2"].map((id) => answers.getResponseById(id)).find(({ status }) => status === 429);
  assert.equal(throttled.headers.get("retry-after"), "7");
});

test("a token that ends between two pages costs nothing that was read", async () => {
  const stage = await faulty({ fault: "token-expired-mid-page", count: 1 }, "messages", 5);
  const seen = [];
  const first = await stage.api("messages").top(2).get();
  const iterator = new PageIterator(stage.client, first, ({ id }) => seen.push(id) > 0, { headers: IMMUTABLE });
  await assert.rejects(iterator.iterate(), isGraphError(401, "InvalidAuthenticationToken"));
  await iterator.resume();
  assert.deepEqual(seen.sort(), stage.made.map(({ id }) => id).sort());
});

const HANDED_OVER = [
  ["access-denied", 403, "ErrorAccessDenied"],
  ["conflict", 409, "ErrorIrresolvableConflict"],
  ["precondition-failed", 412, "ErrorIrresolvableConflict"],
  ["internal-server-error", 500, "InternalServerError"],
  ["bad-gateway", 502, "BadGateway"],
];
for (const [fault, status, code] of HANDED_OVER) {
  test(`${status} is handed to the user at once, and only in its mailbox`, async () => {
    const stage = await faulty({ fault }, "events");
    await assert.rejects(stage.make(1), isGraphError(status, code));
    assert.deepEqual(statuses, [status]);
    assert.equal((await (await Stage.of("events")).make(1)).subject, "Meeting 1");
  });
}

test("an answer that was cut is no answer", async () => {
  const stage = await faulty({ fault: "truncated", count: 1 }, "messages", 3);
  await assert.rejects(stage.api("messages").get());
  assert.equal((await stage.api("messages").get()).value.length, 3);
});

test("a write whose answer is lost took effect", async () => {
  const stage = await faulty({ fault: "reply-lost", with: { broken: true }, count: 1 });
  await assert.rejects(stage.make(1));
  assert.equal((await stage.api("messages").get()).value.length, 1);
});

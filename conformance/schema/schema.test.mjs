// The validator itself: what is right passes, and each way of being wrong is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { typesOf } from "./types.mjs";
import { Validator } from "./validate.mjs";

const types = typesOf();
const MESSAGE = {
  "@odata.context": "https://graph/v1.0/$metadata#users('u')/messages/$entity",
  "@odata.etag": "W/\"1\"",
  id: "m",
  subject: "Offer",
  importance: "normal",
  isRead: false,
  receivedDateTime: "2026-03-01T08:00:00Z",
  from: { emailAddress: { name: "A", address: "a@meridian.example" } },
  toRecipients: [],
  flag: { flagStatus: "notFlagged" },
};

function wrong(change, { method = "GET", path = "/v1.0/users/u/messages/m", status = 200, requestBody } = {}) {
  const body = JSON.stringify(typeof change === "function" ? change() : { ...MESSAGE, ...change });
  const exchange = { method, url: `https://graph${path}`, requestBody, status, contentType: "application/json", body };
  return new Validator(types).exchange(exchange);
}

test("a right message passes", () => {
  assert.deepEqual(wrong({}), []);
});

const REFUSED = [
  ["an unknown property", { colour: "red" }, /colour is no property of Message/],
  ["a property of the beta", { uid: "1" }, /uid is no property of Message/],
  ["a property of another entity", { attendees: [] }, /attendees is no property/],
  ["a wrong case", { Subject: "Offer" }, /Subject is no property/],
  ["a number for a text", { subject: 7 }, /subject is number, no string/],
  ["a text for a truth", { isRead: "false" }, /isRead is string, no boolean/],
  ["null where null is not declared", { id: null }, /id is null, no string/],
  ["an object for a list", { toRecipients: {} }, /toRecipients is object, no array/],
  ["a wrong member of a list", { toRecipients: [{ address: "a@b" }] }, /toRecipients\[0\]\.address is no property of Recipient/],
  ["an unknown word of an enumeration", { importance: "urgent" }, /importance is "urgent", none of low, normal, high/],
  ["an enumeration nested deeper", { flag: { flagStatus: "red" } }, /flag\.flagStatus is "red"/],
  ["a local time for an instant", { receivedDateTime: "2026-03-01 08:00" }, /receivedDateTime is 2026-03-01 08:00, no instant/],
  ["an unknown annotation", { "@odata.colour": "red" }, /@odata\.colour is an unknown annotation/],
  ["an annotation of the wrong type", { "@odata.etag": 1 }, /@odata\.etag is number, no string/],
  ["an annotation of no property", { "colour@odata.type": "x" }, /annotates no property/],
  ["a type that is not derived", { "@odata.type": "#microsoft.graph.event" }, /which is no Message/],
];
for (const [name, change, expected] of REFUSED) {
  test(`${name} is refused`, () => {
    const found = wrong(change);
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0], expected);
  });
}

test("a derived type brings its own properties", () => {
  assert.deepEqual(wrong({ "@odata.type": "#microsoft.graph.eventMessageRequest", meetingRequestType: "newMeetingRequest" }), []);
  assert.match(wrong({ meetingRequestType: "newMeetingRequest" })[0], /no property of Message/);
});

test("a collection is one, and its members are held against their type", () => {
  const path = "/v1.0/users/u/mailFolders/inbox/messages/delta";
  assert.deepEqual(wrong(() => ({ value: [MESSAGE, { id: "x", "@removed": { reason: "deleted" } }] }), { path }), []);
  assert.match(wrong(() => MESSAGE, { path })[0], /is no collection/);
  assert.match(wrong(() => ({ value: [{ id: 3 }] }), { path })[0], /value\[0\]\.id is number/);
});

test("paths lead to types", () => {
  const folder = { id: "f", displayName: "Offers", childFolderCount: 0 };
  const right = (path, method, body) => assert.deepEqual(wrong(() => body, { path, method, status: 200 }), []);
  right("/v1.0/users/u/mailFolders/f/childFolders", "POST", folder);
  right("/v1.0/users/u/messages/m/move", "POST", MESSAGE);
  right("/v1.0/users/u/todo/lists/l/tasks/t", "GET", { id: "t", status: "notStarted" });
  right("/v1.0/users/u/calendarView/delta()", "GET", { value: [{ id: "e", type: "occurrence" }] });
  right("/v1.0/users/u/events/e/extensions/com.meridian.key", "GET", { "@odata.type": "#microsoft.graph.openTypeExtension", id: "x", extensionName: "x", anything: [1] });
  right("/v1.0/users/u/translateExchangeIds", "POST", { value: [{ sourceId: "a", targetId: "b" }] });
  assert.match(wrong({}, { path: "/v1.0/users/u/letters" })[0], /no path of Graph/);
  assert.match(wrong({}, { path: "/beta/users" })[0], /neither Graph nor Entra/);
  assert.match(wrong({}, { path: "/v1.0/users/u/messages/m", method: "DELETE" })[0], /a body where none belongs/);
});

test("errors have Graph's shape", () => {
  const error = { code: "ErrorItemNotFound", message: "gone", innerError: { date: "2026-03-01T08:00:00", "request-id": "r", "client-request-id": "c" } };
  assert.deepEqual(wrong(() => ({ error }), { status: 404 }), []);
  assert.match(wrong(() => ({ error: { message: "gone" } }), { status: 404 })[0], /lacks code/);
  assert.match(wrong(() => ({ error: { ...error, hint: "x" } }), { status: 404 })[0], /hint is no property of PublicError/);
  assert.match(wrong(() => error, { status: 404 })[0], /is no/);
});

test("the answers of a batch are held against their requests", () => {
  const requests = [{ id: "1", method: "GET", url: "/users/u/messages/m" }, { id: "2", method: "GET", url: "/users/u/events?$top=1" }];
  const options = { path: "/v1.0/$batch", method: "POST", requestBody: JSON.stringify({ requests }) };
  const answers = (message, events) => () => ({ responses: [{ id: "1", status: 200, headers: {}, body: message }, { id: "2", status: 200, body: events }] });
  assert.deepEqual(wrong(answers(MESSAGE, { value: [] }), options), []);
  assert.match(wrong(answers({ colour: 1 }, { value: [] }), options)[0], /responses\[0\]\.body\.colour is no property of Message/);
  assert.match(wrong(answers(MESSAGE, { value: [MESSAGE] }), options)[0], /isRead is no property of Event/);
});

test("what goes out by itself is validated too", () => {
  const notification = { subscriptionId: "s", changeType: "created", resource: "users/u/messages/m", resourceData: { "@odata.type": "#Microsoft.Graph.Message", id: "m" }, tenantId: "t", clientState: "c", subscriptionExpirationDateTime: "2026-03-01T08:00:00Z" };
  assert.deepEqual(new Validator(types).sent("ChangeNotificationCollection", JSON.stringify({ value: [notification] })), []);
  assert.match(new Validator(types).sent("ChangeNotificationCollection", JSON.stringify({ value: [{ ...notification, changeType: "moved" }] }))[0], /"moved"/);
});

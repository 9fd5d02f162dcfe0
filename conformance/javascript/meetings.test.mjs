// Series and invitations.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isGraphError } from "./refusal.mjs";
import { IMMUTABLE } from "./resources.mjs";
import { Stage } from "./stage.mjs";
import { person } from "./tenant.mjs";

const SPRING = "startDateTime=2027-03-01T00:00:00Z&endDateTime=2027-05-01T00:00:00Z";
const WEEKLY = {
  subject: "Weekly",
  start: { dateTime: "2027-03-15T09:00:00", timeZone: "W. Europe Standard Time" },
  end: { dateTime: "2027-03-15T10:00:00", timeZone: "W. Europe Standard Time" },
  recurrence: {
    pattern: { type: "weekly", interval: 1, daysOfWeek: ["monday"], firstDayOfWeek: "monday" },
    range: { type: "numbered", startDate: "2027-03-15", numberOfOccurrences: 4, recurrenceTimeZone: "W. Europe Standard Time" },
  },
};

test("a series keeps its hour on the wall when the clocks go forward", async () => {
  const stage = await Stage.of("events");
  const master = await stage.api("events").post(WEEKLY);
  assert.equal(master.type, "seriesMaster");
  const { value } = await stage.api(`events/${master.id}/instances?${SPRING}`).get();
  assert.deepEqual(value.map(({ start }) => start.dateTime.slice(0, 16)).sort(), [
    "2027-03-15T08:00", "2027-03-22T08:00", "2027-03-29T07:00", "2027-04-05T07:00",
  ]);
  const zone = { Prefer: `${IMMUTABLE.Prefer}, outlook.timezone="Europe/Vienna"` };
  const local = await stage.api(`calendarView?${SPRING}`).headers(zone).get();
  for (const { start } of local.value) {
    assert.equal(start.timeZone, "Europe/Vienna");
    assert.match(start.dateTime, /T09:00:00/);
  }
});

test("exceptions and cancelled occurrences stand in their master", async () => {
  const stage = await Stage.of("events");
  const { id } = await stage.api("events").post(WEEKLY);
  const { value } = await stage.api(`events/${id}/instances?${SPRING}`).orderby("start/dateTime").get();
  const moved = await stage.api(`events/${value[1].id}`).patch({ subject: "Another" });
  assert.equal(moved.type, "exception");
  assert.equal(moved.seriesMasterId, id);
  assert.match(moved.originalStart, /^2027-03-22T08:00:00/);
  await stage.api(`events/${value[2].id}`).delete();
  const master = await stage.api(`events/${id}`).select("subject,cancelledOccurrences").expand("exceptionOccurrences").get();
  assert.deepEqual(master.exceptionOccurrences.map(({ subject }) => subject), ["Another"]);
  assert.equal(master.cancelledOccurrences.length, 1);
  assert.ok(master.cancelledOccurrences[0].endsWith("2027-03-29"));
  assert.equal((await stage.api(`calendarView?${SPRING}`).get()).value.length, 3);
});

/** A meeting of two, from both sides. */
async function invited() {
  const stage = await Stage.of("events");
  const guest = await person();
  const attendees = [{ emailAddress: { address: guest.mail, name: "Guest" }, type: "required" }];
  const made = await stage.api("events").post({ ...stage.resource.make(5), attendees });
  const theirs = new Stage(stage.client, guest.id, stage.resource);
  const [copy] = (await theirs.api("events").get()).value;
  return { stage, made, theirs, copy };
}

for (const [action, response] of [["accept", "accepted"], ["tentativelyAccept", "tentativelyAccepted"], ["decline", "declined"]]) {
  test(`an invitation arrives, and the organiser sees ${action}`, async () => {
    const { stage, made, theirs, copy } = await invited();
    assert.equal(copy.iCalUId, made.iCalUId);
    assert.equal(copy.isOrganizer, false);
    assert.equal(copy.responseStatus.response, "notResponded");
    await theirs.api(`events/${copy.id}/${action}`).post({ sendResponse: true, comment: "well" });
    const seen = await stage.api(`events/${made.id}`).get();
    assert.equal(seen.attendees[0].status.response, response);
    await theirs.api("mailFolders/inbox/messages").get();
  });
}

test("a changed meeting changes for all, and a cancelled one is over", async () => {
  const { stage, made, theirs, copy } = await invited();
  await stage.api(`events/${made.id}`).patch({ location: { displayName: "Room 9" } });
  assert.equal((await theirs.api(`events/${copy.id}`).get()).location.displayName, "Room 9");
  await assert.rejects(theirs.api(`events/${copy.id}/cancel`).post({ comment: "no" }), isGraphError(400, /.+/));
  await stage.api(`events/${made.id}/cancel`).post({ comment: "off" });
  await assert.rejects(stage.api(`events/${made.id}`).get(), isGraphError(404, "ErrorItemNotFound"));
  const left = (await theirs.api("events").get()).value;
  assert.ok(left.every(({ isCancelled }) => isCancelled));
});

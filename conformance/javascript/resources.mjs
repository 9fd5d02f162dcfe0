// What every resource is asked to do: where it is, how one is made, and what is changed about it.

import { randomUUID } from "node:crypto";

/** Preferences that a connector sends with every request. */
export const IMMUTABLE = { Prefer: 'IdType="ImmutableId"' };

const WINDOW = "startDateTime=2027-03-01T00:00:00Z&endDateTime=2027-04-01T00:00:00Z";

/**
 * Per resource:
 *   `collection`  path that lists and creates, below the user; `make` a new body by number
 *   `change`      body of a PATCH, or undefined where there is none; `shows` whether an item shows it
 *   `delta`       path of the delta query, or undefined where v1.0 has none
 *   `versions`    whether If-Match is heeded
 *   `moves`       whether it can be moved to another mail folder
 *   `bin`         whether a deleted item lies in Deleted Items first
 *   `list`        path that lists, where `collection` only creates; `one` where one item is read
 *   `whole`       whether the collection comes in one answer, whatever its size
 *   `prepare`     makes what the collection hangs on, and answers the rest of its path
 */
export const RESOURCES = {
  messages: {
    collection: "messages",
    make: (n) => ({
      subject: `Offer ${n}`,
      body: { contentType: "text", content: `The offer no. ${n}` },
      toRecipients: [{ emailAddress: { address: "buyer@outside.example", name: "Buyer" } }],
    }),
    change: { categories: ["Blue category"], isRead: true },
    shows: (item) => item.categories.includes("Blue category") && item.isRead === true,
    delta: "mailFolders/drafts/messages/delta",
    versions: true,
    moves: true,
    bin: true,
  },
  "mail folders": {
    collection: "mailFolders",
    make: (n) => ({ displayName: `Offers ${n}` }),
    change: { displayName: "Renamed" },
    shows: (item) => item.displayName === "Renamed",
    delta: "mailFolders/delta",
    moves: true,
    bin: true,
  },
  "child folders": {
    collection: "mailFolders/inbox/childFolders",
    make: (n) => ({ displayName: `Child ${n}` }),
    one: "mailFolders",
    bin: true,
    change: { displayName: "Renamed" },
    shows: (item) => item.displayName === "Renamed",
  },
  attachments: {
    prepare: async (client, user) => {
      const draft = await client.api(`/users/${user}/messages`).headers(IMMUTABLE).post({ subject: "With files" });
      return { collection: `messages/${draft.id}/attachments` };
    },
    make: (n) => ({
      "@odata.type": "#microsoft.graph.fileAttachment",
      name: `offer-${n}.txt`,
      contentType: "text/plain",
      contentBytes: Buffer.from(`offer ${n}`).toString("base64"),
    }),
    whole: true,
  },
  events: {
    collection: "events",
    make: (n) => ({
      subject: `Meeting ${n}`,
      start: { dateTime: `2027-03-1${n}T09:00:00`, timeZone: "Europe/Vienna" },
      end: { dateTime: `2027-03-1${n}T10:00:00`, timeZone: "Europe/Vienna" },
      transactionId: randomUUID(),
    }),
    change: { location: { displayName: "Room 2" }, showAs: "tentative" },
    shows: (item) => item.location.displayName === "Room 2" && item.showAs === "tentative",
    delta: `calendarView/delta?${WINDOW}`,
    versions: true,
  },
  "calendar view": {
    collection: "events",
    list: `calendarView?${WINDOW}`,
    make: (n) => ({
      subject: `Seen ${n}`,
      start: { dateTime: `2027-03-1${n}T12:00:00`, timeZone: "W. Europe Standard Time" },
      end: { dateTime: `2027-03-1${n}T12:30:00`, timeZone: "W. Europe Standard Time" },
    }),
    change: { isReminderOn: false },
    shows: (item) => item.isReminderOn === false,
  },
  calendars: {
    collection: "calendars",
    make: (n) => ({ name: `Trips ${n}` }),
    change: { name: "Renamed" },
    shows: (item) => item.name === "Renamed",
  },
  "task lists": {
    collection: "todo/lists",
    make: (n) => ({ displayName: `Projects ${n}` }),
    change: { displayName: "Renamed" },
    shows: (item) => item.displayName === "Renamed",
    delta: "todo/lists/delta",
  },
  tasks: {
    prepare: async (client, user) => {
      const list = await client.api(`/users/${user}/todo/lists`).post({ displayName: "Projects" });
      return { collection: `todo/lists/${list.id}/tasks`, delta: `todo/lists/${list.id}/tasks/delta` };
    },
    make: (n) => ({
      title: `Call ${n}`,
      body: { contentType: "text", content: "about the offer" },
      dueDateTime: { dateTime: "2027-03-12T00:00:00", timeZone: "UTC" },
    }),
    change: { status: "completed", importance: "high" },
    shows: (item) => item.status === "completed" && item.importance === "high",
  },
  "contact folders": {
    collection: "contactFolders",
    make: (n) => ({ displayName: `Buyers ${n}` }),
    change: { displayName: "Renamed" },
    shows: (item) => item.displayName === "Renamed",
    delta: "contactFolders/delta",
  },
  contacts: {
    prepare: async (client, user) => {
      const folder = await client.api(`/users/${user}/contactFolders`).post({ displayName: "Buyers" });
      const collection = `contactFolders/${folder.id}/contacts`;
      return { collection, delta: `${collection}/delta` };
    },
    make: (n) => ({
      givenName: "Ada",
      surname: `Buyer ${n}`,
      displayName: `Ada Buyer ${n}`,
      emailAddresses: [{ address: `ada${n}@outside.example`, name: "Ada" }],
      businessPhones: ["+43 1 1234"],
    }),
    change: { displayName: "Ada Renamed", jobTitle: "Head of purchasing" },
    shows: (item) => item.displayName === "Ada Renamed" && item.jobTitle === "Head of purchasing",
    versions: true,
  },
};

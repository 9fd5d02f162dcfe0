// The tenant under test: where it is, and its control API.
//
// The environment variable TENANT holds the line that `tandem tenant` prints when it is ready.

import assert from "node:assert/strict";
import { basename } from "node:path";

if (!process.env.TENANT) throw new Error("TENANT must hold the ready line of `tandem tenant`; see conformance/README.md");

/** `graph`, `login` and `control` are URLs; `tenant_id`, `client_id` and `client_secret` are the app's. */
export const tenant = JSON.parse(process.env.TENANT);

/** Asks the control API; fails the test when it refuses. */
export async function control(method, path, body) {
  const answer = await fetch(`${tenant.control}${path}`, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path} of the control API: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

let people = 0;

/** A new user with an empty mailbox. Test files run side by side, in processes of their own. */
export async function person(more = {}) {
  people += 1;
  const mail = `${basename(process.argv[1], ".test.mjs")}.${process.pid}.${people}@meridian.example`;
  return control("POST", "/users", { mail, displayName: `Person ${people}`, timeZone: "Europe/Vienna", ...more });
}

// Reads along: every exchange with Graph is held against its types, whichever client made it.
//
// The clients are unmodified and know nothing of it; `fetch` of the process is what they are given. A test file that
// imports this fails the test during which a body was wrong.

import assert from "node:assert/strict";
import { afterEach } from "node:test";
import { Validator } from "../schema/validate.mjs";
import { tenant } from "./tenant.mjs";

const validator = new Validator();
const wrong = [];
const underneath = globalThis.fetch;

/** Status codes of the answers of Graph in the order in which they came; `splice` it to begin anew. */
export const statuses = [];

globalThis.fetch = async (input, init) => {
  const url = typeof input === "string" ? input : (input.url ?? String(input));
  const response = await underneath(input, init);
  if (url.startsWith(tenant.control)) return response;
  if (url.startsWith(`${tenant.graph}/v1.0`)) statuses.push(response.status);
  let body;
  try {
    body = await response.clone().text();
  } catch {
    // An answer that was cut on its way; the client meets the same end.
    return response;
  }
  const exchange = {
    method: (init?.method ?? input.method ?? "GET").toUpperCase(),
    url,
    requestBody: typeof init?.body === "string" ? init.body : undefined,
    status: response.status,
    contentType: response.headers.get("content-type"),
    body,
  };
  wrong.push(...validator.exchange(exchange));
  return response;
};

/** Validates what the tenant sent by itself. */
export function received(entity, body) {
  wrong.push(...validator.sent(entity, body));
}

afterEach(() => {
  // One mistake of the tenant shows in every item of a page; it is told once.
  const found = new Set(wrong.splice(0).map((what) => what.replace(/\[\d+\]/g, "[]")));
  assert.equal(found.size, 0, `bodies that Microsoft's types do not know:\n${[...found].join("\n")}`);
});

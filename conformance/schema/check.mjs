// Holds recorded exchanges against Microsoft's types: `node check.mjs FILE`, one exchange of JSON a line.

import { readFileSync } from "node:fs";
import { Validator } from "./validate.mjs";

const lines = readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean);
const validator = new Validator();
const wrong = new Set();
for (const line of lines) {
  const exchange = JSON.parse(line);
  const found = exchange.sent ? validator.sent(exchange.sent, exchange.body) : validator.exchange(exchange);
  // One mistake of the tenant shows in every item of a page and for every user; it is told once.
  for (const what of found) wrong.add(what.replace(/\[\d+\]/g, "[]").replace(/\/users\/[^/ ]+/, "/users/…"));
}
for (const what of wrong) process.stdout.write(`WRONG ${what}\n`);
process.stdout.write(`types: ${validator.checked} bodies checked, ${wrong.size} failed\n`);
process.exitCode = wrong.size === 0 && validator.checked > 0 ? 0 : 1;

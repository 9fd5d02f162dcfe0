// Runs a folder of test files with Node's own test runner: `node run.mjs javascript`.
//
// Prints what failed and why, and at the end `javascript: N passed, N failed`.

import { readdirSync } from "node:fs";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const folder = process.argv[2] ?? "javascript";
const only = process.argv[3] ?? "";
const home = new URL(`./${folder}/`, import.meta.url);
const files = readdirSync(home).filter((name) => name.endsWith(".test.mjs") && name.includes(only));
const paths = files.sort().map((name) => fileURLToPath(new URL(name, home)));

/** Lines of a reason that are worth reading; comparisons of large things have hundreds. */
const LINES = 12;

const count = { passed: 0, failed: 0 };
const say = (text) => process.stdout.write(`${text}\n`);

const events = run({ files: paths, concurrency: 2 });
events.on("test:stdout", ({ message }) => process.stdout.write(message));
events.on("test:stderr", ({ message }) => process.stdout.write(message));
// Groups and files report what is in them once more; only tests are counted.
events.on("test:pass", ({ details }) => {
  if (details.type !== "suite") count.passed += 1;
});
events.on("test:fail", ({ name, file, details }) => {
  const { failureType, cause } = details.error;
  if (details.type === "suite" && failureType === "subtestsFailed") return;
  count.failed += 1;
  say(`FAILED ${file?.split("/").at(-1) ?? ""} ${name}`);
  const reason = (cause?.message ?? details.error.message ?? "").split("\n").filter((line) => line.trim());
  say(`  ${reason.slice(0, LINES).join("\n  ")}`);
  if (cause?.statusCode) say(`  ${cause.statusCode} ${cause.code}`);
  const at = /javascript\/[a-z]+\.test\.mjs:\d+/.exec(cause?.stack ?? "");
  if (at) say(`  at ${at[0]}`);
});
events.once("end", () => {
  say(`${folder}: ${count.passed} passed, ${count.failed} failed`);
  // A run without tests proves nothing.
  process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1;
});
events.resume();

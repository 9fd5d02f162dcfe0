// A large attachment, with the client's own LargeFileUploadTask.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { FileUpload, LargeFileUploadTask, Range } from "@microsoft/microsoft-graph-client";
import { Stage } from "./stage.mjs";
import { tenant } from "./tenant.mjs";

const MIB = 1024 * 1024;
const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** A file, and a session for it on a draft (or an event) of a new person. */
async function begun(resource, size) {
  const stage = await Stage.of(resource);
  const { id } = await stage.make(1);
  const bytes = randomBytes(size);
  const item = { AttachmentItem: { attachmentType: "file", name: "plan.bin", size, contentType: "application/octet-stream" } };
  const path = stage.path(`${resource}/${id}/attachments`);
  const session = await LargeFileUploadTask.createUploadSession(stage.client, `${path}/createUploadSession`, item);
  const content = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + size);
  return { stage, path, bytes, session, file: new FileUpload(content, "plan.bin", size) };
}

for (const resource of ["messages", "events"]) {
  test(`${resource}: what was uploaded in parts is there as it was`, async () => {
    const { stage, path, bytes, session, file } = await begun(resource, 7 * MIB + 17);
    assert.ok(session.expiry > new Date());
    const ranges = [];
    const progress = (range) => ranges.push([range.minValue, range.maxValue]);
    const options = { rangeSize: 2 * MIB, uploadEventHandlers: { progress } };
    const result = await new LargeFileUploadTask(stage.client, file, session, options).upload();
    assert.equal(ranges.length, 4);
    assert.equal(ranges.at(-1)[1], bytes.length - 1);
    assert.match(result.location, /\/attachments/i);
    const { value } = await stage.client.api(path).select("id,name,size").get();
    assert.equal(value[0].name, "plan.bin");
    assert.ok(value[0].size >= bytes.length);
    const raw = await stage.client.api(`${path}/${value[0].id}/$value`).responseType("arraybuffer").get();
    assert.equal(digest(Buffer.from(raw)), digest(bytes));
  });
}

test("an interrupted upload is resumed where it stood", async () => {
  const { stage, path, bytes, session, file } = await begun("messages", 5 * MIB);
  const task = new LargeFileUploadTask(stage.client, file, session, { rangeSize: 2 * MIB });
  await task.uploadSlice(await file.sliceFile(new Range(0, 2 * MIB - 1)), new Range(0, 2 * MIB - 1), bytes.length);
  await task.getStatus();
  assert.equal(task.getNextRange().minValue, 2 * MIB);
  await task.resume();
  assert.equal((await stage.client.api(path).select("name").get()).value.length, 1);
});

test("a cancelled session is gone", async () => {
  const { stage, session, file } = await begun("messages", 4 * MIB);
  const task = new LargeFileUploadTask(stage.client, file, session, { rangeSize: MIB });
  await task.cancel();
  assert.ok(task.getUploadSession().isCancelled);
  const again = new LargeFileUploadTask(stage.client, file, { ...session, isCancelled: false }, { rangeSize: MIB });
  // The task hands over the body of the refusal as it came.
  await assert.rejects(again.upload(), ({ error }) => error.code === "ErrorItemNotFound");
});

test("parts go where the session says, not to Graph", async () => {
  const { session } = await begun("messages", 4 * MIB);
  assert.ok(!session.url.startsWith(`${tenant.graph}/v1.0`));
});

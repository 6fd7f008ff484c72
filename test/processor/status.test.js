// The file that tells how a job stands, as its owner writes it.
import assert from "node:assert/strict";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { openJobFolder } from "../../lib/processor/job_folder.js";
import { completedStatus, pendingStatus, processingStatus } from "../../lib/processor/job_status.js";
import { findLayout } from "../../lib/processor/layout.js";
import { createStatusWriter } from "../../lib/processor/status_file.js";
import { temporaryFolder } from "../binding/support/footage.js";

/** A job's folder with a status, and a writer of it. */
async function newJob(t, isMine = async () => true) {
  const layout = await findLayout(temporaryFolder());
  const jobFolder = path.join(layout.exports, "a");
  mkdirSync(jobFolder, { recursive: true });
  const file = path.join(jobFolder, "status.json");
  writeFileSync(file, JSON.stringify(pendingStatus("a")));
  const folder = await openJobFolder(layout, "a");
  const writer = createStatusWriter(folder, "abc", isMine);
  t.after(async () => {
    await writer.close();
    folder.close();
  });
  return { file, folder, jobFolder, writer, read: () => JSON.parse(readFileSync(file, "utf8")) };
}

test("is replaced and never written to: who has it open reads it whole", async (t) => {
  const { file, writer, read } = await newJob(t);
  for (const [before, now] of [
    [pendingStatus("a"), processingStatus("a", "one")],
    [processingStatus("a", "one"), completedStatus("a")],
  ]) {
    const reader = openSync(file);
    assert.equal(await writer.write(now), "written");
    assert.deepEqual(JSON.parse(readFileSync(reader, "utf8")), before);
    assert.deepEqual(read(), now);
    closeSync(reader);
  }
});

test("that says `cancelled` is left so, also where that was written at the last moment", async (t) => {
  const { file, writer, read } = await newJob(t);
  assert.equal(await writer.write(processingStatus("a", "one")), "written");
  writeFileSync(file, '{"jobId": "a", "status": "cancelled"}');
  assert.equal(await writer.write(processingStatus("a", "two")), "cancelled");
  assert.equal(read().status, "cancelled");
});

test("that was cancelled in place while it was replaced is told", async (t) => {
  const opened = {};
  const job = await newJob(t, async () => {
    // After the look at it, before the rename: whoever writes now has the file that goes.
    if (opened.fd) writeFileSync(opened.fd, '{"status": "cancelled"}'.padEnd(200));
    return true;
  });
  await job.writer.write(processingStatus("a", "one"));
  opened.fd = openSync(job.file, "r+");
  assert.equal(await job.writer.write(processingStatus("a", "two")), "cancelled");
  closeSync(opened.fd);
});

test("is read anew when it was replaced, written in place, not whole, or removed", async (t) => {
  const { file, folder, writer } = await newJob(t);
  const statusNow = async () => {
    const { content } = await folder.readStatus();
    return content.kind === "read" ? content.value.status : content.kind;
  };
  assert.equal(await statusNow(), "pending");
  assert.equal(await statusNow(), "pending");
  await writer.write(processingStatus("a", "one"));
  assert.equal(await statusNow(), "processing");
  writeFileSync(`${file}.new`, JSON.stringify(completedStatus("a")));
  renameSync(`${file}.new`, file);
  assert.equal(await statusNow(), "completed");
  writeFileSync(file, '{"status": "canc');
  assert.equal(await statusNow(), "broken");
  writeFileSync(file, '{"status": "cancelled"}');
  assert.equal(await statusNow(), "cancelled");
  rmSync(file);
  assert.equal(await statusNow(), "absent");
});

test("is not written by who is not its owner any more, nor into a folder that is another", async (t) => {
  let isMine = true;
  const { jobFolder, file, writer } = await newJob(t, async () => isMine);
  isMine = false;
  assert.equal(await writer.write(completedStatus("a")), "not mine");
  isMine = true;
  renameSync(jobFolder, `${jobFolder}-gone`);
  assert.equal(await writer.write(completedStatus("a")), "gone");
  assert.ok(!existsSync(jobFolder));
  mkdirSync(jobFolder);
  writeFileSync(file, "another's");
  assert.equal(await writer.write(completedStatus("a")), "gone");
  assert.equal(readFileSync(file, "utf8"), "another's");
  assert.deepEqual(readdirSync(jobFolder), ["status.json"]);
});

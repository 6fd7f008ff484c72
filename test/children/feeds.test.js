// What a child holds back while its parent takes nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogFeed, createProgressFeed } from "../../lib/children/feeds.js";

/** A channel whose messages arrive when `deliver` is called. */
function slowChannel() {
  const messages = [];
  const waiting = [];
  return {
    messages,
    send: (message, onSent) => {
      messages.push(message.value);
      waiting.push(onSent);
    },
    deliver: () => waiting.splice(0).forEach((onSent) => onSent()),
  };
}

test("of progress only the latest state waits, and the last one is never lost", () => {
  const { messages, send, deliver } = slowChannel();
  const feed = createProgressFeed(send);
  for (let i = 0; i < 1000; i++) feed.put(i);
  assert.deepEqual(messages, [0]);
  deliver();
  assert.deepEqual(messages, [0, 999]);
  feed.put(1000);
  feed.put(1001);
  feed.end();
  assert.deepEqual(messages, [0, 999, 1001]);
  deliver();
  deliver();
  assert.deepEqual(messages, [0, 999, 1001]);
  feed.put(1002);
  assert.deepEqual(messages, [0, 999, 1001, 1002]);
});

test("of the log a thousand lines wait; those that are dropped are counted, with those dropped before", () => {
  const { messages, send, deliver } = slowChannel();
  const feed = createLogFeed(send);
  for (let i = 0; i < 1500; i++) feed.put({ message: `${i}`, dropped: i === 1200 ? 7 : 0 });
  assert.equal(messages.length, 1000);
  deliver();
  feed.put({ message: "later", dropped: 1 });
  feed.put({ message: "last", dropped: 0 });
  assert.deepEqual(messages.slice(1000), [
    { message: "later", dropped: 508 },
    { message: "last", dropped: 0 },
  ]);
});

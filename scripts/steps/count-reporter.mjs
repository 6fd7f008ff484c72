// A node:test reporter that yields one JSON object: { tests, pass, fail, cancelled, skipped, todo }.
export default async function* count(events) {
  const counts = {};
  for await (const { type, data } of events) {
    const line =
      type === "test:diagnostic" &&
      data.nesting === 0 &&
      /^(tests|pass|fail|cancelled|skipped|todo) (\d+)$/.exec(data.message);
    if (line) counts[line[1]] = Number(line[2]);
  }
  yield JSON.stringify(counts);
}

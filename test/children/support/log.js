// A logger that keeps its lines.

export function recordLog() {
  /** @type {{ level: string, fields: any, message: string }[]} */
  const lines = [];
  const watching = new Set();
  const level = (name) => (fields, message) => {
    lines.push({ level: name, fields, message });
    for (const look of watching) look();
  };
  return {
    debug: level("debug"),
    info: level("info"),
    warn: level("warn"),
    error: level("error"),
    lines,
    /** Process ids of the children started so far, in that order. */
    children: () => lines.filter(({ message }) => message === "child started").map(({ fields }) => fields.pid),
    /** The first line that `wanted` holds of, now or later. */
    until: (wanted) =>
      new Promise((resolve) => {
        const look = () => {
          const line = lines.find(wanted);
          if (!line) return;
          watching.delete(look);
          resolve(line);
        };
        watching.add(look);
        look();
      }),
  };
}

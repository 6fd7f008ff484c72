// Loaded into a child by --import: writes down what it is told of other children, a line for each message.
import { appendFileSync } from "node:fs";

function record({ type, jobsElsewhere }) {
  if (jobsElsewhere !== undefined) appendFileSync(process.env.RECORDED_TASKS, `${type} ${jobsElsewhere}\n`);
}

// Together with the program's own: messages are kept until there is a listener, and then no more.
process.on("newListener", function withProgram(event) {
  if (event !== "message") return;
  process.off("newListener", withProgram);
  process.on("message", record);
});

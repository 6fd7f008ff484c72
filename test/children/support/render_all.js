// Renders jobs in a pool, all at once, and says what becomes of it, one JSON object a line: each child that starts, that
// something is being written, then how each job ended.
//
//   render_all.js '{"pool": {}, "jobs": [{"config": {}, "options": {}}], "then": "wait" | "exit"}'
import { createPool } from "../../../lib/children/pool.js";

const { pool: options, jobs, then } = JSON.parse(process.argv[2]);
const say = (value) => console.log(JSON.stringify(value));
const quiet = { info() {}, warn() {}, error() {} };
const debug = ({ pid }, message) => message === "child started" && say({ child: pid });
const pool = createPool({ ...options, log: { ...quiet, debug } });
let writing = false;
const onProgress = ({ bytesWritten }) => {
  if (writing || bytesWritten === 0) return;
  writing = true;
  say({ writing });
  if (then === "exit") process.exit();
};
const ends = await Promise.all(
  jobs.map((job) =>
    pool.render(job.config, { ...job.options, onProgress }).then(
      (report) => ({ report }),
      (error) => ({ error }),
    ),
  ),
);
say({ ends });
await pool.close();

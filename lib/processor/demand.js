// What rendering a plan needs. Pure.
/** @import { ExportPlan } from "../../types/plan.js" */

// A process with the addon, its demuxers and its tables, before any picture.
const BASE_BYTES = 90e6;
// Pictures that are held at once by decoders, queues and encoders. Measured: README.md, "Measured".
const PICTURES = { copy: 0, hybrid: 80, reencode: 140 };

/** @param {ExportPlan} plan @returns {number} Bytes of resident memory, estimated. */
export function demandOf({ mode, output }) {
  const pictureBytes = output.width * output.height * (/p1[02]/.test(output.pixelFormat) ? 3 : 1.5);
  const pictures = output.framesEncoded > 0 ? PICTURES[mode] : 0;
  return BASE_BYTES + pictures * pictureBytes;
}

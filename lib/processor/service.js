// What jobs are processed with, whoever asked for that.
import { createClaims } from "./claims.js";
import { createLeases } from "./leases.js";
/** @import { Pool } from "../../types/children.js" */
/** @import { ProcessorLogger, RenderOptions } from "../../types/processor.js" */
/** @import { Admission } from "./admission.js" */
/** @import { Counts } from "./metrics.js" */
/** @import { Layout } from "./layout.js" */

/**
 * @typedef {object} Settings
 * @property {RenderOptions} render
 * @property {readonly string[]} allowedRoots
 * @property {number} maxAttempts
 * @property {number} leaseMs
 *
 * @typedef {object} Service
 * @property {Layout} layout
 * @property {import("./claims.js").Claims} claims
 * @property {import("./leases.js").Leases} leases
 * @property {Pool} pool
 * @property {Admission} admission
 * @property {Settings} settings
 * @property {ProcessorLogger} log
 * @property {Counts} counts
 */

/**
 * @param {Omit<Service, "claims" | "leases">} parts
 * @returns {Service}
 */
export function createService(parts) {
  const { leaseMs } = parts.settings;
  return { ...parts, claims: createClaims(parts.layout), leases: createLeases({ leaseMs }) };
}

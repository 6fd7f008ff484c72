/**
 * An exact fraction, `[numerator, denominator]`: both safe integers, the denominator above 0, reduced.
 * A frame rate of 29.97 is `[30000, 1001]` pictures per second; a time base of 90 kHz is `[1, 90000]` seconds.
 */
export type Rational = readonly [numerator: number, denominator: number];

/** A half-open span `[start, end)` in seconds. Which clock it is on is said where it is used. */
export interface TimeSpan {
  readonly start: number;
  readonly end: number;
}

/** Samples of a stream that were left out since it began, by the reason: numbers >= 0. */
export interface Skipped {
  /** A value or the time is unusable. */
  readonly invalid: number;
  /** Their step had its sample already. */
  readonly duplicate: number;
  /** They were too old to be put in their place. */
  readonly late: number;
  /** Their time was too far ahead to be believed, or to be believed yet. */
  readonly unbelieved: number;
}

/** No sample was left out. */
export const NONE_SKIPPED: Skipped = skippedOf(0, 0, 0, 0);

export function skippedOf(invalid: number, duplicate: number, late: number, unbelieved: number): Skipped {
  return Object.freeze({ invalid, duplicate, late, unbelieved });
}

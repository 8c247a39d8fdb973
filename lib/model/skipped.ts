/** How many samples of a stream were left out since it began, by the reason. */
export interface Skipped {
  /** A value or the time was unusable. */
  readonly invalid: number;
  /** Their step had its sample already. */
  readonly duplicate: number;
  /** They were too late to be put in their place. */
  readonly late: number;
  /** Their time was too far in the future to be accepted, or to be accepted yet. */
  readonly unbelieved: number;
}

/** No sample was left out. */
export const NONE_SKIPPED: Skipped = skippedOf(0, 0, 0, 0);

export function skippedOf(invalid: number, duplicate: number, late: number, unbelieved: number): Skipped {
  return Object.freeze({ invalid, duplicate, late, unbelieved });
}

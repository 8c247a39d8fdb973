import { object, whole } from '../base/schema.ts';

/**
 * Sample paths, for a network that forecasts one step: a forecast of more steps is drawn from it, value by value
 * (Salinas et al., 2020, "DeepAR").
 */
export interface PathsDescription {
  /** Paths of a forecast. */
  readonly count: number;
  /** Seed of their noise. */
  readonly seed: number;
}

export const MOST_PATHS = 10_000;

/** Most numbers of all paths of a forecast. */
export const MOST_PATH_NUMBERS = 1_000_000;

export const checkPaths = object<PathsDescription>({ count: whole(2, MOST_PATHS), seed: whole(0, 2 ** 32 - 1) });

/** The names of the numbers of the paths in a forecast. */
export function pathNames({ count }: Pick<PathsDescription, 'count'>): string[] {
  return Array.from({ length: count }, (_, i) => `path ${i + 1}`);
}

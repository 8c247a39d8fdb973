import { hasMethods } from '../../base/has-methods.ts';

/**
 * Gives what a policy is made of, where all of it is data: a recording keeps that, and a replay makes the same policy
 * again.
 */
export const toData: unique symbol = Symbol('toData');

/** Which policy, and its options, none of which is a function. */
export interface PolicyData {
  readonly type: 'pid' | 'lqr';
  readonly options: object;
}

/** A policy that may be data. */
export interface DataPolicy {
  /** undefined where a function is among its options. */
  [toData](): PolicyData | undefined;
}

/** What a policy is made of; undefined for what is not data. */
export function dataOf(policy: unknown): PolicyData | undefined {
  return hasMethods(policy, toData) ? (policy as DataPolicy)[toData]() : undefined;
}

/** Options as they were given, unless there is a function among them. */
export function withoutFunctions<T extends object>(options: T): T | undefined {
  return Object.values(options).some((value) => typeof value === 'function') ? undefined : options;
}

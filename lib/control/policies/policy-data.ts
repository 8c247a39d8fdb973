import { hasMethods } from '../../base/has-methods.ts';

/**
 * Returns what a policy is made of if all of it is data: a recording keeps that, and a replay makes the same policy
 * again.
 */
export const toData: unique symbol = Symbol('toData');

/** The kind of policy, and its options, none of which is a function. */
export interface PolicyData {
  readonly type: 'pid' | 'lqr';
  readonly options: object;
}

/** A policy that may be made of data. */
export interface DataPolicy {
  /** Undefined if there is a function among its options. */
  [toData](): PolicyData | undefined;
}

/** What a policy is made of; undefined if it is not data. */
export function dataOf(policy: unknown): PolicyData | undefined {
  return hasMethods(policy, toData) ? (policy as DataPolicy)[toData]() : undefined;
}

/** The options as they were given; undefined if there is a function among them. */
export function withoutFunctions<T extends object>(options: T): T | undefined {
  return Object.values(options).some((value) => typeof value === 'function') ? undefined : options;
}

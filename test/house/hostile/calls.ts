export type Call = (...values: unknown[]) => unknown;

/** By what is called. */
export type Calls = Record<
  string,
  {
    /** Correct arguments, made anew each time. */
    readonly args: () => unknown[];
    readonly call: Call;
    /** Makes what has to be there for the call, such as a file in the working directory. */
    readonly prepare?: () => unknown;
    /** Places, such as `0.clock`, of the caller's data and objects: these may have properties that are not asked for. */
    readonly open?: RegExp;
  }
>;

/** Each argument, and each property of an argument that is a plain object or a list, two deep. */
export function places(value: unknown, depth = 3): string[][] {
  const isOpen =
    Array.isArray(value) ||
    (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype);
  if (!isOpen || depth === 0) return [];
  return Object.entries(value as object).flatMap(([key, child]) => [
    [key],
    ...places(child, depth - 1).map((path) => [key, ...path]),
  ]);
}

/** The arguments with a value in one of their places. */
export function put(args: unknown[], path: string[], value: unknown): unknown[] {
  let target = args as unknown as Record<string, unknown>;
  for (const key of path.slice(0, -1)) target = target[key] as Record<string, unknown>;
  target[path.at(-1)!] = value;
  return args;
}

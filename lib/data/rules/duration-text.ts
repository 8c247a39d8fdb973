const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** A length of time [ms] in its largest unit, such as '5m', as options take it; to three digits if it is not whole. */
export function durationText(ms: number): string {
  const whole = UNITS.find(([, length]) => ms >= length && ms % length === 0);
  if (whole) return `${ms / whole[1]}${whole[0]}`;
  const [unit, length] = UNITS.find(([, each]) => ms >= each) ?? UNITS.at(-1)!;
  return `${Number((ms / length).toPrecision(3))}${unit}`;
}

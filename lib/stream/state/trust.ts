import type { ModelDescription } from '../../model/model.ts';
import { flagNames, type HealthFlag } from '../../online/sensors/health-flags.ts';
import type { Watch } from '../../online/judging/watchdog.ts';
import type { Trust } from '../../online/live-forecast.ts';
import type { StreamParts } from './stream-parts.ts';

/** What is known of a step besides the numbers of its stream. */
export interface SeenStep {
  /** Steps filled right before it. */
  readonly missing: number;
  /** The flag words of its inputs, from `from` on. */
  readonly flags: Int32Array;
  readonly from: number;
  /** Of the hidden vectors; undefined where they are not watched. */
  readonly state: Watch | undefined;
}

/** What the parts of a stream, whose numbers begin at `base` in `rows`, say of the forecast of its newest step. */
export function trustOf(
  parts: StreamParts,
  description: ModelDescription,
  rows: Float64Array,
  base: number,
  step: SeenStep,
): Trust {
  const { health, gaps, adapter, calibration, skill, novelty, naive } = parts;
  const { inputs, levels } = description;
  const flags: Record<string, readonly HealthFlag[]> = {};
  if (health) {
    for (const [i, { name }] of inputs.entries()) {
      const word = step.flags[step.from + i]!;
      if (word !== 0) flags[name] = flagNames(word);
    }
  }
  const unsound = step.state !== undefined && step.state !== 'ok';
  const targets = description.targets.map((_, target) => target);
  const fallen = targets.some((target) => skill?.part.fallenBack(rows, base + skill.at, target));
  return {
    source: naive && (unsound || fallen) ? 'naive' : 'model',
    adapted: targets.some((target) => adapter?.part.adapted(rows, base + adapter.at, target) ?? false),
    missing: step.missing,
    ages: gaps ? inputs.map((_, i) => gaps.part.age(rows, base + gaps.at, i)) : [],
    flags,
    novelty: novelty?.part.score(rows, base + novelty.at),
    state: step.state,
    skill: skill ? targets.map((target) => skill.part.skill(rows, base + skill.at, target)) : [],
    coverage: calibration
      ? targets.map(
          (target) => calibration.part.coverage(rows, base + calibration.at, 0, levels.length - 1, target)?.recent,
        )
      : [],
  };
}

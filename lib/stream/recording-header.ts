import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Forecaster } from '../model/forecaster.ts';
import { isa } from '../network/isa.ts';
import { addonPath } from '../network/native.ts';
import { version } from '../version.ts';
import type { RecordingHeader } from './recording-records.ts';

let addon: string | undefined;

/** What decides which bits come out, as recordings name it. */
export function describeBuild(model: Forecaster | undefined) {
  addon ??= createHash('sha256').update(readFileSync(addonPath)).digest('hex');
  return {
    version,
    isa: isa(),
    addon,
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    model: model?.fingerprint ?? null,
  } satisfies Partial<RecordingHeader>;
}

/** One thing that is not as it was where a recording was made: the build or the machine, or the model by its fingerprint. */
export interface BuildChange {
  readonly name: keyof ReturnType<typeof describeBuild>;
  readonly recorded: string | null;
  readonly here: string | null;
}

/** What is not here as a recording has it, of what decides the bits. */
export function buildChanges(
  header: Pick<RecordingHeader, BuildChange['name']>,
  model: Forecaster | undefined,
): BuildChange[] {
  const build = describeBuild(model);
  return (Object.keys(build) as (keyof typeof build)[])
    .map((name) => ({ name, recorded: header[name], here: build[name] }))
    .filter(({ recorded, here }) => recorded !== here);
}

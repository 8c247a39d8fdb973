import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { GatecastError } from '../base/errors.ts';
import type { Model } from '../model/model.ts';
import { isa } from '../network/isa.ts';
import { addonPath } from '../network/native.ts';
import { version } from '../base/version.ts';
import type { RecordingHeader } from './recording-records.ts';

let native: { isa: string; addon: string } | undefined;

/** Without the addon no numbers arise whose bits matter, but samples and loops of plain JavaScript can be recorded. */
function describeNative() {
  try {
    return { isa: isa(), addon: createHash('sha256').update(readFileSync(addonPath)).digest('hex') };
  } catch (error) {
    if (error instanceof GatecastError && error.code === 'addon-missing') return { isa: 'none', addon: 'none' };
    throw error;
  }
}

/** What decides which bits come out, as recordings name it. */
export function describeBuild(model: Model | undefined) {
  return {
    version,
    ...(native ??= describeNative()),
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    model: model?.fingerprint ?? null,
  } satisfies Partial<RecordingHeader>;
}

/**
 * One thing that is not as it was where a recording was made: the build or the machine, or the model by its
 * fingerprint.
 */
export interface BuildChange {
  readonly name: keyof ReturnType<typeof describeBuild>;
  readonly recorded: string | null;
  readonly here: string | null;
}

/** What is not here as a recording has it, of what decides the bits. */
export function buildChanges(
  header: Pick<RecordingHeader, BuildChange['name']>,
  model: Model | undefined,
): BuildChange[] {
  const build = describeBuild(model);
  return (Object.keys(build) as (keyof typeof build)[])
    .map((name) => ({ name, recorded: header[name], here: build[name] }))
    .filter(({ recorded, here }) => recorded !== here);
}

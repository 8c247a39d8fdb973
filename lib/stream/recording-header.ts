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

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Forecaster } from '../model/forecaster.ts';
import { isa } from '../network/isa.ts';
import { addonPath } from '../network/native.ts';
import { version } from '../version.ts';
import type { RecordingHeader } from './recording-records.ts';

let addon: string | undefined;

/** What a recording says of its build and model, apart from when it started. */
export function describeRecording(model: Forecaster | undefined, options: unknown): Omit<RecordingHeader, 'startedAt'> {
  addon ??= sha256(readFileSync(addonPath));
  return {
    version,
    isa: isa(),
    addon,
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    model: model ? sha256(model.toBytes()) : null,
    options: options ?? null,
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

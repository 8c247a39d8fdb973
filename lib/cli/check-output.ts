import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, GatecastError } from '../base/errors.ts';
import { formatOfName } from './file-formats.ts';

/** What a command writes: its name, an example of a file name, and the formats that its file may have by the ending. */
const CONTENTS = {
  forecasts: { what: 'CSV', such: 'forecasts.csv', formats: ['CSV'] },
  model: { what: 'a model', such: 'pump.gatecast', formats: ['a Gatecast model', 'safetensors'] },
  report: { what: 'a report', such: 'report.html', formats: ['a web page'] },
  search: { what: 'a search', such: 'pump.tune', formats: [] },
  recording: { what: 'a recording', such: 'pump.rec', formats: ['a Gatecast recording'] },
} as const;

/**
 * Refuses, before any work, a file with the ending of another format, a folder, and a file in a folder that cannot be
 * written to. Throws `invalid-argument` and `io`.
 */
export async function checkOutput(file: string, content: keyof typeof CONTENTS): Promise<void> {
  checkOutputName(file, content);
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw new GatecastError('io', `Expected a file to write but ${file} is a folder.`);
  if (there && !there.isFile()) {
    if (content === 'forecasts') return; // forecasts can go to a pipe, models and recordings need a file
    throw new GatecastError('io', `Expected a file to write but ${file} is a pipe or a device.`);
  }
  try {
    await access(dirname(file), constants.W_OK);
  } catch (cause) {
    throw new GatecastError('io', `Expected a folder that can be written to for ${file}.`, { cause });
  }
}

/** Refuses a file because of its name alone. Throws `invalid-argument`. */
export function checkOutputName(file: string, content: keyof typeof CONTENTS): void {
  const { what, such, formats } = CONTENTS[content];
  const format = formatOfName(file);
  const fits = format === undefined || (formats as readonly string[]).includes(format);
  if (fits && file !== '' && file !== '-') return;
  const why = fits ? 'that is not a file name' : `that ending stands for ${format}`;
  const message = `Expected a file such as ${such} to write ${what} to but received ${describe(file)}: ${why}.`;
  throw new GatecastError('invalid-argument', message);
}

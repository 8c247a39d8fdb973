import { open } from 'node:fs/promises';
import type { Command } from 'commander';
import { inspectFile, openDataFile } from '../adapters/data-file.ts';
import { tableOptions } from '../adapters/table-options.ts';
import { KIND_BYTES, mayBeTable } from '../files/file-kind.ts';
import { type DataFlags, dataOptionsOf, withDataFlags } from './data-options.ts';
import { describeData } from './data-report.ts';
import { inputOf, modelOf, STANDARD_INPUT } from './input.ts';
import { describeModel } from './inspect-model.ts';

const HELP = `
For a file of CSV or NDJSON it prints how the file is written, its times, series and order, and for each column what it
holds, its course over the rows, and its range. Nothing is changed.

With --flow it runs a model over the rows of a file and says how far back in time the gradient of its loss reaches, which
gates are saturated, which units are dead and which inputs count for nothing.

Examples:
  gatecast inspect pump.csv
  gatecast inspect sales.csv --by store --json
  gatecast inspect pump.gatecast
  gatecast inspect pump.gatecast --flow pump.csv      why does it learn, or not learn?`;

export function inspectCommand(command: Command): void {
  command.argument('<file>', 'model written by gatecast train, or CSV or NDJSON; - is data from standard input');
  withDataFlags(command)
    .option('--flow <file>', 'rows on which to follow the gradients back through the model')
    .option('--json', 'print all that is known as JSON')
    .addHelpText('after', HELP)
    .action(runInspect);
}

interface Flags extends DataFlags {
  flow?: string;
  json?: boolean;
}

async function runInspect(file: string, { json = false, flow, ...flags }: Flags): Promise<void> {
  process.stdout.write(await inspected());

  async function inspected(): Promise<string> {
    if (flow !== undefined) {
      const { inspectFlow } = await import('./inspect-flow.ts'); // it needs all that training needs
      return inspectFlow(file, flow, flags, json);
    }
    return (await isData(file)) ? inspectData(file, flags, json) : inspectModel(file, json);
  }
}

async function inspectData(file: string, flags: DataFlags, json: boolean): Promise<string> {
  const options = tableOptions(dataOptionsOf(flags));
  const report = await inspectFile(await openDataFile(inputOf(file), options.file), options);
  return json ? `${JSON.stringify(report, null, 2)}\n` : describeData(report);
}

async function inspectModel(file: string, json: boolean): Promise<string> {
  const model = await modelOf(file);
  try {
    return json ? `${JSON.stringify(model.description, null, 2)}\n` : describeModel(model.description);
  } finally {
    model.dispose();
  }
}

/** Whether the first bytes are those of a table. A file that cannot be read is for the reader of models to refuse. */
async function isData(file: string): Promise<boolean> {
  if (file === STANDARD_INPUT) return true;
  if (file.endsWith('.gatecast')) return false;
  const bytes = Buffer.alloc(KIND_BYTES);
  try {
    const handle = await open(file);
    try {
      const { bytesRead } = await handle.read(bytes, 0, KIND_BYTES, 0);
      return mayBeTable(bytes.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch {
    return false;
  }
}

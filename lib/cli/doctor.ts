import { arch, cpus, platform, release } from 'node:os';
import type { Command } from 'commander';
import { GatecastError } from '../base/errors.ts';
import { packageRoot } from '../base/package-root.ts';
import { howToBuild } from '../network/how-to-build.ts';
import { modelOf } from './input.ts';
import { isa, isas } from '../network/isa.ts';
import { addonPath } from '../network/native.ts';
import { version } from '../base/version.ts';
import { exitCodes } from './failure.ts';
import { describeGain, measurePrecisions, type PrecisionGain } from './precision-gain.ts';
import { checkCells } from './self-check.ts';

interface Machine {
  gatecast: string;
  node: string;
  platform: string;
  cpu: string;
  binary: string;
}

interface Report extends Machine {
  isa: string;
  /** All instruction sets that this machine can run, best first. */
  isas: readonly string[];
  /** What was computed here and gave the right numbers. */
  check: string;
  /** Speed of the other precisions on this machine. */
  precisions: Record<string, PrecisionGain>;
  /** The model whose golden outputs were recomputed and compared. */
  model?: string;
}

/** The report when the addon cannot be loaded. */
interface Trouble extends Machine {
  problem: string;
  /** What must be installed before the addon can be built. */
  missing: readonly string[];
  remedy: string;
}

export function doctorCommand(command: Command): void {
  command
    .argument('[model]', 'model written by gatecast train')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nGATECAST_ISA=scalar|avx2|avx512|neon forces an instruction set, GATECAST_BINARY=file a binary.',
    )
    .action(async (file: string | undefined, { json }: { json?: boolean }) => {
      const machine = {
        gatecast: version,
        node: process.version,
        platform: `${platform()} ${release()} ${arch()}`,
        cpu: cpus()[0]?.model ?? 'unknown',
        binary: addonPath,
      };
      const print = (report: Report | Trouble, describe: () => string) =>
        process.stdout.write(json ? `${JSON.stringify(report)}\n` : describe());
      try {
        isa(); // loads the addon
      } catch (error) {
        if (!(error instanceof GatecastError && error.code === 'addon-missing')) throw error;
        const trouble = { ...machine, ...(await diagnose(error)) };
        print(trouble, () => describeTrouble(trouble));
        process.exitCode = exitCodes.failed;
        return;
      }
      checkCells();
      const report: Report = {
        ...machine,
        isa: isa(),
        isas: isas(),
        check: 'a GRU and an LSTM compute their known outputs',
        precisions: measurePrecisions(),
      };
      if (file !== undefined) {
        (await modelOf(file)).dispose();
        report.model = file;
      }
      print(report, () => describeReport(report));
    });
}

/** The functions of native/build-tools.mjs, which is not compiled with lib/. */
interface BuildTools {
  missingTools(): string[];
  installCommand(): string | undefined;
}

async function diagnose({ message, cause }: GatecastError): Promise<Omit<Trouble, keyof Machine>> {
  const problem = cause instanceof Error ? cause.message.split('\n')[0]! : message;
  if (process.env['GATECAST_BINARY']) return { problem, missing: [], remedy: howToBuild(addonPath) };
  const tools = (await import(new URL('native/build-tools.mjs', packageRoot).href)) as BuildTools;
  const missing = tools.missingTools();
  const command = tools.installCommand();
  const first = missing.length > 0 && command !== undefined ? `run "${command}" as its administrator, then ` : '';
  return { problem, missing, remedy: first + howToBuild(addonPath) };
}

function describeReport({ model, isas, precisions, ...rest }: Report): string {
  const rows = Object.entries({ ...rest, 'can run': isas.join(', ') });
  for (const [name, gain] of Object.entries(precisions)) rows.push([name, describeGain(gain)]);
  if (model) rows.push(['model', `${model} computes its golden outputs`]);
  return describeRows(rows);
}

function describeTrouble({ missing, ...rest }: Trouble): string {
  return describeRows([...Object.entries(rest), ...missing.map((what): [string, string] => ['missing', what])]);
}

function describeRows(rows: readonly (readonly [name: string, value: string])[]): string {
  return rows.map(([name, value]) => `${name.padEnd(9)} ${value}\n`).join('');
}

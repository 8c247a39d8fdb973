import { arch, cpus, platform, release } from 'node:os';
import { Command } from 'commander';
import { loadModel } from './input.ts';
import { isa, isas } from '../network/isa.ts';
import { addonPath } from '../network/native.ts';
import { version } from '../version.ts';
import { checkCells } from './self-check.ts';

interface Report {
  gatecast: string;
  node: string;
  platform: string;
  cpu: string;
  binary: string;
  isa: string;
  /** All that this machine can run, best first. */
  isas: readonly string[];
  /** What was run here and gave the numbers it must. */
  check: string;
  /** The model whose golden outputs were computed and compared. */
  model?: string;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Tell versions, the native binary and instruction set in use, and check a model file.')
    .argument('[model]', 'model written by gatecast train')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nGATECAST_ISA=scalar|avx2|avx512|neon forces an instruction set, GATECAST_BINARY=file a binary.',
    )
    .action(async (file: string | undefined, { json }: { json?: boolean }) => {
      checkCells();
      const report: Report = {
        gatecast: version,
        node: process.version,
        platform: `${platform()} ${release()} ${arch()}`,
        cpu: cpus()[0]?.model ?? 'unknown',
        binary: addonPath,
        isa: isa(),
        isas: isas(),
        check: 'a GRU and an LSTM compute their known outputs',
      };
      if (file !== undefined) {
        (await loadModel(file)).dispose();
        report.model = file;
      }
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : describeReport(report));
    });
}

function describeReport({ model, isas, ...rest }: Report): string {
  const rows = Object.entries({ ...rest, 'can run': isas.join(', ') });
  if (model) rows.push(['model', `${model} computes its golden outputs`]);
  return rows.map(([name, value]) => `${name.padEnd(9)} ${value}\n`).join('');
}

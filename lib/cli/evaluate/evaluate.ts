import { type Command, Option } from 'commander';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { pictureForecasts } from '../../batch/pictures.ts';
import { compareWithBaselines, notBeaten } from '../../batch/compare-with-baselines.ts';
import { evaluate } from '../../batch/evaluate.ts';
import type { EvaluateOptions } from '../../batch/evaluate-options.ts';
import { type BaselineName, baselineNames } from '../../batch/fit-baseline.ts';
import { fateOf, missingRows } from '../../batch/missing-rows.ts';
import { beforePlan } from '../../batch/plan-rows.ts';
import { GatecastError, misfit } from '../../base/errors.ts';
import { seriesOf } from '../../data/series.ts';
import { joinTables } from '../../data/table.ts';
import { tableInputs } from '../../model/ahead.ts';
import { evaluationReport } from '../../report/evaluation-report.ts';
import { renderPage } from '../../report/page.ts';
import { parseWhole } from '../arguments.ts';
import { checkOutput } from '../check-output.ts';
import { exitCodes } from '../failure.ts';
import { type DataFlags, dataOptionsOf, withDataFlags } from '../data-options.ts';
import { flowOf } from '../flow.ts';
import { modelOf, readTablesOf } from '../input.ts';
import { reportJson } from '../report-json.ts';
import { say } from '../say.ts';
import { type From, firstRows, parseFrom } from './from.ts';
import { checkOfCategory, measureCategory } from './classes.ts';
import { describeScore } from './report.ts';
import { simpleForecasts } from './simple.ts';

const HELP = `
Forecasts from every row whose horizon lies within the file and compares with what came: errors over all steps, by target
and by step, how often the quantiles held, and whether simple forecasts would have been better or the difference is noise.
Give --from, so that only rows are forecast that the model has not learned from. The model is then compared with all
baselines too, which are fitted to the rows before.

Examples:
  gatecast evaluate pump.gatecast march.csv
  gatecast evaluate ETTh1.gatecast ETTh1.csv --from 11520 --must-beat best
  gatecast evaluate fleet.gatecast fleet.csv --by device --from 2026-03-01 --season 24 --json`;

interface Flags extends DataFlags {
  from?: From;
  stride?: number;
  season?: number;
  paths?: number;
  report?: string;
  json?: boolean;
  mustBeat?: BaselineName | 'best';
}

export function evaluateCommand(command: Command): void {
  withDataFlags(command)
    .argument('<model>', 'model written by gatecast train')
    .argument('<file>', 'CSV or NDJSON with the columns the model was trained on; - is standard input')
    .option('--from <row>', 'first row of each series to forecast, or its time in UTC (default: 0)', parseFrom)
    .option('--stride <rows>', 'rows between two forecasts (default: 1)', parseWhole)
    .option(
      '--season <rows>',
      'rows in a season, for MASE and the seasonal forecast (default: a day or a week)',
      parseWhole,
    )
    .option(
      '--paths <count>',
      'score each forecast by so many sample paths too (default: those that it has)',
      parseWhole,
    )
    .addOption(
      new Option('--must-beat <baseline>', 'exit code 2 if the model does not beat it; with --from').choices([
        ...baselineNames,
        'best',
      ]),
    )
    .option('--report <file>', 'HTML file to write, with pictures')
    .option('--json', 'print all measures as JSON')
    .addHelpText('after', HELP)
    .action(runEvaluate);
}

async function runEvaluate(path: string, file: string, flags: Flags): Promise<void> {
  const { from, stride, season, paths, json = false, mustBeat, report } = flags;
  if (report !== undefined) await checkOutput(report, 'report');
  const model = await modelOf(path);
  try {
    const names = tableInputs(model.description);
    const tables = await readTablesOf(model.description, file, dataOptionsOf(flags));
    const known = [...tables.values()].map((table) => beforePlan(table, model.description));
    const missing = missingRows(joinTables(known), names, fateOf(model.description));
    if (missing !== undefined) say(missing);
    const firsts = firstRows(tables, from);
    if (firsts.size === 0) {
      throw new GatecastError('invalid-data', `Expected rows of ${file} from --from on but found none.`);
    }
    if (model.description.classes) {
      checkOfCategory({ stride, season, paths });
      endWith(await measureCategory(model, tables, { path, file, from: firsts, report, json, mustBeat }));
      return;
    }
    const before = Math.min(...firsts.values());
    if (mustBeat !== undefined && before === 0) {
      throw misfit('--from beside it, because baselines are fitted to the rows before,', '--must-beat', mustBeat);
    }
    const span: EvaluateOptions = {
      from: firsts,
      ...(stride !== undefined && { stride }),
      ...(season !== undefined && { season }),
    };
    const data = seriesOf(tables);
    const score = await evaluate(model, data, { ...span, ...(paths !== undefined && { paths }) });
    const simple = await simpleForecasts(model, score, data, span);
    const fitted = before > 0 ? await compareWithBaselines(model, data, { from: firsts }) : undefined;
    if (report !== undefined) {
      const pictures = await pictureForecasts(model, tables, firsts);
      const page = renderPage(evaluationReport(path, file, score, pictures, fitted, await flowOf(model, data)));
      await writeFileAtomic(report, Buffer.from(page));
    }
    if (json) {
      const { series, ...all } = score;
      const each = [...series].map(([key, { steps: _steps, targets: _targets, ...measures }]) => [key, measures]);
      process.stdout.write(
        reportJson(file, { model: path, ...all, series: Object.fromEntries(each), simple, baselines: fitted }),
      );
    } else {
      process.stdout.write(describeScore(path, file, score, simple, fitted));
    }
    endWith(fitted && mustBeat && notBeaten(fitted, mustBeat));
  } finally {
    model.dispose();
  }
}

/** Ends with the exit code for a model that does not beat a baseline, if there is a reason for it. */
function endWith(failure: string | undefined): void {
  if (!failure) return;
  say(failure);
  process.exitCode = exitCodes.notBeaten;
}

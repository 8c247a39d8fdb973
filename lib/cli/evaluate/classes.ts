import { evaluateClasses, notBeatenClasses } from '../../batch/evaluate-classes.ts';
import { misfit } from '../../base/errors.ts';
import { seriesOf } from '../../data/series.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import type { TrainedModel } from '../../model/trained-model.ts';
import { classReport } from '../../report/class-report.ts';
import { renderPage } from '../../report/page.ts';
import type { Tables } from '../input.ts';
import { reportJson } from '../report-json.ts';
import { describeClasses } from '../train-classes.ts';

/** What `gatecast evaluate` was given for a model of a category. */
interface Asked {
  /** The model and the data. */
  readonly path: string;
  readonly file: string;
  readonly from: ReadonlyMap<string, number>;
  readonly report: string | undefined;
  readonly json: boolean;
  readonly mustBeat: string | undefined;
}

/** Prints how well a category is told. Returns why the model does not beat a baseline, if it does not. */
export async function measureCategory(model: TrainedModel, tables: Tables, asked: Asked): Promise<string | undefined> {
  const { path, file, from, report, json, mustBeat } = asked;
  const score = await evaluateClasses(model, seriesOf(tables), { from });
  const lines = describeClasses(score, `${path} on ${file}`);
  if (report !== undefined) {
    await writeFileAtomic(report, Buffer.from(renderPage(classReport(path, file, score, [lines[0]!]))));
  }
  process.stdout.write(json ? reportJson(file, { model: path, ...score }) : lines.map((line) => `${line}\n`).join(''));
  return mustBeat === undefined ? undefined : notBeatenClasses(score, mustBeat);
}

/** Throws `invalid-argument` for an option that says nothing of a category. */
export function checkOfCategory(options: Readonly<Record<string, number | undefined>>): void {
  const given = Object.entries(options).find(([, value]) => value !== undefined);
  if (given) throw misfit('no value with a model of a category', `--${given[0]}`, given[1]);
}

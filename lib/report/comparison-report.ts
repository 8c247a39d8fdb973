import type { ForecastPictures } from '../batch/pictures.ts';
import type { GradientFlow } from '../diagnosis/gradient-flow.ts';
import { hasRivals } from '../compare/candidates.ts';
import type { CandidateResult, ModelComparison } from '../compare/result.ts';
import type { Chart, Mark } from './chart.ts';
import { errorCells } from './evaluation-report.ts';
import { flowSection } from './flow-section.ts';
import { coverage, fanSection, horizonSection, residualSection } from './forecast-sections.ts';
import type { Grid, Report, Section } from './page.ts';

/** The report of a comparison. `pictures` and `flow` are of its chosen model, `what` names the data. */
export function comparisonReport(
  what: string,
  result: ModelComparison,
  pictures: ForecastPictures,
  flow: GradientFlow | undefined,
): Report {
  const { recommendation, candidates, trials, chosen, notes, baselines } = result;
  const chosenTrial = trials.find(({ candidate, seed }) => {
    return candidate === chosen && seed === result.model.description.training.seed;
  })!;
  const firsts = candidates.map(({ name }) => trials.find(({ candidate }) => candidate === name)!);
  return {
    title: `${candidates.every(({ kind }) => kind === candidates[0]!.kind && hasRivals(kind)) ? 'GRU and LSTM' : 'Models'} on ${what}`,
    lead: [...recommendation.sentences, ...notes],
    sections: [
      { heading: 'Networks', text: [legend(candidates)], grid: candidateGrid(candidates) },
      { heading: 'Baselines', text: [...noise(result), ...baselines.leftOut], grid: baselineGrid(result) },
      { ...fanSection(pictures), text: [`Of ${chosen}, evenly spread over the test rows, not chosen.`] },
      horizonSection(firsts.map(({ candidate, score }) => [candidate, score.steps])),
      curveSection(result),
      ...(flow ? [flowSection(flow)] : []),
      residualSection(pictures),
      ...coverage(chosenTrial.score),
    ],
  };
}

/** The columns of the table of candidates, which the command line prints too. */
export function candidateGrid(candidates: readonly CandidateResult[]): Grid {
  return {
    columns: [
      'network',
      'MSE scaled',
      'spread',
      'MAE',
      'MASE',
      'seeds',
      'parameters',
      'train s',
      'us/step',
      'B/stream',
      'B/file',
    ],
    rows: candidates.map((each) => [
      each.name,
      each.mse.toPrecision(4),
      each.seeds > 1 ? each.mseSpread.toPrecision(2) : '-',
      each.mae.toPrecision(4),
      Number.isFinite(each.mase) ? each.mase.toPrecision(4) : '-',
      String(each.seeds),
      String(each.parameters),
      each.seconds.toFixed(1),
      each.stepMicroseconds.toFixed(1),
      String(each.streamBytes),
      String(each.fileBytes),
    ]),
  };
}

/** The chosen network and all baselines, the best first. */
export function baselineGrid({ chosen, baselines: { model, baselines } }: ModelComparison): Grid {
  const rows = [[`${chosen}, median seed`, model] as const, ...Object.entries(baselines)];
  return {
    columns: ['forecast', 'MSE scaled', 'MAE scaled', 'MSE', 'MAE'],
    rows: rows.map(([each, errors]) => errorCells(each, errors)),
  };
}

function noise({ baselines: { windows, verdict, noise: test } }: ModelComparison): string[] {
  return [`On ${windows} test windows. ${verdict} ${test?.text ?? 'Too few windows to say whether that is noise.'}`];
}

function legend(candidates: readonly CandidateResult[]): string {
  const seeds = Math.max(...candidates.map((each) => each.seeds));
  return `The number in brackets is the units of a layer. Errors are means over ${seeds === 1 ? 'one seed' : `up to ${seeds} seeds`} on the test rows; the spread is their standard deviation. Microseconds a step are of this machine.`;
}

function curveSection({ candidates, trials }: ModelComparison): Section {
  const kinds = new Set(candidates.map(({ kind }) => kind));
  const chart = (title: string, of: 'training' | 'validation'): Chart => {
    const marks = candidates.flatMap(({ name }, colour): Mark[] =>
      trials
        .filter(({ candidate }) => candidate === name)
        .map(({ curve }, i) => ({
          kind: 'line',
          colour,
          ...(i === 0 && { name }),
          points: curve.filter(({ pass }) => pass > 0).map((point) => [point.pass, point[of]] as const),
        })),
    );
    return { title, x: 'pass', y: 'loss', marks };
  };
  return {
    heading: 'Learning curves',
    text: [
      'One line for each seed. The pass with the least validation loss is kept.',
      ...(kinds.size > 1
        ? ['Each kind of model has a loss on a scale of its own: compare the lines of one kind.']
        : []),
    ],
    charts: [chart('Loss on the training rows', 'training'), chart('Loss on the validation rows', 'validation')],
  };
}

import type { ForecastPictures } from '../batch/pictures.ts';
import type { TuneTrial, Tuning } from '../tune/result.ts';
import { searched, type Setting } from '../tune/settings.ts';
import { settingNames } from '../tune/words.ts';
import type { Chart, Mark } from './chart.ts';
import { errorCells } from './evaluation-report.ts';
import { forecastSections } from './forecast-sections.ts';
import type { Grid, Report } from './page.ts';

/** Errors of more than so many times the least would hide how the others differ. */
const MOST_SHOWN = 1.5;

/** The report of a search. `command` trains the best setting, `pictures` are of its model, `what` names the data. */
export function tuningReport(what: string, result: Tuning, command: string, pictures: ForecastPictures): Report {
  const { best, sentences, notes, score, baselines } = result;
  const all = [['the best setting', baselines.model] as const, ...Object.entries(baselines.baselines)];
  return {
    title: `Settings for ${what}`,
    lead: [...sentences, ...notes],
    sections: [
      { heading: 'Best setting', text: [command], grid: settingGrid(best.setting) },
      {
        heading: 'Trials',
        text: [
          'Errors are on the validation rows, which chose the setting. Later steps of a round have more passes.',
          `The pictures leave out errors of more than ${MOST_SHOWN} times the least.`,
        ],
        charts: [errorChart(result, ({ at }) => at, 'seconds'), errorChart(result, ({ number }) => number, 'trial')],
        grid: trialGrid(result.trials),
      },
      {
        heading: 'Baselines',
        text: ['Errors are on the test rows, which chose nothing.', ...baselines.leftOut],
        grid: {
          columns: ['forecast', 'MSE scaled', 'MAE scaled', 'MSE', 'MAE'],
          rows: all.map(([name, errors]) => errorCells(name, errors)),
        },
      },
      ...forecastSections('the best setting', score, pictures),
    ],
  };
}

/** Trials as a table, which the command line prints too. */
export function trialGrid(trials: readonly TuneTrial[]): Grid {
  const columns = searched.filter((name) => trials.some(({ setting }) => setting[name] !== undefined));
  return {
    columns: ['trial', 'model', ...columns.map((name) => settingNames[name]), 'passes', 'MSE scaled', 'MAE', 'train s'],
    rows: trials.map(({ number, setting, epochs, mse, mae, seconds }) => [
      String(number),
      setting.model,
      ...columns.map((name) => String(setting[name] ?? '-')),
      String(epochs),
      errorText(mse),
      errorText(mae),
      seconds.toFixed(1),
    ]),
  };
}

function settingGrid(setting: Setting): Grid {
  const names = searched.filter((name) => setting[name] !== undefined);
  return {
    columns: ['model', ...names.map((name) => settingNames[name])],
    rows: [[setting.model, ...names.map((name) => String(setting[name]))]],
  };
}

/** The error of each trial, by kind of model, and the least so far. */
function errorChart({ trials, best }: Tuning, x: (trial: TuneTrial) => number, unit: string): Chart {
  const shown = (mse: number) => (mse <= MOST_SHOWN * best.mse ? mse : Number.NaN);
  const kinds = [...new Set(trials.map(({ setting }) => setting.model))];
  const dots = kinds.map((kind, i): Mark => {
    const own = trials.filter(({ setting }) => setting.model === kind);
    return {
      kind: 'dots',
      colour: i % 4,
      name: kind,
      points: own.map((trial) => [x(trial), shown(trial.mse)] as const),
    };
  });
  let least = Number.POSITIVE_INFINITY;
  const course = trials.flatMap((trial) => {
    const before = least;
    if (trial.mse < least) least = trial.mse;
    return [[x(trial), shown(before)] as const, [x(trial), shown(least)] as const]; // a step down
  });
  return {
    title: `Error on the validation rows by ${unit}`,
    x: unit,
    y: 'MSE scaled',
    marks: [...dots, { kind: 'line', colour: 4, name: 'best so far', points: course }],
  };
}

function errorText(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(4) : '-';
}

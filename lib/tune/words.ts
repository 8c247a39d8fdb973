import type { BaselineComparison } from '../batch/compare-with-baselines.ts';
import type { TuneTrial } from './result.ts';
import { searched, type Setting } from './settings.ts';

/** The searched options in words. */
export const settingNames: Readonly<Record<(typeof searched)[number], string>> = {
  cell: 'cell',
  hidden: 'hidden',
  layers: 'layers',
  lookback: 'lookback',
  learningRate: 'learning rate',
  dropout: 'dropout',
};

/** A setting in words: 'recurrent, cell gru, hidden 64, ...'. */
export function settingWords(setting: Setting): string {
  const values = searched.flatMap((name) =>
    setting[name] === undefined ? [] : [`${settingNames[name]} ${setting[name]}`],
  );
  return [setting.model, ...values].join(', ');
}

/** What a search found, in sentences. */
export function sentencesOn(
  best: TuneTrial,
  defaults: TuneTrial | undefined,
  trials: readonly TuneTrial[],
  { verdict, noise, windows, best: baseline }: BaselineComparison,
): string[] {
  const trained = trials.filter(({ failure }) => failure === undefined);
  const settings = new Set(trained.map(({ setting }) => settingWords(setting))).size;
  const of =
    settings === 1 ? 'The only setting tried is' : `The best of ${settings} settings on the validation rows is`;
  const found = `${of} ${settingWords(best.setting)}, with ${passes(best.epochs)} (mean squared error ${best.mse.toPrecision(4)}).`;
  return [
    found,
    ...(defaults ? [besideDefaults(best, defaults)] : ['The time was over before the defaults were fully trained.']),
    `On ${windows} test windows, which chose nothing: ${verdict} ${noise?.text ?? 'Too few windows to say whether that is noise.'}`,
    ...(noise?.verdict === 'first' ? [] : [`Take ${baseline}, which is simpler.`]),
  ];
}

function besideDefaults(best: TuneTrial, defaults: TuneTrial): string {
  if (best.mse >= defaults.mse) return `No setting was better than the defaults of ${defaults.setting.model}.`;
  const gain = `${(100 * (1 - best.mse / defaults.mse)).toFixed(1)}%`;
  return `That is ${gain} below the defaults of ${defaults.setting.model} (${defaults.mse.toPrecision(4)}). The least of many errors is too good: trust the test rows.`;
}

function passes(count: number): string {
  return count === 1 ? '1 pass' : `${count} passes`;
}

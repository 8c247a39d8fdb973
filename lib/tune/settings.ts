import type { CellName } from '../network/cells.ts';
import { cellNames } from '../network/cells.ts';
import { hasOption, type ModelName, modelNames } from '../train/models/names.ts';
import { resolveOptions } from '../train/options.ts';
import type { TuneOptions } from './options.ts';

/** The options of `train` that are searched, as far as a kind of model has them. */
export interface Setting {
  readonly model: ModelName;
  readonly cell?: CellName;
  readonly hidden?: number;
  readonly layers?: number;
  readonly lookback?: number;
  readonly learningRate?: number;
  readonly dropout?: number;
}

type Searched = Exclude<keyof Setting, 'model'>;
type Value = string | number;

/** What is tried of each option: values, or multiples of the default of the kind of model. */
const TRIED: Readonly<Record<Searched, { values: readonly Value[] } | { times: readonly number[] }>> = {
  cell: { values: cellNames },
  hidden: { times: [0.25, 0.5, 1, 2, 4] },
  layers: { values: [1, 2, 3] },
  lookback: { times: [0.25, 0.5, 1, 2, 4] },
  learningRate: { times: [0.25, 0.5, 1, 2, 4] },
  dropout: { values: [0, 0.1, 0.2, 0.3] },
};

/** In the order in which settings are shown. */
export const searched = Object.keys(TRIED) as Searched[];

const WHOLE: readonly Searched[] = ['hidden', 'lookback'];
const DIGITS = 3;
/** How often a setting is drawn anew that was tried already, before there are none left. */
const MOST_DRAWN = 100;

/** The kinds of models that are tried: the one that is given, or all that have the options that are given. */
export function kindsFor({ model, ...given }: TuneOptions['train']): readonly ModelName[] {
  if (model !== undefined) return [model];
  const names = Object.keys(given).filter((name) => given[name as keyof typeof given] !== undefined);
  const kinds = modelNames.filter((kind) => names.every((name) => hasOption(kind, name)));
  return kinds.length > 0 ? kinds : modelNames; // each then says why it cannot be
}

/** Whether an option is searched for a kind of model. The lookback of esrnn follows from the seasons that it finds. */
export function isSearched(model: ModelName, name: Searched): boolean {
  return hasOption(model, name) && !(model === 'esrnn' && name === 'lookback');
}

/** The setting of a kind of model whose defaults are to be tried; its lookback is known once it was trained. */
export function defaultSetting(model: ModelName, train: TuneOptions['train']): Setting {
  const defaults = resolveOptions({ targets: 'y', horizon: 1, model: model as 'recurrent' });
  const known = searched.filter((name) => name !== 'lookback' && isSearched(model, name));
  return {
    model,
    ...(train.lookback !== undefined && { lookback: train.lookback }),
    ...Object.fromEntries(known.map((name) => [name, train[name] ?? defaults[name as 'hidden']])),
  };
}

/** All settings of a kind of model, around its default one. */
class Space {
  readonly base: Setting;
  readonly #values: readonly (readonly [Searched, readonly Value[]])[];

  /** `base` with its lookback. Options that `train` gives stay as they are. */
  constructor(base: Setting, train: TuneOptions['train']) {
    this.base = base;
    this.#values = searched.flatMap((name) => {
      const own = base[name];
      if (own === undefined || train[name] !== undefined) return [];
      return [[name, valuesAround(name, own)] as const];
    });
  }

  /** Any setting. */
  draw(random: () => number): Setting {
    const drawn = this.#values.map(([name, values]) => [name, pick(values, random)] as const);
    return withoutIdle({ ...this.base, ...Object.fromEntries(drawn) });
  }

  /** A setting beside another: one or two of its options are drawn anew. */
  vary(setting: Setting, random: () => number): Setting {
    let varied = setting;
    const times = random() < 0.5 ? 1 : 2;
    for (let i = 0; i < times && this.#values.length > 0; i++) {
      const [name, values] = pick(this.#values, random);
      varied = { ...varied, [name]: pick(values, random) };
    }
    return withoutIdle(varied);
  }
}

/** The settings that are drawn, each once. */
export class Settings {
  readonly #train: TuneOptions['train'];
  readonly #spaces = new Map<ModelName, Space>();
  readonly #drawn = new Set<string>();

  constructor(train: TuneOptions['train']) {
    this.#train = train;
  }

  /** From now on, settings of this kind of model are drawn around its default one, with its lookback. */
  open(base: Setting): void {
    if (this.#spaces.has(base.model)) return;
    this.#spaces.set(base.model, new Space(base, this.#train));
    this.#drawn.add(keyOf(base));
  }

  /**
   * At most `count` settings that were not drawn before: one beside the `best` and one anywhere, by turns. Fewer if
   * hardly any are left.
   */
  draw(count: number, best: Setting | undefined, random: () => number): Setting[] {
    const spaces = [...this.#spaces.values()];
    const found: Setting[] = [];
    for (let tries = 0; spaces.length > 0 && found.length < count && tries < MOST_DRAWN; tries++) {
      const beside = best !== undefined && found.length % 2 === 0;
      const setting = beside ? this.#spaces.get(best.model)!.vary(best, random) : pick(spaces, random).draw(random);
      if (this.#drawn.has(keyOf(setting))) continue;
      this.#drawn.add(keyOf(setting));
      found.push(setting);
    }
    return found;
  }
}

function valuesAround(name: Searched, own: Value): readonly Value[] {
  const tried = TRIED[name];
  const rounded = (value: number) =>
    WHOLE.includes(name) ? Math.max(1, Math.round(value)) : Number(value.toPrecision(DIGITS));
  const values = 'values' in tried ? tried.values : tried.times.map((times) => rounded(times * (own as number)));
  return [...new Set([...values, own])];
}

/** Units are dropped between layers: one layer has none to drop. */
function withoutIdle(setting: Setting): Setting {
  return setting.layers === 1 && setting.dropout !== undefined ? { ...setting, dropout: 0 } : setting;
}

/** The same text for equal settings. */
function keyOf(setting: Setting): string {
  return JSON.stringify([setting.model, ...searched.map((name) => setting[name] ?? null)]);
}

function pick<T>(values: readonly T[], random: () => number): T {
  return values[Math.floor(random() * values.length)]!;
}

import { misfit } from '../../base/errors.ts';

/** The kinds of models that can be trained, by name. */
export type ModelName = 'recurrent' | 'deepar' | 'segment' | 'esrnn';

export const modelNames: readonly ModelName[] = ['recurrent', 'deepar', 'segment', 'esrnn'];

const CARRIED: readonly ModelName[] = ['recurrent', 'deepar'];

/** The options that only some kinds of models have. */
const OF_MODELS: Readonly<Record<string, readonly ModelName[]>> = {
  layers: [...CARRIED, 'esrnn'],
  projSize: CARRIED,
  bidirectional: ['recurrent'],
  attention: CARRIED,
  layerNorm: CARRIED,
  residual: CARRIED,
  memory: ['recurrent'],
  stateful: CARRIED,
  anchor: CARRIED,
  levelShift: ['recurrent'],
  scale: CARRIED,
  calendar: CARRIED,
  zone: [...CARRIED, 'segment'],
  paths: ['deepar'],
  lags: CARRIED,
  segment: ['segment'],
  channels: ['recurrent', 'segment'],
  normalise: ['segment'],
  linear: ['segment'],
  periods: ['esrnn'],
  members: ['esrnn'],
};

/** Whether a kind of model has an option. */
export function hasOption(model: ModelName, name: string): boolean {
  return ownersOf(name).includes(model);
}

function ownersOf(name: string): readonly ModelName[] {
  return Object.hasOwn(OF_MODELS, name) ? OF_MODELS[name]! : modelNames;
}

/** Throws `invalid-argument` for an option of another kind of model. */
export function checkOfModel(options: { readonly model?: ModelName | undefined }): void {
  const { model = 'recurrent' } = options;
  for (const [name, value] of Object.entries(options)) {
    const owners = ownersOf(name);
    if (owners.includes(model) || value === undefined) continue;
    const named = owners.map((owner) => `'${owner}'`).join(' or ');
    throw misfit(`no value without the model ${named}`, `options.${name}`, value);
  }
}

import { misfit } from '../../base/errors.ts';

/** The kinds of models that can be trained, by name. */
export type ModelName = 'recurrent' | 'segment' | 'esrnn';

export const modelNames: readonly ModelName[] = ['recurrent', 'segment', 'esrnn'];

/** The options that only some kinds of models have. */
const OF_MODEL: Readonly<Record<string, readonly ModelName[]>> = {
  layers: ['recurrent', 'esrnn'],
  projSize: ['recurrent'],
  memory: ['recurrent'],
  anchor: ['recurrent'],
  levelShift: ['recurrent'],
  scale: ['recurrent'],
  calendar: ['recurrent'],
  cycle: ['recurrent'],
  zone: ['recurrent'],
  segment: ['segment'],
  channels: ['segment'],
  normalise: ['segment'],
  periods: ['esrnn'],
  members: ['esrnn'],
};

/** Throws `invalid-argument` for an option of another kind of model. */
export function checkOfModel(options: { readonly model?: ModelName | undefined }): void {
  const { model = 'recurrent' } = options;
  for (const [name, value] of Object.entries(options)) {
    const owners = OF_MODEL[name];
    if (owners === undefined || owners.includes(model) || value === undefined) continue;
    const given = owners.map((owner) => `'${owner}'`).join(' or ');
    throw misfit(`no value without the model ${given}`, `options.${name}`, value);
  }
}

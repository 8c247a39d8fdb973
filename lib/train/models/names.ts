import { misfit } from '../../base/errors.ts';

/** The kinds of models that can be trained, by name. */
export type ModelName = 'recurrent' | 'segment';

export const modelNames: readonly ModelName[] = ['recurrent', 'segment'];

/** The options that only some kinds of models have. */
const OF_MODEL: Readonly<Record<string, ModelName>> = {
  layers: 'recurrent',
  projSize: 'recurrent',
  bidirectional: 'recurrent',
  attention: 'recurrent',
  memory: 'recurrent',
  anchor: 'recurrent',
  levelShift: 'recurrent',
  scale: 'recurrent',
  calendar: 'recurrent',
  cycle: 'recurrent',
  zone: 'recurrent',
  segment: 'segment',
  channels: 'segment',
  normalise: 'segment',
};

/** Throws `invalid-argument` for an option of another kind of model. */
export function checkOfModel(options: { readonly model?: ModelName | undefined }): void {
  const { model = 'recurrent' } = options;
  for (const [name, value] of Object.entries(options)) {
    const owner = OF_MODEL[name];
    if (owner === undefined || owner === model || value === undefined) continue;
    throw misfit(`no value without the model '${owner}'`, `options.${name}`, value);
  }
}

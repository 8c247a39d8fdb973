import { createHash } from 'node:crypto';
import { formatSafetensors } from '../files/safetensors.ts';
import { headOf } from './heads/heads.ts';
import { readyAfter } from './model.ts';
import type { ModelParts } from './parts.ts';

/**
 * SHA-256, in hexadecimal digits, of everything that forecasts depend on: weights, scaler, residuals, course, and the
 * description without the training record and the units. The loss counts only as far as forecasts depend on it: 'mse'
 * and 'mae' have the same head. `network`: what is said of the network in one form only.
 */
export function fingerprintOf(parts: ModelParts, network: object): string {
  const { description, weights, scaler, residuals, course } = parts;
  const { inputs, loss, network: _network, training: _training, warmup: _warmup, ...used } = description;
  const { gives } = headOf(loss);
  const form = {
    ...used,
    inputs: inputs.map(({ unit: _unit, ...input }) => (Object.keys(input).length === 1 ? input.name : input)),
    warmup: readyAfter(description),
    quantileHead: gives === 'quantiles',
    ...(gives === 'distribution' && { loss }),
    ...network,
  };
  const bytes = formatSafetensors(
    { ...weights, ...(residuals && { residuals }), ...(course && { course }) },
    { form: JSON.stringify(form), scaler: JSON.stringify([[...scaler.mean], [...scaler.std]]) },
  );
  return createHash('sha256').update(bytes).digest('hex');
}

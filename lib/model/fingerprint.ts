import { createHash } from 'node:crypto';
import { formatSafetensors } from '../files/safetensors.ts';
import { headOf } from './heads/heads.ts';
import { readyAfter } from './model.ts';
import type { ModelParts } from './parts.ts';

/**
 * SHA-256, in hexadecimal digits, of everything that forecasts depend on: weights, scaler, residuals, and the
 * description without the training record and the units. The loss counts only as far as forecasts depend on it: 'mse'
 * and 'mae' have the same head. `own`: fields of the description in another form.
 */
export function fingerprintOf({ description, weights, scaler, residuals }: ModelParts, own: object = {}): string {
  const { inputs, loss, training: _training, warmup: _warmup, ...used } = description;
  const { gives } = headOf(loss);
  const form = {
    ...used,
    inputs: inputs.map(({ name, words, shares, of, ahead }) => {
      if (words) return { name, words, shares };
      return of === undefined ? name : { name, of, ahead };
    }),
    warmup: readyAfter(description),
    quantileHead: gives === 'quantiles',
    ...(gives === 'distribution' && { loss }),
    ...own,
  };
  const bytes = formatSafetensors(
    { ...weights, ...(residuals && { residuals }) },
    { form: JSON.stringify(form), scaler: JSON.stringify([[...scaler.mean], [...scaler.std]]) },
  );
  return createHash('sha256').update(bytes).digest('hex');
}

import { basicCount, numberCount, toNumbers } from '../../model/forecast.ts';
import { makeStates, type Model } from '../../model/model.ts';
import { LiveForecast } from '../../online/live-forecast.ts';
import { forecastParts } from './forecast-parts.ts';
import { HiddenVectors } from './hidden-vectors.ts';
import type { StreamKind } from './stream-kind.ts';
import { layoutText, type StreamOptions } from './stream-options.ts';

/**
 * The kind of streams whose answers are live forecasts. Throws `invalid-argument` for options that do not fit the
 * model.
 */
export function forecastKind(model: Model, options: StreamOptions): StreamKind<LiveForecast> {
  const { description, fingerprint } = model;
  const { inputs, targets, network } = description;
  const own = forecastParts(model, options);
  const { parts } = own;
  return {
    inputs: inputs.map(({ name }) => name),
    targets,
    numbers: numberCount(description),
    beside: numberCount(description) - basicCount(description),
    vectors: network && new HiddenVectors(network, description),
    onInvalid: options.onInvalid,
    ...own,
    afterSilence: 'forget',
    snapshot: { model: fingerprint, options: layoutText(options) },
    createStates: (capacity, spare) => model[makeStates](capacity, spare),
    answer({ forecast, report, reportFrom }, { at, arrivedAt, correction }, ready, skipped) {
      const trust = parts.trust(report, reportFrom);
      return new LiveForecast(description, toNumbers(forecast), at, ready, skipped, correction, arrivedAt, trust);
    },
  };
}

// What runs in the thread of `forecastInWorker`: answers samples with forecasts until it is terminated.
import { parentPort, workerData } from 'node:worker_threads';
import { GatecastError } from '../../base/errors.ts';
import { numberCount } from '../../model/forecast.ts';
import { Forecaster } from '../../model/forecaster.ts';
import { ANSWER, Exchange, REQUEST } from './exchange.ts';
import type { WorkerFailure, WorkerTask } from './forecast-thread.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { StreamParts } from '../state/stream-parts.ts';
import { StreamState } from '../state/stream-state.ts';
import { TrustNumbers } from '../state/trust-numbers.ts';

const { bytes, sizes, memory, run, stream } = workerData as WorkerTask;

/** Undefined is the bell: there are answers. */
function tell(message: WorkerFailure | undefined): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows of a browser
  parentPort!.postMessage(message);
}

function answer(
  forecast: LiveForecast | undefined,
  trusts: TrustNumbers,
  trustAt: number,
  invalid: number,
  out: Float64Array,
): void {
  out[ANSWER.given] = forecast ? 1 : 0;
  if (!forecast) return;
  out[ANSWER.at] = forecast.at ?? Number.NaN;
  out[ANSWER.ready] = forecast.ready ? 1 : 0;
  out[ANSWER.correction] = forecast.kind === 'correction' ? 1 : 0;
  const { skipped } = forecast;
  out[ANSWER.skipped] = invalid + skipped.invalid;
  out[ANSWER.skipped + 1] = skipped.duplicate;
  out[ANSWER.skipped + 2] = skipped.late;
  out[ANSWER.skipped + 3] = skipped.unbelieved;
  out.set(forecast.numbers, ANSWER.numbers);
  if (forecast.trust) trusts.write(forecast.trust, out, trustAt);
}

try {
  const exchange = new Exchange(sizes, memory);
  const model = Forecaster.fromBytes(bytes, 'the model', run);
  const { targets } = model.description;
  const state = new StreamState(model, stream);
  const trusts = new TrustNumbers(model.scaler.names, targets.length, new StreamParts(model, stream));
  const trustAt = ANSWER.numbers + numberCount(model.description);
  for (let number = 0; ; number++) {
    exchange.awaitRequest(number);
    const request = exchange.request(number);
    const at = request[REQUEST.at]!;
    const values = request.subarray(REQUEST.values);
    const forecast = state.step(Number.isNaN(at) ? values : { at, values });
    answer(forecast, trusts, trustAt, request[REQUEST.invalid]!, exchange.answer(number));
    if (exchange.answerBelow(number + 1)) tell(undefined);
  }
} catch (error) {
  if (!(error instanceof GatecastError)) throw error;
  tell({ code: error.code, message: error.message });
}

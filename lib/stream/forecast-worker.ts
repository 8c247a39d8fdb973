// What runs in the thread of `forecastInWorker`: answers samples with forecasts until it is terminated.
import { parentPort, workerData } from 'node:worker_threads';
import { GatecastError } from '../errors.ts';
import type { Forecast } from '../model/forecast.ts';
import { Forecaster } from '../model/forecaster.ts';
import { ANSWER, Exchange, REQUEST } from './exchange.ts';
import type { WorkerFailure, WorkerTask } from './forecast-thread.ts';

const { bytes, sizes, memory, run, state: stateOptions } = workerData as WorkerTask;

/** undefined is the bell: there are answers. */
function tell(message: WorkerFailure | undefined): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows of a browser
  parentPort!.postMessage(message);
}

function answer(forecast: Forecast | undefined, skipped: number, out: Float64Array): void {
  out[ANSWER.given] = forecast ? 1 : 0;
  if (!forecast) return;
  out[ANSWER.ready] = forecast.ready ? 1 : 0;
  out[ANSWER.skipped] = skipped + forecast.skipped;
  out.set(forecast.numbers, ANSWER.numbers);
}

try {
  const exchange = new Exchange(sizes, memory);
  const state = Forecaster.fromBytes(bytes, 'the model', run).createState(stateOptions);
  for (let number = 0; ; number++) {
    exchange.awaitRequest(number);
    const request = exchange.request(number);
    const forecast = state.step(request.subarray(REQUEST.values));
    answer(forecast, request[REQUEST.skipped]!, exchange.answer(number));
    if (exchange.answerBelow(number + 1)) tell(undefined);
  }
} catch (error) {
  if (!(error instanceof GatecastError)) throw error;
  tell({ code: error.code, message: error.message });
}

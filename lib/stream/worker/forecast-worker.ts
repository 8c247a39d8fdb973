// What runs in the thread of `forecastInWorker`: answers samples with forecasts until it is terminated.
import { parentPort, workerData } from 'node:worker_threads';
import { GatecastError } from '../../base/errors.ts';
import { Forecaster } from '../../model/forecaster.ts';
import type { Cursor } from '../state/cursor.ts';
import { forecastKind } from '../state/forecast-kind.ts';
import { StreamStates } from '../state/stream-states.ts';
import { ANSWER, Exchange, REQUEST } from './exchange.ts';
import type { WorkerFailure, WorkerTask } from './forecast-thread.ts';

const { bytes, sizes, memory, run, stream } = workerData as WorkerTask;

/** undefined is the bell: there are answers. */
function tell(message: WorkerFailure | undefined): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows of a browser
  parentPort!.postMessage(message);
}

/** Writes an answer: the numbers of the forecast, then what the parts say of it. */
function write(
  { time, ready, correction, skipped, numbers, report }: Cursor,
  invalid: number,
  out: Float64Array,
): void {
  out[ANSWER.given] = 1;
  out[ANSWER.at] = time ?? Number.NaN;
  out[ANSWER.ready] = ready ? 1 : 0;
  out[ANSWER.correction] = correction ? 1 : 0;
  out[ANSWER.skipped] = invalid + skipped.invalid;
  out[ANSWER.skipped + 1] = skipped.duplicate;
  out[ANSWER.skipped + 2] = skipped.late;
  out[ANSWER.skipped + 3] = skipped.unbelieved;
  out.set(numbers, ANSWER.numbers);
  out.set(report, ANSWER.numbers + numbers.length);
}

try {
  const exchange = new Exchange(sizes, memory);
  const model = Forecaster.fromBytes(bytes, 'the model', run);
  const kind = forecastKind(model, stream);
  const states = new StreamStates({ ...kind, answer: (step) => step }, 1);
  for (let number = 0; ; number++) {
    exchange.awaitRequest(number);
    const request = exchange.request(number);
    const answer = exchange.answer(number);
    const at = request[REQUEST.at]!;
    const values = request.subarray(REQUEST.values);
    answer[ANSWER.given] = 0;
    states.read(0, Number.isNaN(at) ? values : { at, values });
    if (states.take(0, 0, 0)) {
      states.advance(1);
      write(states.answer(0)!, request[REQUEST.invalid]!, answer);
    }
    if (exchange.answerBelow(number + 1)) tell(undefined);
  }
} catch (error) {
  if (!(error instanceof GatecastError)) throw error;
  tell({ code: error.code, message: error.message });
}

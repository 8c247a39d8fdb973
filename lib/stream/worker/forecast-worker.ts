// What runs in the thread of `forecastInWorker`: answers samples with forecasts until it is terminated.
import { parentPort, workerData } from 'node:worker_threads';
import { GatecastError } from '../../base/errors.ts';
import { Forecaster } from '../../model/forecaster.ts';
import { forecastKind } from '../state/forecast-kind.ts';
import type { StreamKind } from '../state/stream-kind.ts';
import { StreamStates } from '../state/stream-states.ts';
import { ANSWER, Exchange, REQUEST } from './exchange.ts';
import type { WorkerFailure, WorkerTask } from './forecast-thread.ts';

const { bytes, sizes, memory, run, stream } = workerData as WorkerTask;

/** undefined is the bell: there are answers. */
function tell(message: WorkerFailure | undefined): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows of a browser
  parentPort!.postMessage(message);
}

try {
  const exchange = new Exchange(sizes, memory);
  const model = Forecaster.fromBytes(bytes, 'the model', run);
  let request: Float64Array;
  let answer: Float64Array;
  /** Writes the numbers of the forecast, then what the parts report of it. */
  const write: StreamKind<true>['answer'] = ({ numbers, report }, { at, correction }, ready, skipped) => {
    answer[ANSWER.at] = at ?? Number.NaN;
    answer[ANSWER.ready] = ready ? 1 : 0;
    answer[ANSWER.correction] = correction ? 1 : 0;
    answer[ANSWER.skipped] = request[REQUEST.invalid]! + skipped.invalid;
    answer[ANSWER.skipped + 1] = skipped.duplicate;
    answer[ANSWER.skipped + 2] = skipped.late;
    answer[ANSWER.skipped + 3] = skipped.unbelieved;
    answer.set(numbers, ANSWER.numbers);
    answer.set(report, ANSWER.numbers + numbers.length);
    return true;
  };
  const states = new StreamStates({ ...forecastKind(model, stream), answer: write }, 1);
  for (let number = 0; ; number++) {
    exchange.awaitRequest(number);
    request = exchange.request(number);
    answer = exchange.answer(number);
    const at = request[REQUEST.at]!;
    const values = request.subarray(REQUEST.values);
    states.read(0, Number.isNaN(at) ? values : { at, values });
    const given = states.take(0, 0, 0);
    answer[ANSWER.given] = given ? 1 : 0;
    if (given) {
      states.advance(1);
      states.answer(0);
    }
    if (exchange.answerBelow(number + 1)) tell(undefined);
  }
} catch (error) {
  if (!(error instanceof GatecastError)) throw error;
  tell({ code: error.code, message: error.message });
}

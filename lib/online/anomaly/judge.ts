import type { Part } from '../part.ts';
import type { Step } from '../step.ts';
import type { AnomalyDetector, Verdict } from './anomaly-detector.ts';
import type { Expectation } from './expectation.ts';

// What it reports: the fields of a verdict, and whether an alert is open.
const READY = 0;
const SCORE = 1;
const THRESHOLD = 2;
const LIKELIHOOD = 3;
const OPEN = 4;
const STUCK = 5;
const TARGET = 6;

/** What a judge reports of a sample. */
export interface JudgeReport extends Omit<Verdict, 'alert'> {
  readonly open: boolean;
}

/**
 * Judges each sample of a stream by its expectation. A sample that has a value of no target is not judged: it is
 * answered only where a part has flagged a reading. In the row: the detector.
 */
export class Judge implements Part {
  readonly size: number;
  readonly reportSize = 7;
  readonly #detector: AnomalyDetector;
  readonly #expectation: Expectation;
  readonly #verdict: Verdict = {
    ready: false,
    score: 0,
    threshold: 0,
    likelihood: 0,
    alert: 'none',
    stuck: false,
    target: 0,
  };

  constructor(detector: AnomalyDetector, expectation: Expectation) {
    this.size = detector.size;
    this.#detector = detector;
    this.#expectation = expectation;
  }

  reset(row: Float64Array, at: number): void {
    this.#detector.reset(row, at);
  }

  before(step: Step): void {
    const { row, at, report, reportAt } = step;
    const verdict = this.#verdict;
    const truth = step.truth();
    if (truth.every(Number.isNaN)) {
      step.silent = !step.flagged;
      this.#detector.pass(row, at, verdict);
    } else {
      this.#detector.judge(row, at, truth, this.#expectation.distances, verdict);
    }
    report[reportAt + READY] = verdict.ready ? 1 : 0;
    report[reportAt + SCORE] = verdict.score;
    report[reportAt + THRESHOLD] = verdict.threshold;
    report[reportAt + LIKELIHOOD] = verdict.likelihood;
    report[reportAt + OPEN] = verdict.alert === 'opened' || verdict.alert === 'open' ? 1 : 0;
    report[reportAt + STUCK] = verdict.stuck ? 1 : 0;
    report[reportAt + TARGET] = verdict.target;
  }

  /** What it has reported. */
  read(report: Float64Array, at: number): JudgeReport {
    return {
      ready: report[at + READY] === 1,
      score: report[at + SCORE]!,
      threshold: report[at + THRESHOLD]!,
      likelihood: report[at + LIKELIHOOD]!,
      open: report[at + OPEN] === 1,
      stuck: report[at + STUCK] === 1,
      target: report[at + TARGET]!,
    };
  }
}

import { filter, lastValueFrom, map, type Observable, Subject, take, takeUntil, tap } from 'rxjs';
import { GatecastError } from '../base/errors.ts';
import { compareWithBaselines } from '../batch/compare-with-baselines.ts';
import { type Data, seriesOf } from '../data/series.ts';
import type { Table } from '../data/table.ts';
import { defaults } from '../train/defaults.ts';
import type { TrainProgress } from '../train/learn.ts';
import type { NetworkOptions } from '../train/models/choose-model.ts';
import { train } from '../train/train.ts';
import { shareBudget } from './budget.ts';
import { type Candidate, CANDIDATES, rivalsOf } from './candidates.ts';
import { contestant, medianRun, summarize, windowTest } from './contest.ts';
import type { CheckedOptions } from './options.ts';
import { chooseCandidate, recommend } from './recommend.ts';
import type { CompareModelsProgress, ModelComparison } from './result.ts';
import { type Rows, splitRows } from './rows.ts';
import { runTrial, type TrialRun } from './trial.ts';

type Emit = (progress: CompareModelsProgress) => void;

/** The share of the budget in which networks are trained; the rest is for the baselines. */
const TRAINING_SHARE = 0.85;
/** Most passes that are timed to plan the others, and the share of the budget after which no further one is. */
const PROBED_PASSES = 5;
const PROBE_SHARE = 0.05;

/** A comparison that runs, and the trainings that it has done. */
export class Run {
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #options: CheckedOptions;
  readonly #signal: AbortSignal;
  readonly #rows: Rows;
  readonly #known: Data;
  readonly #begun = performance.now();
  readonly #stop = new Subject<void>();
  readonly #runs = new Map<string, TrialRun[]>();
  readonly #notes: string[] = [];
  #stopped: 'budget' | 'stop' | undefined;

  /** Throws `invalid-data` for rows that cannot be compared on. `signal` ends everything without a result. */
  constructor(tables: ReadonlyMap<string, Table>, options: CheckedOptions, signal: AbortSignal) {
    const { train, test } = options;
    this.#tables = tables;
    this.#options = options;
    this.#signal = signal;
    this.#rows = splitRows(tables, train.horizon, [train.targets ?? []].flat(), test);
    const alone = tables.size === 1 ? this.#rows.known.get('') : undefined;
    this.#known = alone ?? seriesOf(this.#rows.known);
  }

  async all(emit: Emit): Promise<void> {
    const { budget, stop } = this.#options;
    const end = (why: 'budget' | 'stop') => {
      this.#stopped ??= why;
      this.#stop.next();
    };
    const asked = () => end('stop');
    const clock = setTimeout(() => end('budget'), Math.min(TRAINING_SHARE * budget, 2 ** 31 - 1));
    for (const signal of [stop, this.#signal]) signal?.addEventListener('abort', asked);
    if (stop?.aborted) asked();
    let kept: TrialRun | undefined;
    try {
      await this.#train(emit);
      if (this.#signal.aborted) return;
      const result = await this.#judge();
      kept = [...this.#runs.values()].flat().find(({ model }) => model === result.model);
      const last = kept!.trial;
      emit({ ...this.#progress(last.candidate, last.seed, this.#done), result });
    } finally {
      clearTimeout(clock);
      for (const signal of [stop, this.#signal]) signal?.removeEventListener('abort', asked);
      for (const run of [...this.#runs.values()].flat()) if (run !== kept) run.model.dispose();
    }
  }

  get #done(): number {
    return [...this.#runs.values()].flat().length;
  }

  async #train(emit: Emit): Promise<void> {
    const hidden = this.#options.train.hidden ?? defaults.hidden;
    const gru: Candidate = { name: `gru(${hidden})`, cell: 'gru', hidden };
    const probe = await this.#probe(gru);
    if (!probe) return;
    const left = (TRAINING_SHARE * this.#options.budget - (performance.now() - this.#begun)) / 1000;
    const { seeds } = this.#options;
    const asked = { epochs: probe.epochs, seeds: seeds.length };
    const plan = shareBudget({ seconds: left, pass: probe.seconds, candidates: CANDIDATES, ...asked });
    if (plan.epochs < asked.epochs) this.#note(`at most ${plan.epochs} of ${asked.epochs} passes`);
    if (plan.seeds < asked.seeds) this.#note(`${plan.seeds} of ${asked.seeds} seeds`);
    let candidates = [gru];
    for (const seed of seeds.slice(0, plan.seeds)) {
      for (let i = 0; i < candidates.length && !this.#stopped; i++) {
        const candidate = candidates[i]!;
        const trials = plan.seeds * Math.max(candidates.length, this.#runs.size === 0 ? CANDIDATES : 0);
        const run = await this.#trial(candidate, seed, plan.epochs, (training) => {
          const { forecaster: _model, compare: _compare, validate: _validate, ...progress } = training;
          emit({ ...this.#progress(candidate.name, seed, trials), training: progress });
        });
        if (!run) continue;
        this.#runs.set(candidate.name, [...(this.#runs.get(candidate.name) ?? []), run]);
        if (candidates.length === 1) candidates = [gru, ...rivalsOf(run.model.description.network)];
      }
    }
    if (this.#stopped === 'budget') this.#notes.push('The time was over before all trainings were done.');
    if (this.#stopped === 'stop') this.#notes.push('The comparison was ended before all trainings were done.');
  }

  #trial(candidate: Candidate, seed: number, epochs: number, onPass: (progress: TrainProgress) => void) {
    const { name } = candidate;
    const options = { ...this.#training(candidate, seed), epochs };
    const test = { tables: this.#tables, from: this.#rows.from };
    return runTrial(this.#known, options, name, test, this.#stop, onPass);
  }

  /**
   * The passes that a training wants, and how long the fastest of its first ones takes [s]: the very first also warms
   * the machine up. Undefined if the time is over before.
   */
  async #probe(gru: Candidate): Promise<{ epochs: number; seconds: number } | undefined> {
    if (this.#stopped) return undefined;
    const begun = performance.now();
    let before = begun;
    let seconds = Number.POSITIVE_INFINITY;
    const timed: Observable<{ epochs: number; seconds: number }> = train(
      this.#known,
      this.#training(gru, this.#options.seeds[0]!),
    ).pipe(
      tap(({ epoch, forecaster }) => {
        const now = performance.now();
        forecaster?.dispose();
        if (epoch > 0 && !forecaster) seconds = Math.min(seconds, (now - before) / 1000);
        before = now;
      }),
      filter(({ epoch, forecaster }) => {
        const late = before - begun > PROBE_SHARE * this.#options.budget;
        return forecaster !== undefined || epoch >= PROBED_PASSES || (epoch > 0 && late);
      }),
      take(1),
      map(({ epochs }) => ({ epochs, seconds })),
    );
    return lastValueFrom(timed.pipe(takeUntil(this.#stop)), { defaultValue: undefined });
  }

  #training({ cell, hidden }: Candidate, seed: number): NetworkOptions {
    return { model: 'recurrent', ...this.#options.train, cell, hidden, seed };
  }

  async #judge(): Promise<ModelComparison> {
    const { train, budget } = this.#options;
    if (this.#runs.size === 0) {
      const why = this.#stopped === 'stop' ? 'it was ended' : `its ${budget / 1000} s were over`;
      const message = `Expected one network to be trained in the comparison but ${why} before that.`;
      throw new GatecastError('invalid-argument', message);
    }
    const { from } = this.#rows;
    const candidates = [...this.#runs].map(([name, runs]) => {
      const { cell, hiddenSize: hidden } = runs[0]!.model.description.network;
      return summarize({ name, cell, hidden }, runs);
    });
    const contestants = candidates.map((each) => contestant(each, this.#runs.get(each.name)!));
    const test = windowTest(this.#runs, train.horizon);
    const chosen = chooseCandidate(contestants, test);
    const { model } = medianRun(this.#runs.get(chosen.name)!);
    const baselines = await compareWithBaselines(model, seriesOf(this.#tables), { from });
    const { best, noise } = baselines;
    const baseline = { name: best, error: baselines.baselines[best]!.scaled.mse, verdict: noise?.verdict };
    return {
      recommendation: recommend(contestants, chosen, test, baseline),
      candidates,
      trials: [...this.#runs.values()].flat().map(({ trial }) => trial),
      baselines,
      model,
      from,
      notes: this.#notes,
      seconds: (performance.now() - this.#begun) / 1000,
    };
  }

  #note(what: string): void {
    this.#notes.push(`The budget has time for ${what}.`);
  }

  #progress(candidate: string, seed: number, trials: number): CompareModelsProgress {
    return { done: this.#done, trials, candidate, seed };
  }
}

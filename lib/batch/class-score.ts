/** How well a category was told, over all forecasts whose true word is known. */
export interface ClassScore {
  /** How many steps of forecasts were scored. */
  forecasts: number;
  /** The share of them whose most likely word was the true one. */
  accuracy: number;
  /** The accuracy of always telling the most frequent of their true words. */
  naive: number;
  /** How often each word was told, by the true word and then by the word told. */
  confusion: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Words that the model has not learned, so that it is always wrong about them, and how often they were true. */
  unseen: ReadonlyMap<string, number>;
  /** How long the model takes to notice that the true word has changed within a series; of its first step. */
  delay: Delay;
  /** The last forecast of each series: how many there are, and the share of them that were right in all steps. */
  last: { series: number; accuracy: number };
}

/** The samples from a change of the true word to the first right answer; 0 if the first answer is right. */
export interface Delay {
  /** How many changes there were. */
  changes: number;
  /** How many of them were noticed before the next change, or before the end. The figures below are over those. */
  noticed: number;
  /** NaN if none was noticed. */
  mean: number;
  longest: number;
}

/** What is known of a series whose forecasts are scored in order. */
interface Course {
  /** The true word of the last first step. */
  truth: string | undefined;
  /** Samples since the true word changed without a right answer; undefined if none is due. */
  waiting: number | undefined;
  /** Whether the last forecast was right in all steps. */
  right: boolean;
}

/** Counts the forecasts of a model. */
export class ClassTally {
  readonly #known: ReadonlySet<string>;
  readonly #confusion = new Map<string, Map<string, number>>();
  readonly #courses = new Map<string, Course>();
  readonly #delays: number[] = [];
  #changes = 0;

  /** `known`: the words that the model has learned. */
  constructor(known: readonly string[]) {
    this.#known = new Set(known);
  }

  /** Scores a forecast: the word told for each step, and the true one, undefined where it is not known. */
  add(key: string, told: readonly string[], truths: readonly (string | undefined)[]): void {
    let right = true;
    let scored = false;
    truths.forEach((truth, step) => {
      if (truth === undefined) return;
      const words = this.#confusion.get(truth) ?? new Map<string, number>();
      words.set(told[step]!, (words.get(told[step]!) ?? 0) + 1);
      this.#confusion.set(truth, words);
      right &&= told[step] === truth;
      scored = true;
    });
    if (!scored) return;
    const course = this.#courses.get(key) ?? { truth: undefined, waiting: undefined, right };
    this.#courses.set(key, course);
    course.right = right;
    this.#follow(course, truths[0], told[0]!);
  }

  score(): ClassScore {
    const totals = [...this.#confusion].map(([truth, words]) => ({
      truth,
      count: sum([...words.values()]),
      right: words.get(truth) ?? 0,
    }));
    const forecasts = sum(totals.map(({ count }) => count));
    const courses = [...this.#courses.values()];
    return {
      forecasts,
      accuracy: sum(totals.map(({ right }) => right)) / forecasts,
      naive: Math.max(0, ...totals.map(({ count }) => count)) / forecasts,
      confusion: this.#confusion,
      unseen: new Map(totals.flatMap(({ truth, count }) => (this.#known.has(truth) ? [] : [[truth, count]]))),
      delay: {
        changes: this.#changes,
        noticed: this.#delays.length,
        mean: sum(this.#delays) / this.#delays.length,
        longest: Math.max(0, ...this.#delays),
      },
      last: { series: courses.length, accuracy: courses.filter(({ right }) => right).length / courses.length },
    };
  }

  #follow(course: Course, truth: string | undefined, told: string): void {
    if (course.waiting !== undefined) course.waiting += 1;
    if (truth === undefined) return;
    if (course.truth !== undefined && truth !== course.truth) {
      this.#changes += 1;
      course.waiting = 0;
    }
    course.truth = truth;
    if (course.waiting === undefined || told !== truth) return;
    this.#delays.push(course.waiting);
    course.waiting = undefined;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

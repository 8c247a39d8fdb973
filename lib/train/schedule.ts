/** How the learning rate changes over the steps of the optimiser. */
export type ScheduleName = 'cosine' | 'plateau' | 'constant';

export const schedules = ['cosine', 'plateau', 'constant'] as const satisfies readonly ScheduleName[];

/** What a schedule needs of the options of a training. */
export interface ScheduleOptions {
  readonly schedule: ScheduleName;
  /** The rate to begin with. */
  readonly learningRate: number;
  /** Steps over which the rate rises to it; below 1 a share of all steps. */
  readonly rampUp: number;
}

/** Where learning is. */
export interface Moment {
  /** Steps of the optimiser taken. */
  readonly step: number;
  /** Steps until the last pass is done. */
  readonly steps: number;
  /** How often the validation loss has come to a standstill. */
  readonly standstills: number;
}

/** What a standstill leaves of the rate of a 'plateau'. */
const FALL = 0.3;

/**
 * The learning rate of the next step. 'cosine' falls along a half cosine to 0 (Loshchilov and Hutter, SGDR, 2017);
 * 'plateau' falls at each standstill of the validation loss; 'constant' stays. At first, each of them rises in a line.
 */
export function learningRate({ schedule, learningRate, rampUp }: ScheduleOptions, moment: Moment): number {
  const { step, steps } = moment;
  const ramp = rampUp < 1 ? rampUp * steps : rampUp;
  return learningRate * Math.min(1, (step + 1) / Math.max(1, ramp)) * shares[schedule](moment);
}

/** What is left of the rate. */
const shares: Readonly<Record<ScheduleName, (moment: Moment) => number>> = {
  cosine: ({ step, steps }) => (1 + Math.cos((Math.PI * step) / steps)) / 2,
  plateau: ({ standstills }) => FALL ** standstills,
  constant: () => 1,
};

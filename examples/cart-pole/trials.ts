import { VirtualClock } from 'gatecast/control';
import { CYCLE, type Motion } from './cart-pole.ts';
import { balancing, type Controller, loopOf, planning } from './controllers.ts';
import type { Models } from './learned.ts';
import { Random } from './random.ts';
import { areUpright, pushes, recoveries, Rig, SECOND } from './rig.ts';

/** Runs a controller on a rig in virtual time, until `done` or for so many seconds. */
function simulate(rig: Rig, decide: Controller, seconds: number, done = () => false): void {
  const clock = new VirtualClock();
  const loop = loopOf(rig, decide, clock).subscribe();
  for (let cycle = 1; cycle <= seconds * SECOND && !done(); cycle++) clock.run(1000 * CYCLE * cycle);
  loop.unsubscribe();
}

/** Swings the pole up from anywhere. Returns when it was up [s], if it stayed so for 2 s, all within 10 s. */
function swingUp(decide: Controller, seed: number): number | undefined {
  const random = new Random(seed);
  const start: Motion = [random.uniform(-0.25, 0.25), 0, random.uniform(-Math.PI, Math.PI), random.uniform(-2, 2)];
  const rig = new Rig(start, random);
  const held = () => rig.frames.length >= 2 * SECOND && areUpright(rig.frames.slice(-2 * SECOND));
  simulate(rig, decide, 10, held);
  return held() ? rig.frames.length * CYCLE - 2 : undefined;
}

/** Pushes the pole, which has been held up for a second. */
function survivesPush(decide: Controller, seed: number): boolean {
  const random = new Random(seed);
  const rig = new Rig([0, 0, random.uniform(-0.05, 0.05), 0], random, pushes(random, 1, 5, 2));
  simulate(rig, decide, 6);
  return recoveries(rig.frames).recovered === 1;
}

/** Prints how often each controller swings up from random starts and recovers from random pushes: of all the same ones. */
export function runTrials({ gru, memoryless }: Models, trials: number, seed: number): void {
  const contenders: Record<string, (seed: number) => Controller> = {
    GRU: (own) => planning(gru, { seed: own }),
    'GRU, delay not made up for': (own) => planning(gru, { seed: own, compensate: false }),
    'MLP without memory': (own) => planning(memoryless, { seed: own }),
    PID: balancing,
  };
  const row = (cells: string[]) =>
    console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(28) : cell.padStart(14))).join(''));
  row(['', 'swings up', 'median', 'slowest', 'recovers', 'CPU a cycle']);
  for (const [name, make] of Object.entries(contenders)) {
    const numbers = Array.from({ length: trials }, (_, trial) => seed + trial);
    const times = numbers.flatMap((own) => swingUp(make(own), own) ?? []).toSorted((a, b) => a - b);
    const began = process.cpuUsage();
    const recovered = numbers.filter((own) => survivesPush(make(own), own)).length;
    const { user, system } = process.cpuUsage(began);
    const cost = (user + system) / 1000 / (trials * 6 * SECOND);
    const seconds = (time: number | undefined) => (time === undefined ? '-' : `${time.toFixed(2)} s`);
    const share = (count: number) => `${count} of ${trials}`;
    const [median, slowest] = [times[times.length >> 1], times.at(-1)];
    row([name, share(times.length), seconds(median), seconds(slowest), share(recovered), `${cost.toFixed(2)} ms`]);
  }
}

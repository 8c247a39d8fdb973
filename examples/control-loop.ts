// Swings a pole up on a cart and keeps it there, by a plan made a hundred times a second with a model that was learned from a log of
// random play. The cart-pole is SIMULATED (cart-pole/cart-pole.ts). Only positions are seen, noisy and two cycles late; every few
// seconds somebody pushes the pole. Beside it run the same planner with a model that has no memory, and a PID.
//
//     npx tsx examples/control-loop.ts                  live, for a minute; Ctrl-C ends it
//     npx tsx examples/control-loop.ts --trials 100     how often each succeeds, in virtual time
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Clock, type ControlCycle, systemClock, VirtualClock } from 'gatecast/control';
import { fromEvent, lastValueFrom, merge, takeUntil, tap, timer } from 'rxjs';
import { balancing, loopOf, planning } from './cart-pole/controllers.ts';
import { learned } from './cart-pole/learned.ts';
import { picture } from './cart-pole/picture.ts';
import { Random } from './cart-pole/random.ts';
import { lean, pushes, recoveries, Rig, UPRIGHT } from './cart-pole/rig.ts';
import { runTrials } from './cart-pole/trials.ts';
import { view } from './cart-pole/view.ts';

const { values: words } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    trials: { type: 'string' }, // prints how often each controller succeeds, and ends
    record: { type: 'string' }, // a file for the loop of the GRU, as `gatecast replay` takes it
    picture: { type: 'string' }, // an SVG file for the run
    virtual: { type: 'boolean', default: false }, // as fast as it goes, rather than live
    models: { type: 'string', default: join(tmpdir(), 'gatecast-cart-pole') }, // a folder; what is learned is kept there
    learn: { type: 'boolean', default: false }, // even if there are models in the folder
  },
});
const [seconds, seed, trials] = [words.seconds, words.seed, words.trials ?? '0'].map(wholeNumber) as [
  number,
  number,
  number,
];
const models = await learned(words.models, words.learn);

if (trials > 0) runTrials(models, trials, seed);
else await run();

async function run(): Promise<void> {
  const controllers = {
    GRU: planning(models.gru, { seed }),
    'MLP without memory': planning(models.memoryless, { seed }),
    PID: balancing(),
  };
  const contenders = Object.entries(controllers).map(([name, decide], i) => {
    const rig = new Rig([0, 0, Math.PI, 0], new Random(seed), pushes(new Random(seed), 5, 5, seconds));
    const cycles: ControlCycle[] = [];
    const file = i === 0 ? words.record : undefined;
    const loop = (clock: Clock) => loopOf(rig, decide, clock, file).pipe(tap((cycle) => cycles.push(cycle)));
    return { name, rig, cycles, loop };
  });

  if (words.virtual) {
    const clock = new VirtualClock();
    const loops = merge(...contenders.map(({ loop }) => loop(clock))).subscribe();
    clock.run(1000 * seconds);
    loops.unsubscribe();
  } else {
    const shown = view(contenders, process.stdout);
    const over = merge(timer(1000 * seconds), fromEvent(process, 'SIGINT'));
    const loops = merge(...contenders.map(({ loop }) => loop(systemClock))).pipe(takeUntil(over));
    await lastValueFrom(loops, { defaultValue: undefined }).finally(() => shown.close());
  }

  for (const { name, rig } of contenders) {
    const up = rig.frames.filter((frame) => Math.abs(lean(frame)) < UPRIGHT).length / rig.frames.length;
    const { pushed, recovered } = recoveries(rig.frames);
    console.log(
      `${name}: upright for ${(100 * up).toFixed(0)}% of the time, recovered from ${recovered} of ${pushed} pushes`,
    );
  }
  if (words.picture !== undefined) writeFileSync(words.picture, picture(contenders));
}

function wholeNumber(word: string): number {
  if (/^\d{1,9}$/.test(word)) return Number(word);
  console.error(`Expected a whole number but received ${word}.`);
  return process.exit(2);
}

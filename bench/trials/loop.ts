// Loops under abuse, all in one process at once: the event loop is blocked for 50 ms every second, 200 MB of garbage are made
// each second, and another process keeps a core busy.
import { StreamMetrics } from 'gatecast';
import { type ControlCycle, controlLoop, lqr, nativeLoop, SharedRing, systemClock } from 'gatecast/control';
import { spawn } from 'node:child_process';
import { isaName } from '../gatecast.ts';
import type { Result } from '../record.ts';
import { say } from '../say.ts';

const BLOCK = 50; // ms, every second
const GARBAGE = 200e6; // bytes a second
const PRIORITY = 80;
const RULES = { inputs: 2, limits: [{ min: -10, max: 10, maxRate: 200 }], maxAgeMs: 1000, stop: [0] };
const GAIN = [[16, 8]];

interface Running {
  readonly name: string;
  readonly metrics: StreamMetrics;
  /** Ends it; throws where a miss was not said. */
  end(): void;
}

/** Runs loops for so many seconds, `hz` the fast ones. */
export async function loop(hz: number, seconds: number): Promise<Result[]> {
  const busy = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  process.on('exit', () => busy.kill('SIGKILL'));
  const measured = [new SharedRing({ width: 2 }), new SharedRing({ width: 2 })] as const;
  const loops = [inJavaScript(100), inJavaScript(hz), natively(hz, measured[0]), natively(hz, measured[1], PRIORITY)];
  const readers = loops.map(({ metrics }) => metrics.reader());
  await abuse(seconds, () => measured.forEach((ring) => ring.push({ at: systemClock.now(), values: [0.5, 0] })));
  for (const each of loops) each.end();
  busy.kill('SIGKILL');

  const found = loops.map(({ name }, k) => {
    const { counters, times } = readers[k]!.read();
    const misses = counters['misses:skipped'] + counters['misses:late'];
    say(
      `${name}: ${counters.cycles} cycles, ${counters['misses:skipped']} skipped, ${counters['misses:late']} late, ` +
        `${counters.fallbacks} fallbacks, at most ${(times.period.max / 1e6).toFixed(2)} ms from one to the next`,
    );
    return { name, misses, jitter: times.jitter };
  });
  const rival = found[1]!;
  return found.map(({ name, misses, jitter }, k) => ({
    trial: 'loop',
    cell: null,
    sizes: {},
    precision: 'f64',
    batch: 1,
    threads: 1,
    isa: isaName,
    ours: misses,
    rival: k > 1 ? rival.misses : null,
    rivalName: k > 1 ? 'controlLoop' : null,
    unit: `misses in ${seconds} s`,
    ratio: k > 1 ? rival.misses / Math.max(1, misses) : null,
    floor: null,
    floorRatio: null,
    spread: 0,
    variant: name,
    p50: jitter.p50,
    p99: jitter.p99,
    p999: jitter.p999,
    max: jitter.max,
  }));
}

/** A loop on the event loop. Its actions are timed by another clock, and what that finds missing must have been said. */
function inJavaScript(hz: number): Running {
  const metrics = new StreamMetrics();
  const acted: number[] = [];
  const cycles: ControlCycle[] = [];
  // What comes between the two looks makes the difference less.
  const behind = Math.max(...Array.from({ length: 1000 }, () => systemClock.now() - hrtime()));
  const subscription = controlLoop({
    ...RULES,
    hz,
    observe: () => ({ at: systemClock.now(), values: [0.5, 0] }),
    decide: ({ values: [x, v] }) => [-16 * x! - 8 * v!],
    act: () => acted.push(hrtime()),
    fallback: 'hold',
    metrics,
  }).subscribe((cycle) => cycles.push(cycle));
  const end = () => {
    subscription.unsubscribe();
    const period = 1000 / hz;
    const { seq: first, tDue } = cycles[0]!;
    const origin = tDue - first * period - behind;
    // Between them the clocks are a fraction of a microsecond apart.
    const inTime = new Set(
      acted.flatMap((time) => [time - origin, time - origin + 0.01].map((since) => Math.floor(since / period))),
    );
    const said = new Set<number>();
    for (const { seq, missed, deadlineMet } of cycles) {
      for (let slot = seq - missed; slot < seq; slot++) said.add(slot);
      if (!deadlineMet) said.add(seq);
    }
    const last = cycles.at(-1)!.seq;
    const empty = Array.from({ length: last }, (_, slot) => slot).filter((slot) => !inTime.has(slot));
    const unsaid = empty.filter((slot) => !said.has(slot)).length;
    if (unsaid > 0) throw new Error(`${unsaid} misses of controlLoop at ${hz} Hz were not said`);
    say(`controlLoop, ${hz} Hz: by another clock, ${empty.length} of ${last} periods had no action; it said so of all`);
  };
  return { name: `controlLoop, ${hz} Hz`, metrics, end };
}

/** A native loop. Its cycles are counted in the ring of its actions, and on the schedule by another clock. */
function natively(hz: number, observations: SharedRing, priority?: number): Running {
  const metrics = new StreamMetrics();
  const actions = new SharedRing({ width: 1 });
  const began = hrtime();
  const name = `nativeLoop, ${hz} Hz${priority === undefined ? '' : `, priority ${priority}`}`;
  const seen = { next: 0, gaps: 0, lost: 0, refused: [] as readonly string[] };
  const subscription = nativeLoop({
    ...RULES,
    hz,
    observations,
    actions,
    controller: lqr({ gain: GAIN }),
    fallback: 'hold',
    metrics,
    ...(priority !== undefined && { priority }),
  }).subscribe(({ seq, missed, lost, refused }) => {
    if (lost === 0 && seq !== seen.next + missed) seen.gaps++;
    seen.lost += lost;
    seen.next = seq + 1;
    seen.refused = refused;
  });
  const end = () => {
    const ended = hrtime();
    subscription.unsubscribe();
    for (const sentence of seen.refused) say(`${name}: ${sentence}`);
    const cycles = metrics.counter('cycles').value;
    const due = cycles + metrics.counter('misses:skipped').value;
    let given = actions.lost;
    while (actions.take() !== undefined) given++;
    const wanted = ((ended - began) / 1000) * hz;
    // A thread takes a moment to begin and to end.
    const astray = Math.abs(due - wanted) > 0.02 * hz || given !== cycles + 1 || seen.gaps > 0;
    if (astray) {
      throw new Error(
        `${name}: ${cycles} cycles, ${due} due, ${given} actions, ${seen.gaps} gaps in ${wanted} periods`,
      );
    }
    if (seen.lost > 0) say(`${name}: ${seen.lost} records were not read in time`);
  };
  return { name, metrics, end };
}

/** Milliseconds by the clock that is not systemClock */
function hrtime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Blocks, litters, and calls `each` whenever the event loop gets to it. */
async function abuse(seconds: number, each: () => void): Promise<void> {
  const start = hrtime();
  const kept: unknown[] = new Array(500);
  let made = 0;
  let blocks = 0;
  for (let elapsed = 0; elapsed < 1000 * seconds; elapsed = hrtime() - start) {
    each();
    if (elapsed > 1000 * (blocks + 0.5)) {
      blocks++;
      for (const until = hrtime() + BLOCK; hrtime() < until; );
    }
    for (; made < (GARBAGE * elapsed) / 1000; made += 8192) kept[(made / 8192) % 500] = new Array(1024).fill(made);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/**
 * The sensors of this machine as a stream.
 * @module gatecast/sensors
 */
import { Observable } from 'rxjs';
import { number, object } from '../base/schema.ts';
import { openGauges } from './machine.ts';

/** At a lower rate, a period would be longer than timers can wait. */
const checkOptions = object<{ hz?: number }>({ hz: number(0.001, 100) }, ['hz']);

/** One reading of all sensors. */
export interface Reading {
  /** When it was taken, in ms since 1970. */
  at: number;
  /** One value for each sensor, in the order and units of `SensorStream.names` and `.units`. Always finite. */
  values: Float64Array;
}

/** Readings of this machine, with the names and units of its sensors. */
export interface SensorStream extends Observable<Reading> {
  /** Readings a second. */
  readonly hz: number;
  readonly names: readonly string[];
  /** '%', 'MB/s', 'ms', or '' for a plain number. */
  readonly units: readonly string[];
}

/**
 * Reads this machine's own sensors at a steady rate, from subscription until unsubscription.
 *
 *     core0, core1 ... busy time of each core, % (above 8 cores: groups of neighbours)      over the last second
 *     memory           memory in use, %
 *     load             1-minute load average                                                where the platform has it
 *     loopDelay        ms by which this reading came late: the delay of Node's event loop
 *     netIn, netOut    bytes through the real network interfaces, MB/s                      Linux, over the last second
 *     diskRead, diskWrite  bytes from and to whole disks, MB/s                              Linux, over the last second
 *
 * Cold: each subscriber has a clock of its own. The n-th reading is due n periods after the subscription, however late
 * the readings before it were. A missed reading is left out, never made up.
 *
 * @param options.hz readings a second, from 0.001 to 100; default 10
 * @throws GatecastError `invalid-argument`
 */
export function sensors(options: { hz?: number } = {}): SensorStream {
  const { hz = 10 } = checkOptions(options, 'options');
  const loopDelay = { name: 'loopDelay', unit: 'ms' };
  const described = [...openGauges().flatMap((gauge) => gauge.sensors), loopDelay];

  const readings = new Observable<Reading>((subscriber) => {
    const gauges = openGauges();
    const take = (late: number, now: number) =>
      Float64Array.from([...gauges.flatMap((gauge) => Array.from(gauge.read(now))), late]);
    take(0, performance.now());
    return steadyClock(1000 / hz, (late, now) => subscriber.next({ at: Date.now(), values: take(late, now) }));
  });
  return Object.assign(readings, {
    hz,
    names: described.map(({ name }) => name),
    units: described.map(({ unit }) => unit),
  });
}

/**
 * Calls `tick` at every multiple of `period` ms from now, with its delay in ms. Missed ticks are left out. Returns a
 * function that stops it.
 */
function steadyClock(period: number, tick: (late: number, now: number) => void): () => void {
  const start = performance.now();
  let count = 1;
  let timer = setTimeout(run, period);
  function run() {
    const now = performance.now();
    const due = start + count * period;
    // A timer may fire up to a millisecond early.
    const late = Math.max(0, now - due);
    count += 1 + Math.floor(late / period);
    timer = setTimeout(run, Math.max(0, start + count * period - now));
    tick(late, now);
  }
  return () => clearTimeout(timer);
}

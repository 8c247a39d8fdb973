import { readFileSync } from 'node:fs';
import { cpus, freemem, loadavg, totalmem } from 'node:os';

/** Sensors that are read together. `read` returns one value for each of them. */
export interface Gauge {
  readonly sensors: readonly { readonly name: string; readonly unit: string }[];
  /** The values now, always finite. `now` is in ms and never falls. */
  read(now: number): ArrayLike<number>;
}

/**
 * The time over which counters become rates [ms]. Over 100 ms, a core's busy time, counted in ticks of 10 ms, is mostly
 * rounding.
 */
const rateWindow = 1000;

/**
 * Most rows of cores. More cores are read as this many groups of neighbours, so that a table of sensors stays readable.
 */
const coreRows = 8;

/**
 * Opens the gauges of this machine, without those that the platform lacks. Each subscriber opens its own, because rates
 * remember the past.
 */
export function openGauges(): Gauge[] {
  return [cores(), memory(), load(), network(), disk()].filter((gauge) => gauge !== undefined);
}

function cores(): Gauge | undefined {
  const readBusy = [busyFromProc, busyFromOs].find((read) => (read()?.length ?? 0) > 0);
  if (readBusy === undefined) return undefined;
  const groups = groupCores(readBusy()!.length);
  const sensors = groups.map(({ name }) => ({ name, unit: '%' }));
  const busyRates = rates(sensors, () => {
    const busy = readBusy();
    return busy && groups.map(({ from, to }) => (100 * sum(busy.slice(from, to))) / (to - from));
  });
  // Counted in ticks, a busy core can seem to work a little more than 100 %.
  return { sensors, read: (now) => Array.from(busyRates.read(now), (percent) => Math.min(100, percent)) };
}

function memory(): Gauge {
  return {
    sensors: [{ name: 'memory', unit: '%' }],
    read: () => [100 * (1 - freemem() / totalmem())],
  };
}

function load(): Gauge | undefined {
  if (process.platform === 'win32') return undefined;
  return { sensors: [{ name: 'load', unit: '' }], read: () => [loadavg()[0]!] };
}

function network(): Gauge | undefined {
  const read = () => parse('/proc/net/dev', networkMegabytes);
  if (read() === undefined) return undefined;
  return rates(['netIn', 'netOut'].map(megabytesPerSecond), read);
}

function disk(): Gauge | undefined {
  const read = () => parse('/proc/diskstats', diskMegabytes);
  if (read() === undefined) return undefined;
  return rates(['diskRead', 'diskWrite'].map(megabytesPerSecond), read);
}

/** Neighbouring cores with a name for each group: `core3` alone, `core8-15` together. `to` is exclusive. */
export function groupCores(count: number, rows = coreRows): { name: string; from: number; to: number }[] {
  const groups = Math.min(count, rows);
  return Array.from({ length: groups }, (_, group) => {
    const from = Math.floor((group * count) / groups);
    const to = Math.floor(((group + 1) * count) / groups);
    return { name: to - from === 1 ? `core${from}` : `core${from}-${to - 1}`, from, to };
  });
}

/**
 * Rates per second of rising counters, over the last second. The rate of a counter that cannot be read or was set back
 * is 0.
 */
export function rates(sensors: Gauge['sensors'], readCounters: () => readonly number[] | undefined): Gauge {
  const past: { at: number; counters: readonly number[] }[] = [];
  return {
    sensors,
    read(now) {
      const counters = readCounters() ?? past.at(-1)?.counters ?? sensors.map(() => 0);
      past.push({ at: now, counters });
      while (past.length > 2 && now - past[1]!.at >= rateWindow) past.shift();
      const first = past[0]!;
      const seconds = (now - first.at) / 1000;
      return sensors.map((_, i) =>
        seconds > 0 ? Math.max(0, ((counters[i] ?? 0) - (first.counters[i] ?? 0)) / seconds) : 0,
      );
    },
  };
}

/** Busy seconds of each core since the start, from /proc/stat (counted in 1/100 s). Waiting for a disk is idle time. */
export function busySeconds(procStat: string): number[] {
  return lines(procStat)
    .filter((line) => /^cpu\d/.test(line))
    .map((line) => {
      const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).map(Number);
      return (user + nice + system + irq + softirq) / 100;
    });
}

/**
 * Megabytes received and sent since the start on all real interfaces, from /proc/net/dev; undefined without an
 * interface.
 */
export function networkMegabytes(procNetDev: string): number[] | undefined {
  const virtual = /^(lo|ifb|veth|docker|br-|virbr|tun|tap|dummy)/;
  const rows = lines(procNetDev)
    .map((line) => line.trim().split(/[:\s]+/))
    .filter(([name = '', received]) => /^\d+$/.test(received ?? '') && !virtual.test(name));
  return rows.length === 0 ? undefined : [1, 9].map((column) => sum(rows.map((row) => Number(row[column]))) / 1e6);
}

/** Megabytes read and written since the start on all whole disks, from /proc/diskstats; undefined without a disk. */
export function diskMegabytes(procDiskStats: string): number[] | undefined {
  const whole = /^((s|h|v|xv)d[a-z]+|nvme\d+n\d+|mmcblk\d+)$/;
  const sectorMegabytes = 512e-6;
  const rows = lines(procDiskStats)
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => whole.test(row[2] ?? ''));
  return rows.length === 0
    ? undefined
    : [5, 9].map((column) => sum(rows.map((row) => Number(row[column]))) * sectorMegabytes);
}

function busyFromProc(): number[] | undefined {
  return parse('/proc/stat', busySeconds);
}

function busyFromOs(): number[] {
  return cpus().map(({ times }) => (times.user + times.nice + times.sys + times.irq) / 1000);
}

function parse<T>(path: string, parser: (text: string) => T): T | undefined {
  try {
    return parser(readFileSync(path, 'latin1'));
  } catch {
    return undefined;
  }
}

function megabytesPerSecond(name: string) {
  return { name, unit: 'MB/s' };
}

function lines(text: string): string[] {
  return text.split('\n');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

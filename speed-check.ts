import { Subject } from 'rxjs';
const root = process.argv[2]!;
const { StreamState } = await import(`${root}/lib/stream/state/stream-state.ts`);
const { forecastBy } = await import(`${root}/lib/stream/fleet/forecast-by.ts`);
const { liveModel, uniform } = await import(`${root}/bench/live-model.ts`);
const model = await liveModel('gru', 32);
const random = uniform(5);
const cpu = () => { const u = process.cpuUsage(); return u.user; };
const variants: Record<string, object> = { plain: {}, online: { gap: 'hold', health: true, calibrate: true }, all: { gap: 'hold', health: true, calibrate: true, skill: true, watch: true, adapt: true, lateness: '3s' } };
const out: Record<string, number> = {};
const samples = Array.from({ length: 1024 }, () => [50 + 10 * random(), 30 + random()]);
const chosen = process.argv[3] ? [process.argv[3]] : Object.keys(variants);
for (const name of chosen) {
  if (name === 'fleet') continue;
  const state = new StreamState(model, variants[name]);
  let t = 1.8e12, n = 0, sum = 0;
  const each = name === 'all' ? 4000 : 20000;
  const times: number[] = [];
  for (let r = 0; r < 40; r++) {
    const s = cpu();
    for (let i = 0; i < each; i++) { t += 1000; sum += state.step({ at: t, values: samples[n++ & 1023]! })!.numbers[0]!; }
    times.push((cpu() - s) * 1000 / each);
  }
  times.sort((a, b) => a - b);
  out[name] = Math.round(times[4]!);
}
if (!process.argv[3] || process.argv[3] === 'fleet') {
  for (const online of [false, true]) {
    const source = new Subject<any>();
    let got = 0;
    const keys = 20000;
    source.pipe(forecastBy((r: any) => r.id, model, online ? variants['online'] : {})).subscribe(() => got++);
    const ids = Array.from({ length: keys }, (_, k) => `device-${k}`);
    let t = 1.8e12;
    const turn = () => new Promise<void>((r) => setImmediate(r));
    const send = async (total: number) => { for (let n = 0; n < total; n++) { t += 1000 / keys; source.next({ id: ids[Math.floor(random() * keys)]!, at: t, values: samples[n & 1023]! }); if (n % 1000 === 999) await turn(); } await turn(); };
    await send(3 * keys);
    const times: number[] = [];
    for (let r = 0; r < 24; r++) { const s = cpu(); await send(10000); times.push((cpu() - s) / 10); }
    times.sort((a, b) => a - b);
    out[online ? 'fleet-online' : 'fleet'] = Math.round(times[3]!);
  }
}
console.log(JSON.stringify(out));
process.exit(0);

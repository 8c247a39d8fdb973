const roots: any = { mine: process.env['MINE'] ?? '/tmp/wt/parts', base: process.env['BASE'] ?? '/tmp/wt/parts-base' };
const variants: Record<string, object> = { plain: {}, gapHealthCal: { gap: 'hold', health: true, calibrate: true }, calibrate: { calibrate: true }, watch: { watch: true }, all: { gap: 'hold', health: true, calibrate: true, skill: true, watch: true, adapt: true, lateness: '3s' } };
const wanted = process.argv.slice(2);
const made: any = {};
for (const [name, root] of Object.entries(roots)) {
  const { StreamState } = await import(`${root}/lib/stream/state/stream-state.ts`);
  const { liveModel } = await import(`${root}/bench/live-model.ts`);
  const { Forecaster } = await import(`${root}/lib/model/forecaster.ts`);
  made[name] = { StreamState, Forecaster };
  if (name === 'mine') made.bytes = (await liveModel('gru', 32)).toBytes();
}
let seed = 1; const random = () => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return seed / 2 ** 32; };
const samples = Array.from({ length: 1024 }, () => [50 + 10 * random(), 30 + random()]);
for (const v of wanted.length ? wanted : Object.keys(variants)) {
  const runs: any = {};
  for (const name of ['mine', 'base']) {
    const model = made[name].Forecaster.fromBytes(made.bytes);
    const state = new made[name].StreamState(model, variants[v]);
    let t = 1.8e12, n = 0, sum = 0;
    const run = new Function('state', 'samples', `let t=1.8e12,n=0,sum=0; return (count)=>{ for(let i=0;i<count;i++){ t+=1000; sum+=state.step({at:t,values:samples[n++&1023]}).numbers[0]; } return sum; }`)(state, samples);
    runs[name] = { run, times: [] };
  }
  const count = v === 'all' ? 200 : 1000;
  for (let w = 0; w < 60; w++) for (const name of ['base', 'mine']) runs[name].run(count);
  for (let r = 0; r < 500; r++) for (const name of r % 2 ? ['base', 'mine'] : ['mine', 'base']) {
    const s = performance.now(); runs[name].run(count); runs[name].times.push((performance.now() - s) * 1e6 / count);
  }
  const q = (a: number[], p: number) => a.toSorted((x, y) => x - y)[Math.floor(a.length * p)]!;
  const [b, m] = [runs.base.times, runs.mine.times];
  console.log(v, 'p5', q(b, 0.05).toFixed(0), q(m, 0.05).toFixed(0), (100 * (q(m, 0.05) / q(b, 0.05) - 1)).toFixed(1) + '%', 'p25', q(b, 0.25).toFixed(0), q(m, 0.25).toFixed(0), (100 * (q(m, 0.25) / q(b, 0.25) - 1)).toFixed(1) + '%');
}
process.exit(0);

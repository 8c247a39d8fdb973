import { readFileSync } from 'node:fs';
import { fitLinear } from './lib/baselines/fit-linear.ts';
import { Linear } from './lib/baselines/linear.ts';
const ett = readFileSync('/work/shared/data/ett/ETTh1.csv', 'utf8').trim().split('\n').slice(1).map((l) => l.split(',').slice(1).map(Number));
const cols = [...Array(7)].map((_, c) => { const v = Float64Array.from(ett, (r) => r[c]!); const tr = v.subarray(0, 8640); const m = tr.reduce((a, b) => a + b) / 8640; const s = Math.sqrt(tr.reduce((a, b) => a + (b - m) ** 2, 0) / 8640); return v.map((x) => (x - m) / s); });
for (const [L, T] of [[336, 96], [336, 720]] as const) for (const kind of ['nlinear', 'dlinear'] as const) {
  const t = performance.now();
  const w = fitLinear(kind, { training: cols.map((c) => c.subarray(0, 8640)), validation: cols.map((c) => c.subarray(8640 - L, 11520)) }, L, T)!;
  const ms = performance.now() - t;
  let [mse, mae, n] = [0, 0, 0];
  for (const c of cols) {
    const rule = new Linear(kind, w, { mean: 0, std: 1 });
    const row = new Float64Array(rule.size); rule.reset(row, 0);
    for (let i = 11520 - L; i + T < 14400; i++) { rule.observe(row, 0, c[i]!); if (i >= 11519) for (let h = 1; h <= T; h++) { const e = rule.forecast(row, 0, h) - c[i + h]!; mse += e * e; mae += Math.abs(e); n++; } }
  }
  console.log(kind, L, T, (mse / n).toFixed(4), (mae / n).toFixed(4), n / T / 7, Math.round(ms), 'ms');
}

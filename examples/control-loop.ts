// A controller that imagines what each action would lead to, with a model that was learned from a log of random play.
// The plant is SIMULATED: an oven whose heater acts late and slowly, measured with noise.
//
//     npx tsx examples/control-loop.ts
import { type Forecaster, type ForecasterState, fit } from 'gatecast';

const tick = 5; // seconds between measurements, and between actions
const noise = randomNumbers(1);

/** A heater behind half a minute of dead time and 40 s of inertia warms an oven with 300 s of its own. */
class Oven {
  #onTheWay = new Array<number>(6).fill(0);
  #element = 0;
  #temperature = 20;

  /** Runs for one tick at a power between 0 and 1. Returns the temperature as the sensor sees it, in deg C. */
  run(power: number): number {
    this.#onTheWay.push(power);
    const arriving = this.#onTheWay.shift()!;
    for (let second = 0; second < tick; second++) {
      this.#element += (arriving - this.#element) / 40;
      this.#temperature += (20 + 130 * this.#element - this.#temperature) / 300;
    }
    return this.#temperature + 0.3 * gaussian();
  }
}

/** What the oven did under powers that changed at random: the temperature of each tick and the power that followed it. */
function randomPlay(ticks: number) {
  const oven = new Oven();
  const log = { temperature: new Float64Array(ticks), power: new Float64Array(ticks) };
  let power = 0;
  for (let t = 0; t < ticks; t++) {
    log.temperature[t] = oven.run(power);
    if (noise() < 0.05) power = Math.max(0, Math.min(1, 1.4 * noise() - 0.2));
    log.power[t] = power;
  }
  return log;
}

type Controller = (temperature: number, wanted: number) => number;

const thermostat: Controller = (temperature, wanted) => (temperature < wanted ? 1 : 0);

/** At each tick tries every plan on a copy of the model's state, and does the first action of the one that ends up nearest. */
function imagining(model: Forecaster): Controller {
  const levels = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const plans = levels.flatMap((first) => levels.map((rest) => ({ first, rest })));
  const state = model.createState();
  return (temperature, wanted) => {
    const costs = plans.map((plan) => costOf(plan, state.fork(), temperature, wanted));
    const { first } = plans[costs.indexOf(Math.min(...costs))]!;
    state.step([temperature, first]);
    return first;
  };
}

function costOf(plan: { first: number; rest: number }, state: ForecasterState, now: number, wanted: number): number {
  let temperature = now;
  let cost = 0;
  for (let k = 0; k < 36; k++) {
    temperature = state.step([temperature, k < 6 ? plan.first : plan.rest])!.mean[0]!;
    cost += (temperature - wanted) ** 2;
  }
  state.dispose();
  return cost;
}

/** Runs an oven through three wanted temperatures; returns what was measured at each tick. */
function drive(control: Controller): number[] {
  const oven = new Oven();
  let power = 0;
  return wanted.map((target) => {
    const temperature = oven.run(power);
    power = control(temperature, target);
    return temperature;
  });
}

const stretch = 180; // ticks for which one temperature is wanted
const wanted = [60, 90, 45].flatMap((temperature) => new Array<number>(stretch).fill(temperature));
const { temperature, power } = randomPlay(6000);
console.log('learning from 6,000 ticks of random play with the simulated oven');
const model = await fit(
  { names: ['temperature', 'power'], columns: [temperature, power] },
  { targets: 'temperature', horizon: 1, loss: 'mse', hidden: 16, lookback: 32, seed: 1 },
);

const runs = { thermostat: drive(thermostat), imagining: drive(imagining(model)) };
console.log('minute  wanted  thermostat  imagining');
for (let t = 0; t < wanted.length; t += 36) {
  const row = [(t * tick) / 60, wanted[t]!, runs.thermostat[t]!, runs.imagining[t]!];
  console.log(row.map((value, i) => value.toFixed(i < 2 ? 0 : 1).padStart([6, 8, 12, 11][i]!)).join(''));
}
for (const [name, measured] of Object.entries(runs)) {
  const settled = measured.filter((_, t) => t % stretch >= stretch / 2);
  const aims = wanted.filter((_, t) => t % stretch >= stretch / 2);
  console.log(`${name}: off by ${rms(measured, wanted)} deg C (RMS), by ${rms(settled, aims)} once settled`);
}

function rms(measured: number[], wanted: number[]): string {
  const squares = measured.reduce((sum, value, t) => sum + (value - wanted[t]!) ** 2, 0);
  return Math.sqrt(squares / wanted.length).toFixed(2);
}

function gaussian(): number {
  return Math.sqrt(-2 * Math.log(1 - noise())) * Math.cos(2 * Math.PI * noise());
}

/** The same numbers in [0, 1) for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

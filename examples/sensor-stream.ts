// Forecasts this machine's own sensors three seconds ahead with a GRU that it has just trained on them.
//
//     npx tsx examples/sensor-stream.ts [seconds]      ends by itself, by default after 45 s
import { fit, forecast } from 'gatecast';
import { sensors } from 'gatecast/sensors';
import { bufferCount, filter, firstValueFrom, shareReplay, takeUntil, throttleTime, timer } from 'rxjs';

const seconds = Number(process.argv[2] ?? 45);
const hz = 10;
const horizon = 3 * hz;
const collect = 20 * hz;

// Readings are kept, so that none are lost while the network learns.
const machine = sensors({ hz });
const readings = machine.pipe(takeUntil(timer(1000 * seconds)), shareReplay({ bufferSize: 600, refCount: true }));
const keeping = readings.subscribe();

console.log(`reading ${machine.names.join(', ')}`);
const first = await firstValueFrom(readings.pipe(bufferCount(collect)));

console.log(`learning from ${first.length} readings`);
const model = await fit(
  {
    names: [...machine.names],
    columns: machine.names.map((_, sensor) => Float64Array.from(first, ({ values }) => values[sensor]!)),
    at: Float64Array.from(first, ({ at }) => at),
  },
  { targets: [...machine.names], horizon, hidden: 24, levels: [0.1, 0.5, 0.9] },
);

// forecast() starts from nothing: it gets the readings kept so far, then new ones.
const live = Date.now();
console.log('sensor                in 3 s     80% interval');
readings
  .pipe(
    forecast(model),
    filter(({ at, ready }) => ready && at! >= live),
    throttleTime(2000),
  )
  .subscribe({
    next: (ahead) => {
      const { lower, upper } = ahead.interval(0.8);
      for (const [sensor, name] of machine.names.entries()) {
        const end = (sensor + 1) * horizon - 1;
        const [mean, low, high] = [ahead.mean, lower, upper].map((values) => values[end]!.toFixed(1));
        console.log(`${name.padEnd(12)} ${mean!.padStart(15)} ${`${low} to ${high}`.padStart(17)}`);
      }
      console.log();
    },
    complete: () => keeping.unsubscribe(),
  });

import { createBreath } from '../base/breath.ts';
import { blocksOf } from '../data/blocks.ts';
import { type Data, isSeries, seriesOf } from '../data/series.ts';
import { tableInputs } from '../model/ahead.ts';
import { checkModel, Lanes, type RollingModel } from './lanes.ts';
import type { RollingForecast } from './rolling.ts';

/**
 * Forecasts what follows the last row of each series. The result is by key, in the order of the series' first rows; a
 * table has the key ''. A model that was trained with missing values fills them; for any other, rows with missing
 * values are left out, so the forecast is made after the last complete row, and a series without one has no forecast.
 * Series are read in chunks and stepped side by side. Rejects with `invalid-argument` or `invalid-data` for arguments
 * that cannot be used, and with the error that the source of the series throws.
 */
export async function predict(model: RollingModel, data: Data): Promise<Map<string, RollingForecast>> {
  checkModel(model);
  const series = isSeries(data) ? data : seriesOf(data);
  const names = tableInputs(model.description);
  const latest = new Map<string, RollingForecast>();
  const lanes = new Lanes(model);
  const breathe = createBreath();
  try {
    for await (const block of blocksOf(series, names)) {
      const last = new Map(block.map((table) => [table.key, lanes.lastUsable(table)]));
      for (const step of lanes.run(block, { wanted: (row, lane) => row - lane.row === last.get(lane.key) })) {
        if (step) latest.set(step.lane.key, { key: step.lane.key, row: step.row, forecast: step.forecast });
        else await breathe();
      }
    }
    for (const step of lanes.finish({ wanted: (_row, _lane, last) => last })) {
      if (step) latest.set(step.lane.key, { key: step.lane.key, row: step.row, forecast: step.forecast });
      else await breathe();
    }
    const found = [...lanes.keys].flatMap((key) => latest.get(key) ?? []);
    return new Map(found.map((entry) => [entry.key, entry]));
  } finally {
    lanes.dispose();
  }
}

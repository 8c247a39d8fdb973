import type { KeyedTable } from '../data/series.ts';
import type { Description } from '../model/description.ts';
import type { Forecaster } from '../model/forecaster.ts';
import type { Encoder } from '../model/inputs/encoder.ts';
import { type NetworkSpec, parameterShapes, recurrentSize } from '../network/network-spec.ts';
import { Trainer } from '../network/trainer.ts';
import { stepOf } from '../train/models/deepar.ts';
import { halves, windowsOf } from './flow-windows.ts';
import { idleOptions, type Probe } from './probe.ts';

/** Most lags by default. */
const MOST_LAGS = 2048;

/** Of a model that reads row by row, also if it draws its forecasts. Default lags: its lookback. */
export async function recurrentProbe(
  model: Forecaster,
  tables: readonly KeyedTable[],
  lags = Math.min(model.description.lookback, MOST_LAGS),
): Promise<Probe> {
  const reader = model.description.paths ? stepOf(model) : model; // what it learned forecasts one step
  const { description } = reader;
  const { network, targets, anchor } = description;
  const { plan, data, starts } = await windowsOf(reader, tables, halves(lags));
  // Of a class, the true values are beside the rows, so the column does not matter.
  const { columns } = data.encoder;
  const columnsOf = () => targets.map((target) => columns[plan.inputs.indexOf(target)] ?? 0);
  return {
    form: {
      kind: 'recurrent',
      cell: network.cell,
      lags: data.shape.window,
      rowsPerLag: 1,
      layers: layersOf(network),
      outputs: recurrentSize(network),
      inputs: inputsOf(description, data.encoder),
      shapes: parameterShapes(network),
    },
    starts,
    trainer: (weights) =>
      new Trainer(
        data.rows,
        {
          ...idleOptions(description),
          network,
          ...data.shape,
          feedForward: false,
          carries: false,
          targets: description.channels ? [0] : columnsOf(),
          anchor: anchor === 'last',
        },
        weights,
        data.marks,
      ),
  };
}

/** The layers of a network, each with its direction backwards if it has one. */
export function layersOf({ numLayers, bidirectional }: NetworkSpec): string[] {
  return Array.from({ length: numLayers }, (_, layer) => `layer ${layer}`).flatMap((name) =>
    bidirectional ? [name, `${name} backwards`] : [name],
  );
}

/** What the network reads, in order: a name, and its first input of the network. */
function inputsOf(
  { inputs, channels, calendar }: Description,
  { columns, earlier, calendarAt }: Encoder,
): (readonly [name: string, from: number])[] {
  const groups: [string, number][] =
    channels === undefined ? inputs.map(({ name }, i) => [name, columns[i]!]) : [['target', 0]];
  if (channels === 'embedded') groups.push(['embedding', 1]);
  if (earlier.length > 0) groups.push(['lags', earlier[0]!]);
  if (calendar) groups.push(['calendar', calendarAt]);
  return groups;
}

import { seriesOf } from '../data/series.ts';
import { gradientFlow } from '../diagnosis/gradient-flow.ts';
import { type DataFlags, dataOptionsOf } from './data-options.ts';
import { flowReport } from './flow.ts';
import { modelOf, readTablesOf } from './input.ts';
import { reportJson } from './report-json.ts';

/** How gradients flow back through a model over the rows of a file. */
export async function inspectFlow(path: string, file: string, flags: DataFlags, json: boolean): Promise<string> {
  const model = await modelOf(path);
  try {
    const tables = await readTablesOf(model.description, file, dataOptionsOf(flags));
    const flow = await gradientFlow(model, seriesOf(tables));
    return json ? reportJson(file, { model: path, ...flow }) : flowReport(path, file, flow);
  } finally {
    model.dispose();
  }
}

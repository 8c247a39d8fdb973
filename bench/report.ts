// Makes the tables of docs/performance.md from a saved run:
//   npx tsx bench/report.ts bench/results/FILE.json [docs/performance.md]
// With a page, puts each table between its marks there; otherwise prints them all.
import { readFileSync, writeFileSync } from 'node:fs';
import { fillIn } from './markdown.ts';
import { reportTables } from './report-tables.ts';
import { readRun } from './save.ts';

const [file, page] = process.argv.slice(2);
if (file === undefined) throw new Error('Expected the path of a saved run.');
const tables = reportTables(readRun(file));
if (page === undefined) {
  for (const [name, table] of Object.entries(tables))
    console.log(`<!-- bench: ${name} -->\n\n${table}\n\n<!-- /bench -->\n`);
} else {
  writeFileSync(page, fillIn(readFileSync(page, 'utf8'), tables));
}

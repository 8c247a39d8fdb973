// Checks that comment lines in lib/ and native/ have at most 120 columns, because the formatters leave comments alone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conclude, files, root } from './tool.mjs';

const COLUMNS = 120;
// A line of a comment, or code with a comment after it. A URL cannot be broken.
const comment = /^\s*(?:\/\/|\/\*|\*)|\s\/\/[/<]*\s/;
const url = /https?:\S+$/;

const complaints = [];
const sources = [...files('lib', /\.ts$/), ...files('native', /\.(?:h|cpp|mjs)$/)];
for (const path of sources) {
  for (const [i, line] of readFileSync(join(root, path), 'utf8').split('\n').entries()) {
    if (line.length <= COLUMNS || !comment.test(line) || url.test(line)) continue;
    complaints.push(`${path}:${i + 1} is a comment of ${line.length} columns, more than ${COLUMNS}.`);
  }
}

conclude(complaints, `comments of ${sources.length} files`);

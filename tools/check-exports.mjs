// Checks that each name that a file of lib/ exports is used in lib/: imported by another file, or used again in its own
// (and exported for its tests, or because a signature names it). A name that only tests use is dead code.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { entries, started } from './entries.mjs';
import { conclude, files, root } from './tool.mjs';

const roots = [...entries, ...started].map(({ source }) => source);
const declaration =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type) (\w+)/gm;
const list = /^(?:import|export)\s+(?:type\s+)?(?:\w+\s*,\s*)?\{([^}]*)\}\s*from\s*'([^']+)'/gm;
const everything = /^(?:import|export)\s+(?:type\s+)?\*(?:\s+as\s+\w+)?\s*from\s*'([^']+)'|\bimport\('([^']+)'\)/gm;

const used = new Set();
const sources = files('lib', /\.ts$/).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
for (const { path, text } of sources) {
  const resolve = (target) => posix.join(posix.dirname(path), target);
  for (const [, names, target] of text.matchAll(list)) {
    for (const name of names.split(',')) {
      used.add(
        `${resolve(target)} ${
          name
            .trim()
            .replace(/^type\s+/, '')
            .split(/\s+as\s+/)[0]
        }`,
      );
    }
  }
  for (const [, target, dynamic] of text.matchAll(everything)) used.add(`${resolve(target ?? dynamic)} *`);
}

const complaints = [];
let count = 0;
for (const { path, text } of sources) {
  if (roots.includes(path)) continue;
  for (const [, name] of text.matchAll(declaration)) {
    count++;
    const mentions = text.match(new RegExp(`\\b${name}\\b`, 'g')).length;
    if (mentions === 1 && !used.has(`${path} ${name}`) && !used.has(`${path} *`)) {
      complaints.push(`${path} exports ${name}, which nothing in lib/ uses.`);
    }
  }
}
conclude(complaints, `use of ${count} exported names`);

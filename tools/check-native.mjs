// Checks the dependency arrows of the C++ side, and that sources.gypi lists every source file exactly once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conclude, files, root } from './tool.mjs';

// A room may include itself and the rooms listed. `isa` and `cells` are one: a unit of `isa` compiles a kernel of
// `cells`.
const arrows = {
  'core/': [],
  'core/isa/': ['core/', 'core/cells/'],
  'core/cells/': ['core/', 'core/isa/'],
  'core/heads/': ['core/'],
  'core/network/': ['core/', 'core/isa/', 'core/cells/'],
  'core/control/': ['core/', 'core/isa/', 'core/network/'],
  'core/train/': ['core/', 'core/heads/', 'core/isa/', 'core/cells/', 'core/network/'],
  'binding/': ['core/'],
};
const publicHeader = 'core/gatecast.h';
const rooms = Object.keys(arrows).sort((a, b) => b.length - a.length);
const roomOf = (path) => rooms.find((room) => path.startsWith(room));
const nodeHeader = /^(napi\.h|node_api.*\.h|js_native_api.*\.h|node\.h|uv\.h|v8.*\.h)$/;

const complaints = [];
const sources = files('native', /\.(h|cpp)$/).map((path) => path.slice('native/'.length));
const known = new Set(sources);

for (const source of sources) {
  if (source === publicHeader) continue;
  const text = readFileSync(join(root, 'native', source), 'utf8');
  const from = roomOf(source);
  for (const [, quoted, angled] of text.matchAll(/^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)/gm)) {
    const header = quoted ?? angled;
    if (nodeHeader.test(header)) {
      if (from !== 'binding/') complaints.push(`native/${source} includes <${header}>: only binding/ knows Node.`);
      continue;
    }
    if (quoted === undefined) continue;
    if (!known.has(header)) {
      complaints.push(`native/${source} includes "${header}": no such file under native/ (write the path from there).`);
      continue;
    }
    const to = roomOf(header);
    if (from === 'binding/' && to !== 'binding/' && header !== publicHeader) {
      complaints.push(`native/${source} includes "${header}": the core is entered by "${publicHeader}" only.`);
    } else if (header === publicHeader && from !== 'binding/') {
      complaints.push(`native/${source} includes "${header}": the core's own files include what they use.`);
    } else if (to !== from && !arrows[from]?.includes(to)) {
      complaints.push(`native/${source} includes "${header}": ${from} may not depend on ${to}.`);
    }
  }
}

const { core_sources: core, binding_sources: binding } = JSON.parse(
  readFileSync(join(root, 'sources.gypi'), 'utf8'),
).variables;
const listed = [...core, ...binding];
const present = files('native', /\.cpp$/);
for (const path of present) if (!listed.includes(path)) complaints.push(`sources.gypi does not list ${path}.`);
for (const path of listed)
  if (!present.includes(path)) complaints.push(`sources.gypi lists ${path}, which is not there.`);
for (const path of core) if (!path.startsWith('native/core/')) complaints.push(`${path} is not part of the core.`);
for (const path of binding)
  if (!path.startsWith('native/binding/')) complaints.push(`${path} is not part of the binding.`);
if (new Set(listed).size !== listed.length) complaints.push('sources.gypi lists a file twice.');

conclude(complaints, `arrows of ${sources.length} C++ files`);

import { entries } from './tools/entries.mjs';

/** The API reference, from the doc comments of all that users import: `npm run docs` writes it to build-docs/. */
export default {
  name: 'Gatecast',
  entryPoints: entries.map(({ source }) => source),
  tsconfig: 'tsconfig.json',
  out: 'build-docs',
  readme: 'none',
  disableSources: true,
  excludeExternals: true,
  treatWarningsAsErrors: true,
};

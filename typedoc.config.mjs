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
  // Lists that literal types are made of, and what members named by symbols take and give: internal both.
  intentionallyNotExported: [
    'COUNTERS',
    'ENDINGS',
    'FAULTS',
    'HEALTH_FLAGS',
    'LOOP_FAULTS',
    'OfNetwork',
    'TIMES',
    'AttachedPolicy',
    'BaselineStates',
    'EsrnnStates',
    'Feed',
    'FleetParts',
    'ForecasterStates',
    'ModelStates',
    'NativeController',
    'NativeNetwork',
    'OnlineLearner',
    'OnlineStates',
    'SegmentStates',
    'StateModel',
    'makeStates',
  ],
  treatWarningsAsErrors: true,
};

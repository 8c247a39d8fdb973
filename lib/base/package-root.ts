/** The folder of this package, which is two above this file, in lib/base/ as in dist/chunks/. */
export const packageRoot = new URL('../../', import.meta.url);

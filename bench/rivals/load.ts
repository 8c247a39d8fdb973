import { loud } from '../say.ts';

/**
 * A package of bench/package.json; undefined, after a loud message, if it cannot be loaded. Types are written down
 * where they are used, because type checking must not need these packages.
 */
export async function load<Module>(name: string): Promise<Module | undefined> {
  try {
    const loaded = (await import(name)) as { default?: Module };
    return loaded.default ?? (loaded as Module);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    loud(`SKIPPED: ${name} could not be loaded (${reason}).`);
    return undefined;
  }
}

import type { SavedRun } from './save.ts';
export async function plotSteps(_: SavedRun): Promise<string[]> { return []; }

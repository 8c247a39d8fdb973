const blocks = '▁▂▃▄▅▆▇█';

/**
 * The last `width` values as blocks of eight heights, from the smallest to the largest of them; a missing value is
 * blank.
 */
export function sparkline(values: ArrayLike<number>, width: number): string {
  const shown = Array.from({ length: width }, (_, i) => values[values.length - width + i] ?? Number.NaN);
  const known = shown.filter(Number.isFinite);
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  return shown
    .map((value) => {
      if (!Number.isFinite(value)) return ' ';
      return blocks[span > 0 ? Math.min(7, Math.floor((8 * (value - low)) / span)) : 0]!;
    })
    .join('');
}

/** What only rare forms of times begin with or hold: tried for every text that is no time in a usual form. */
const RARE = /^(?:DT?#|DATE_AND_TIME#|DATE#|\\?\/Date\(|\d{4}:\d\d:\d\d )|[午时時오시]/;

/** `/Date(1769872500000+0100)/`, milliseconds since 1970, and the offset of the clock it was read from. */
const TICKS = /^\\?\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?\/$/;

/** [how it is written, the same in a usual form]. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/^(?:DT#|DATE_AND_TIME#)(\d{4}-\d\d?-\d\d?)-(\d\d?:\d\d?:\d\d?(?:\.\d+)?)$/, '$1 $2'], // PLC
  [/^(?:D#|DATE#)(\d{4}-\d\d?-\d\d?)$/, '$1'],
  [/^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d.*)$/, '$1-$2-$3 $4'], // EXIF
  [/^(.*\d.*?) ?(?:上午|오전) ?(\d\d?:[\d:.]+)$/, '$1 $2 AM'],
  [/^(.*\d.*?) ?(?:下午|오후) ?(\d\d?:[\d:.]+)$/, '$1 $2 PM'],
  [/^(.*\d.*\D)(\d\d?)[时時시] ?(\d\d?)[分분] ?(\d\d?)[秒초]$/, '$1 $2:$3:$4'],
  [/^(.*\d.*\D)(\d\d?)[时時시] ?(\d\d?)[分분]$/, '$1 $2:$3'],
];

/**
 * The time in a usual form, if it is written as programs for PLCs, cameras and .NET do, or with the half of the day in
 * Chinese or Korean before the clock; undefined for any other text.
 */
export function usualForm(text: string): string | undefined {
  if (!RARE.test(text)) return undefined;
  const ticks = TICKS.exec(text)?.[1];
  if (ticks !== undefined) {
    const date = new Date(Number(ticks));
    return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  }
  const form = FORMS.find(([written]) => written.test(text));
  return form && text.replace(form[0], form[1]);
}

/** The words for false and true in some languages. */
export const SWITCHES: readonly (readonly [string, string])[] = [
  ['false', 'true'],
  ['no', 'yes'],
  ['off', 'on'],
  ['nein', 'ja'],
  ['falsch', 'wahr'],
  ['aus', 'an'],
  ['aus', 'ein'],
  ['faux', 'vrai'],
  ['non', 'oui'],
  ['falso', 'verdadero'],
  ['falso', 'vero'],
  ['no', 'si'],
  ['no', 'sí'],
  ['no', 'sì'],
  ['nee', 'ja'],
  ['nej', 'ja'],
  ['f', 't'],
  ['n', 'y'],
  ['n', 'j'],
];

const STATES: ReadonlyMap<string, number> = new Map(
  SWITCHES.flatMap((pair) => pair.map((word, state) => [word, state])),
);

/** 0 or 1 for one of these words, in upper or lower case; undefined for any other. */
export function switchOf(word: string): number | undefined {
  return STATES.get(word.toLowerCase());
}

import { misfit } from '../../base/errors.ts';
import { list, number, object, oneOf, text, whole } from '../../base/schema.ts';
import type { InputDescription, ModelDescription } from '../model.ts';
import { Calendar, type CalendarDescription, type CalendarPart, calendarPartNames, calendarWidth } from './calendar.ts';
import { categoryCode } from './category.ts';
import type { InputCode } from './input-code.ts';
import { numberCode } from './number.ts';
import { wordNumber } from './word.ts';

/** Most words of a category: more would be names, which say nothing about other series. */
export const MAX_WORDS = 256;

/** Longest word. */
export const MAX_WORD = 256;

const checkWords = list(text(MAX_WORD), 1, MAX_WORDS);
const checkShares = list(number(0, 1), 1, MAX_WORDS);
const checkFields = object<InputDescription>(
  {
    name: text(256),
    unit: text(64),
    words: checkWords,
    shares: checkShares,
    of: text(256),
    ahead: whole(1, 65_536),
  },
  ['unit', 'words', 'shares', 'of', 'ahead'],
);
const checkParts = list(oneOf(...calendarPartNames), 1, calendarPartNames.length);
const checkCalendarFields = object<CalendarDescription>({ zone: text(64), parts: checkParts });

/** How a model reads an input. `mean` and `std` are those of its scaler. */
export function codeOf(
  input: InputDescription,
  mean: number,
  std: number,
  paths: ModelDescription['paths'],
): InputCode {
  const { words, shares } = input;
  if (!isRead(input, paths)) return { ...numberCode(mean, std), width: 0, plain: false, write() {} };
  return words === undefined ? numberCode(mean, std) : categoryCode(words, shares!);
}

/** How many inputs of the network an input becomes. */
function widthOf({ words }: InputDescription): number {
  return words === undefined ? 1 : words.length;
}

/** Whether the network reads an input. One that forecasts a single step, for paths, reads a single step ahead. */
export function isRead({ ahead = 1 }: InputDescription, paths: ModelDescription['paths']): boolean {
  return paths === undefined || ahead === 1;
}

/** How many inputs the network of a model has: those of its inputs, of lags, of the calendar, and of an embedding. */
export function networkInputs({
  inputs,
  targets,
  channels,
  calendar,
  lags = [],
  paths,
}: Pick<ModelDescription, 'inputs' | 'targets' | 'channels' | 'calendar' | 'lags' | 'paths'>): number {
  const given = calendarWidth(calendar?.parts ?? []);
  if (channels) return 1 + (channels === 'embedded' ? targets.length : 0) + lags.length + given;
  const own = inputs.reduce((sum, input) => sum + (isRead(input, paths) ? widthOf(input) : 0), 0);
  return own + targets.length * lags.length + given;
}

/** Checks an input of a description. Throws `invalid-argument`. */
export function checkInput(value: unknown, name: string): Readonly<InputDescription> {
  const input = checkFields(value, name);
  const { words, shares, of, ahead } = input;
  if ((of === undefined) !== (ahead === undefined))
    throw misfit('both or neither', `${name}.of and ahead`, of ?? ahead);
  if (of !== undefined && words !== undefined) throw misfit('numbers ahead', `${name}.words`, words);
  if (words === undefined && shares === undefined) return input;
  if (words?.length !== shares?.length) throw misfit('as many shares as words', `${name}.shares`, shares);
  if (new Set(words!.map(wordNumber)).size < words!.length) throw misfit('different words', `${name}.words`, words);
  if (shares!.reduce((sum, share) => sum + share, 0) > 1 + 1e-9)
    throw misfit('at most 1 in all', `${name}.shares`, shares);
  return input;
}

/** Checks the words of the classes of a description, which are all different. Throws `invalid-argument`. */
export function checkClasses(value: unknown, name: string): readonly string[] {
  const words = checkWords(value, name);
  if (new Set(words.map(wordNumber)).size < words.length) throw misfit('different words', name, words);
  return words;
}

/** Checks the calendar of a description. Throws `invalid-argument`, also for a zone that this machine does not know. */
export function checkCalendar(value: unknown, name: string): Readonly<CalendarDescription> {
  const calendar = checkCalendarFields(value, name);
  const { parts } = calendar;
  if (new Set<CalendarPart>(parts).size < parts.length)
    throw misfit('different parts', `${name}.parts`, parts.join(', '));
  void new Calendar(calendar);
  return calendar;
}

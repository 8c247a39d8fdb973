import { describe, GatecastError } from '../base/errors.ts';
import { FITS_COMMA, FITS_DOT, NumberScan } from './number-scan.ts';
import type { Cell, NumberSurvey } from './number-survey.ts';
import type { Range } from './range.ts';

/** How a column writes numbers. */
export interface NumberForm {
  /** The decimal sign; null if no number shows it. */
  decimal: '.' | ',' | null;
  /** The signs that group thousands, such as ',' or ' '; '' if there are none. */
  thousands: string;
  /** The unit beside every number, such as '%'; '' if there is none. */
  unit: string;
}

/** What is known from outside the column. */
export interface NumberHints {
  /** The user's word. */
  decimal?: '.' | ',' | undefined;
  thousands?: string | undefined;
  /** The decimal sign that other columns of the file prove. */
  others?: '.' | ',' | undefined;
  /** What separates the fields of the file. */
  delimiter?: string | undefined;
}

export interface DecidedNumbers {
  form: NumberForm;
  range: Range;
  /** How many of the fields stand for a missing value as they are read. */
  missing: number;
}

/** The decimal sign that the numbers of a column prove, if they agree. */
export function provenDecimal({ provesDot, provesComma }: NumberSurvey): '.' | ',' | undefined {
  if ((provesDot === undefined) === (provesComma === undefined)) return undefined;
  return provesDot ? '.' : ',';
}

/**
 * The form of a column's numbers. Throws `invalid-data` with both readings if the numbers contradict each other, or if
 * they can be read in two ways and no hint decides. `name` and `source` are for the sentence.
 */
export function decideNumbers(survey: NumberSurvey, hints: NumberHints, name: string, source: string): DecidedNumbers {
  const unit = onlyUnit(survey, name, source);
  const { provesDot, provesComma, either } = survey;
  const given = givenDecimal(hints);
  if (survey.padded && hints.delimiter === ',' && given === undefined) throw mayBeTwo(survey.padded, name, source);
  const decimal = given ?? decided(survey, hints, name, source);
  const contrary = decimal === '.' ? provesComma : decimal === ',' ? provesDot : undefined;
  if (contrary) {
    const what = `numbers with the decimal sign ${describe(decimal)} in ${name}`;
    throw new GatecastError('invalid-data', `Expected ${what} but ${cell(contrary, source)}.`);
  }
  const group = decimal === '.' ? ',' : '.';
  const signs = new Set([...survey.groups, ...(decimal !== null && either[group] ? [group] : [])]);
  return {
    form: { decimal, thousands: [...signs].sort().join(''), unit },
    range: survey.plain.with(decimal === ',' ? survey.comma : survey.dot),
    missing: survey.missingWith[decimal === ',' ? ',' : '.'],
  };
}

/** Reads the fields of a column by its form. NaN for a field that is not a number. */
export function numberReader({ decimal }: { decimal: '.' | ',' | null }): (field: string) => number {
  const scan = new NumberScan();
  const fits = decimal === ',' ? FITS_COMMA : FITS_DOT;
  return (field) => {
    if (!scan.scan(field) || (scan.fits & fits) === 0) return Number.NaN;
    return decimal === ',' ? scan.comma : scan.dot;
  };
}

function givenDecimal({ decimal, thousands }: NumberHints): '.' | ',' | undefined {
  if (decimal !== undefined) return decimal;
  if (thousands === '.') return ',';
  return thousands === ',' ? '.' : undefined;
}

function decided(survey: NumberSurvey, hints: NumberHints, name: string, source: string): '.' | ',' | null {
  const { provesDot, provesComma, either } = survey;
  if (provesDot && provesComma) {
    const both = `${cell(provesDot, source)} and line ${provesComma.line} has ${describe(provesComma.text)}`;
    throw new GatecastError('invalid-data', `Expected one decimal sign in ${name} but ${both}.`);
  }
  const proven = provenDecimal(survey);
  if (proven) return proven;
  const seen = either['.'] ?? either[','];
  if (!seen) return null;
  const sign = either['.'] ? '.' : ',';
  const one = either['.'] && either[','] ? undefined : guessed(survey, hints, sign);
  if (one) return one;
  const [asDot, asComma] = [numberReader({ decimal: '.' })(seen.text), numberReader({ decimal: ',' })(seen.text)];
  const readings = `${describe(seen.text)} in line ${seen.line} of ${source}, which is ${asDot} or ${asComma}`;
  const hint = "Use --decimal '.' or --decimal ',' to say which.";
  throw new GatecastError(
    'invalid-data',
    `Expected numbers in ${name} that can be read in one way but found ${readings}. ${hint}`,
  );
}

/**
 * The decimal sign of numbers that all have exactly three digits after `sign`, or none of it; undefined if nothing
 * decides. A writer of groups writes 985 without a sign and never 1002; one of fractions writes few whole numbers.
 */
function guessed(survey: NumberSurvey, { others, delimiter }: NumberHints, sign: '.' | ','): '.' | ',' | undefined {
  const other = sign === '.' ? ',' : '.';
  const usual = others ?? usualDecimal(delimiter);
  const looksGrouped = survey.long === 0 && survey.three.min < survey.three.max;
  if (looksGrouped) return usual === sign ? undefined : other;
  const neverGrouped = survey.long > 0;
  if (others !== undefined || delimiter === ',') return usual === other && neverGrouped ? undefined : usual;
  if (delimiter === ';') return sign === ',' || neverGrouped ? sign : undefined;
  return sign === '.' || neverGrouped ? sign : undefined;
}

/** Where ';' separates fields, ',' is the decimal sign; where ',' does, it cannot be. */
function usualDecimal(delimiter: string | undefined): '.' | ',' | undefined {
  if (delimiter === ';') return ',';
  return delimiter === ',' ? '.' : undefined;
}

/** Throws `invalid-data` for numbers with different units, or of which only some have one. */
function onlyUnit({ units }: NumberSurvey, name: string, source: string): string {
  const [first, second] = [...units];
  if (first === undefined) return '';
  if (second === undefined) return first[0];
  const [one, other] = [first[1], second[1]].sort((a, b) => a.line - b.line) as [Cell, Cell];
  const both = `${cell(one, source)} and line ${other.line} has ${describe(other.text)}`;
  throw new GatecastError('invalid-data', `Expected numbers of one unit in ${name} but ${both}.`);
}

/** A code behind a number, as NOAA writes both in one field of a file whose fields commas separate. */
function mayBeTwo({ line, text }: Cell, name: string, source: string): GatecastError {
  const value = numberReader({ decimal: ',' })(text);
  const found = `${describe(text)} in line ${line} of ${source}, which may be two numbers`;
  const hint = `--decimal ',' reads it as ${value}.`;
  return new GatecastError('invalid-data', `Expected one number in each field of ${name} but found ${found}: ${hint}`);
}

function cell({ line, text }: Cell, source: string): string {
  return `line ${line} of ${source} has ${describe(text)}`;
}

/** Units as they are written beside names and under them, without prefix, power or quotient. */
const BASE =
  '(?:[YZEPTGMkhdcmµμunpf]?(?:m|s|g|A|K|mol|cd|Hz|N|Pa|J|W|C|V|F|Ω|Ohm|ohm|S|Wb|T|H|lm|lx|Bq|Gy|Sv|kat|l|L|bar|eV|Wh|Ah|VA|VAr|var|VAh|t|B|cal|M))';
const OTHER =
  '(?:%(?: ?RH)?|‰|°|°C|°F|deg|degC|degF|degT|deg C|deg F|DegC|DegF|Deg C|Deg F|degrees?(?:_[A-Za-z]+)?|[Cc]elsius|[Ff]ahrenheit|[Kk]elvin|rad|mrad|h|hr|hrs|hours?|min|mins|minutes?|sec|secs|seconds?|d|days?|a|ppm|ppb|rpm|RPM|1/min|psi|PSI|inHg|mmHg|in|inch|inches|ft|mi|nmi|mph|knots|kn|kt|gal|gpm|cfm|Volts?|volts|Amps?|amps|[Ww]atts?|meters?|metres?|mmH2O|Nm|Ns|As|Vs|pH|NTU|FNU|PSU|dB|dBm|counts?|raw|bit|kbit|Mbit|KB|MB|GB|EUR|USD|GBP|€|\\$|£)';
const POWER = '(?:\\^?-?[1-4²³⁻¹]+)?';
const ONE = `(?:${OTHER}|${BASE})${POWER}`;
const UNIT = new RegExp(`^${ONE}(?:(?: ?[/*·.⋅] ?| )${ONE}){0,3}$`);

/** What loggers write under the names of columns that have no unit: times, counts of rows. */
const NO_UNIT = /^(?:|-+|TS|RN|\[-*\]|\(-*\)|unitless|none|n\/a|UTC|GMT|local|[ymdhs:\-/. T]{6,}|ISO ?8601)$/i;

/** Longer texts would take long to be tried. */
const LONGEST = 64;
const LONGEST_NAME = 256;

/** True for text that is a unit. */
export function isUnit(text: string): boolean {
  return text.length <= LONGEST && UNIT.test(text.trim());
}

/** The unit in the field under a name: '' if the column has none, undefined if the text is not a unit. */
export function unitUnder(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  if (NO_UNIT.test(text)) return '';
  const bare = /^[[(](.*)[\])]$/.exec(text)?.[1]?.trim();
  if (bare !== undefined) return bare;
  return isUnit(text) ? text : undefined;
}

/** The unit that a name ends with: `temp [degC]`, `temp (degC)`, `Temp, °C`, `T / K`. */
export function unitInName(name: string): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const square = /\[([^[\]]+)\]$/.exec(name)?.[1]?.trim();
  if (square !== undefined) return square;
  const round = /\(([^()]+)\)$/.exec(name)?.[1]?.trim();
  if (round !== undefined && isUnit(round)) return round;
  // HOBO writes its own number behind the unit: `Temp, °C (LGR S/N: 123)`.
  const behind = /(?:, | ?\/ ?)([^,/\s][^,]*)$/.exec(name.replace(/ *\([^()]*\)$/, ''))?.[1]?.trim();
  return behind !== undefined && isUnit(behind) ? behind : undefined;
}

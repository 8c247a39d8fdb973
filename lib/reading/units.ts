const CURRENCY =
  /^(?:[€$£¥₹₩₺]|R\$|(?:EUR|USD|GBP|CHF|JPY|CNY|SEK|NOK|DKK|PLN|CZK|INR|AUD|CAD|BRL|kr)\b)[ \u00a0]?(?=[-+\u2212]?[.,]?\d)/;

/** Letters and signs, with single digits 2 and 3 as in areas and volumes: `°C`, `kWh`, `m3/h`, `mg/m³`, `%`. */
const UNIT = /^[\p{L}%‰°µμΩ€$£¥₹](?:[\p{L}%‰°µμΩ€$/·*^²³⁻¹ .-]|[23](?!\d))*$/u;

const LONGEST = 16;

/** The length of a currency before a number, with a blank after it; 0 if there is none. */
export function unitBefore(text: string, at: number): number {
  const code = text.charCodeAt(at);
  const small = code >= 97 && code <= 122;
  if (small && code !== 107) return 0; // most words end here, without a regular expression
  return CURRENCY.exec(text.slice(at, at + 8))?.[0].length ?? 0;
}

/** The length of the unit from `at` to `end`; 0 if that text is none. */
export function unitLength(text: string, at: number, end: number): number {
  return end - at <= LONGEST && UNIT.test(text.slice(at, end)) ? end - at : 0;
}

/** What a text holds if it is no table: as it stands in a sentence, and how to make a table of it. */
export interface TextKind {
  name: string;
  advice?: string;
}

/** How to turn a file of another kind into a table. */
export const EXPORT = 'export it as CSV first';

const JSON_KIND: TextKind = { name: 'JSON', advice: EXPORT };
const MARKUP_KIND: TextKind = { name: 'HTML or XML' };

/** A pair such as `temp=20.5` or `msg="read ok"`. */
const PAIR = String.raw`[A-Za-z_][\w.@/-]*=(?:"(?:[^"\\]|\\.)*"|[^\s",;]*)`;
/** Of line protocol, in which a backslash stands before blanks, commas and equals signs in names: `cpu\ load`. */
const NAME = String.raw`(?:[^\s,="\\]|\\.)+`;
const FIELD = String.raw`${NAME}=(?:"(?:[^"\\]|\\.)*"|[^\s,"]+)`;

interface LineKind extends TextKind {
  /** What every line matches, or most. */
  line: RegExp;
  /** What any of the lines has to match as well. */
  mark?: RegExp;
  /** Lines that count for nothing. */
  comment?: RegExp;
  /** The share of lines that match, if not all do; the first one always does. */
  share?: number;
}

/** Texts without a header. The first line of a table has names in it, and is none of these. */
const LINE_KINDS: readonly LineKind[] = [
  {
    name: 'metrics of Prometheus',
    line: /^[a-z_:][\w:]*(?:\{.*\})?\s+(?:[+-]?(?:\d[\d.e+-]*|inf)|nan)(?:\s+-?\d+)?(?:\s+#.*)?$/i,
    mark: /^(?:# (?:HELP|TYPE) |[\w:]+\{)/,
    comment: /^#/,
  },
  {
    name: 'line protocol of InfluxDB',
    line: new RegExp(`^${NAME}(?:,${NAME}=${NAME})* ${FIELD}(?:,${FIELD})*(?: -?\\d+)?$`),
    comment: /^#/,
  },
  {
    name: 'a log of syslog',
    line: /^(?:<\d{1,3}>(?:1 )?[A-Z\d-]|(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) [\w.:-]+ [^\s:,;]+: )/,
    share: 0.8,
  },
  { name: 'lines of key=value (logfmt)', line: new RegExp(`^${PAIR}(?:[\\s,;]+${PAIR})*$`) },
  {
    name: 'YAML',
    line: /^(?:---|\.\.\.|\s*(?:- )*(?:["']?[A-Za-z_][^:#,;\t|]*:(?:\s.*)?|- \S.*))$/,
    comment: /^\s*#/,
  },
];

/** The longest line that is looked at: most expressions above would take long for more. */
const LONGEST = 4096;

/** The kind of a text by its first lines, if it is no table: undefined for CSV, and for whatever may be CSV. */
export function textKindOf(head: readonly string[]): TextKind | undefined {
  const lines = head.filter((line) => line.trim() !== '');
  const [first] = lines;
  if (first === undefined) return undefined;
  if (beginsJson(first)) return JSON_KIND;
  if (isMarkup(lines)) return MARKUP_KIND;
  if (/^@relation\b/i.test(lines.find((line) => !line.startsWith('%')) ?? '')) return { name: 'ARFF', advice: EXPORT };
  const kind = LINE_KINDS.find((one) => isOf(one, lines));
  return kind && { name: kind.name, advice: EXPORT };
}

/** Whether a text begins as JSON does. The names of columns may stand in brackets, but not as JSON has them. */
export function beginsJson(text: string): boolean {
  return /^\ufeff?\s*(?:\{\s*(?:["}]|$)|\[\s*(?:[{[\d-]|$))/.test(text);
}

/** HTML, XML or part of it. Names of columns may stand in angle brackets too, but nothing closes them. */
function isMarkup(lines: readonly string[]): boolean {
  const first = lines[0]!.slice(0, LONGEST);
  if (/^\ufeff?\s*<(?:!doctype|!--|html|\?xml)/i.test(first)) return true;
  const closes = (line: string) => line.includes('</') || line.includes('/>');
  return /^\ufeff?\s*<[a-z][\w:.-]*[\s/>]/i.test(first) && lines.some(closes);
}

function isOf({ line, mark, comment, share = 1 }: LineKind, lines: readonly string[]): boolean {
  const counted = comment ? lines.filter((text) => !comment.test(text)) : lines;
  const matches = (text: string) => text.length <= LONGEST && line.test(text.trimEnd());
  if (counted.length === 0 || !matches(counted[0]!)) return false;
  if (mark && !lines.some((text) => mark.test(text))) return false;
  const count = share < 1 ? counted.filter(matches).length : counted.every(matches) ? counted.length : 0;
  return count >= share * counted.length;
}

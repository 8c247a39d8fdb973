import { misfit } from '../base/errors.ts';
import { elementCount } from '../base/tensor.ts';

/** The parameters that are learned, as the addon takes them. Throws `invalid-argument` for an unknown name. */
export function learnedParts(
  shapes: ReadonlyMap<string, number[]>,
  { frozen = [], undecayed = [] }: { readonly frozen?: readonly string[]; readonly undecayed?: readonly string[] },
): number[] {
  const unknown = [...frozen, ...undecayed].find((name) => !shapes.has(name));
  if (unknown !== undefined) throw misfit(`names among ${[...shapes.keys()].join(', ')}`, 'frozen, undecayed', unknown);
  const parts: number[] = [];
  let begin = 0;
  for (const [name, shape] of shapes) {
    const end = begin + elementCount(shape);
    if (!frozen.includes(name)) parts.push(begin, end, undecayed.includes(name) ? 0 : 1);
    begin = end;
  }
  if (parts.length > 0) return parts;
  throw misfit('some parameters to learn', 'frozen', 'all of them');
}

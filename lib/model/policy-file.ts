import type { StateDict } from '../base/tensor.ts';
import { parsePolicyDescription } from './policy-description.ts';
import type { PolicyParts } from './policy-parts.ts';
import { type FileKind, formatSealed, inFile, joinTensors, jsonOf, parseSealed, splitTensors } from './sealed-file.ts';

/** The content of a policy's file, which docs/format.md specifies. */
export interface PolicyFile {
  parts: PolicyParts;
  goldens: StateDict;
}

const KIND: FileKind = { what: 'a Gatecast policy', format: 'gatecast-policy', version: '1' };
const DESCRIPTION_DEPTH = 3;

/** The bytes of a policy file. Equal content gives equal bytes. */
export function formatPolicyFile({ parts, goldens }: PolicyFile): Uint8Array {
  const { description, weights } = parts;
  return formatSealed(KIND, joinTensors({ weights, goldens }), { description: JSON.stringify(description) });
}

/**
 * Parses the bytes of a policy file and checks its description; `checkPolicyParts`, `checkPolicyGoldens` and
 * `checkDigest` check the rest. Throws `invalid-file`.
 */
export function parsePolicyFile(bytes: Uint8Array, file: string): PolicyFile & { sha256: string } {
  const { tensors, metadata, sha256 } = parseSealed(KIND, bytes, file);
  return inFile(file, () => {
    const description = parsePolicyDescription(jsonOf(metadata, 'description', DESCRIPTION_DEPTH));
    const { weights, goldens } = splitTensors(tensors);
    return { parts: { description, weights }, goldens, sha256 };
  });
}

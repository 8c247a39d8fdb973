import type { StateDict } from '../base/tensor.ts';
import { parseDescription } from './description.ts';
import type { ForecasterParts } from './parts.ts';
import { Scaler } from './scaler.ts';
import { list, number, object } from '../base/schema.ts';
import { type FileKind, formatSealed, inFile, joinTensors, jsonOf, parseSealed, splitTensors } from './sealed-file.ts';

/** The content of a forecaster's .gatecast file, which docs/format.md specifies. */
export interface ModelFile {
  parts: ForecasterParts;
  goldens: StateDict;
}

const KIND: FileKind = { what: 'a Gatecast model', format: 'gatecast', version: '1' };
const RESIDUALS = 'residuals';
const COURSE = 'course';
const DESCRIPTION_DEPTH = 4;

const numbers = list(number(-Number.MAX_VALUE, Number.MAX_VALUE), 1, 65_536);
const checkScaler = object<{ mean: readonly number[]; std: readonly number[] }>({ mean: numbers, std: numbers });

/** The bytes of a model file. Equal content gives equal bytes. */
export function formatModelFile({ parts, goldens }: ModelFile): Uint8Array {
  const { description, weights, scaler, residuals, course } = parts;
  const tensors = {
    ...joinTensors({ weights, goldens }),
    ...(residuals && { [RESIDUALS]: residuals }),
    ...(course && { [COURSE]: course }),
  };
  return formatSealed(KIND, tensors, {
    description: JSON.stringify(description),
    scaler: JSON.stringify({ mean: [...scaler.mean], std: [...scaler.std] }),
  });
}

/**
 * Parses the bytes of a model file and checks its description. `checkForecasterParts` then checks that the tensors fit
 * it, `checkGoldens` runs the network, and `checkDigest` comes last. Throws `invalid-file`.
 */
export function parseModelFile(bytes: Uint8Array, file: string): ModelFile & { sha256: string } {
  const { tensors, metadata, sha256 } = parseSealed(KIND, bytes, file);
  return inFile(file, () => {
    const description = parseDescription(jsonOf(metadata, 'description', DESCRIPTION_DEPTH));
    const { mean, std } = checkScaler(jsonOf(metadata, 'scaler', DESCRIPTION_DEPTH), 'scaler');
    const names = description.inputs.map((input) => input.name);
    const { [RESIDUALS]: residuals, [COURSE]: course, ...others } = tensors;
    const { weights, goldens } = splitTensors(others);
    return {
      parts: { description, weights, scaler: new Scaler(names, mean, std), residuals, course },
      goldens,
      sha256,
    };
  });
}

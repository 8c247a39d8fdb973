import type { StateDict } from '../base/tensor.ts';
import type { ModelParts } from './parts.ts';
import { Scaler } from './scaler.ts';
import type { TrainedDescription } from './trained-model.ts';
import { list, number, object } from '../base/schema.ts';
import { type FileKind, formatSealed, inFile, joinTensors, jsonOf, parseSealed, splitTensors } from './sealed-file.ts';

/** The content of a .gatecast file of a model, which docs/format.md specifies. */
export interface ModelFile<D extends TrainedDescription = TrainedDescription> {
  parts: ModelParts<D>;
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

/** A model file whose description nobody has checked yet. */
export interface UncheckedFile {
  readonly tensors: StateDict;
  readonly metadata: Record<string, string>;
  readonly description: unknown;
  readonly sha256: string;
}

/** Parses the bytes of a model file up to its description. Throws `invalid-file`. */
export function openModelFile(bytes: Uint8Array, file: string): UncheckedFile {
  const { tensors, metadata, sha256 } = parseSealed(KIND, bytes, file);
  const description = inFile(file, () => jsonOf(metadata, 'description', DESCRIPTION_DEPTH));
  return { tensors, metadata, description, sha256 };
}

/**
 * Checks the description of an open file with `parse` and sorts its tensors. `checkModelParts` then checks that they
 * fit, the check of the goldens runs the network, and `checkDigest` comes last. Throws `invalid-file`.
 */
export function parseModelFile<D extends TrainedDescription>(
  { tensors, metadata, description: unchecked }: UncheckedFile,
  file: string,
  parse: (description: unknown) => D,
): ModelFile<D> {
  return inFile(file, () => {
    const description = parse(unchecked);
    const { mean, std } = checkScaler(jsonOf(metadata, 'scaler', DESCRIPTION_DEPTH), 'scaler');
    const names = description.inputs.map((input) => input.name);
    const { [RESIDUALS]: residuals, [COURSE]: course, ...others } = tensors;
    const { weights, goldens } = splitTensors(others);
    return { parts: { description, weights, scaler: new Scaler(names, mean, std), residuals, course }, goldens };
  });
}

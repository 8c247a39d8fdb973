import { misfit } from '../base/errors.ts';
import { cellNames, cells } from '../network/cells.ts';
import type { NetworkSpec } from '../network/network-spec.ts';
import { boolean, oneOf, object, whole } from '../base/schema.ts';

/** Every field of the first descriptions is required: `linearBeforeReset` too, even if the cell has one form only. */
const checkFields = object<NetworkSpec>(
  {
    cell: oneOf(...cellNames),
    linearBeforeReset: boolean,
    inputSize: whole(1, 65_536),
    hiddenSize: whole(1, 65_536),
    projSize: whole(0, 65_535),
    numLayers: whole(1, 64),
    bias: boolean,
    bidirectional: boolean,
    headSize: whole(1, 65_536),
    attention: whole(1, 65_536),
    layerNorm: boolean,
    residual: boolean,
  },
  ['attention', 'layerNorm', 'residual'],
);

/** A frozen copy of the shape of a network with a head. Throws `invalid-argument` for anything else. */
export function networkDescription(value: unknown, name: string): Readonly<NetworkSpec> {
  const network = checkFields(value, name);
  const { cell, hiddenSize, projSize } = network;
  const projectable = cells[cell].mayProject ? hiddenSize - 1 : 0;
  if (projSize > projectable) throw misfit(`at most ${projectable}`, `${name}.projSize`, projSize);
  return network;
}

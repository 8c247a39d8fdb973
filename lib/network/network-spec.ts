import { misfit } from '../base/errors.ts';
import { boolean, oneOf, whole } from '../base/schema.ts';
import { elementCount } from '../base/tensor.ts';
import { type CellName, cellNames, cells } from './cells.ts';

/** The complete shape of a network. Sizes are in values. */
export interface NetworkSpec {
  cell: CellName;
  /**
   * GRU only: PyTorch's form (true, the default), or the reset gate before the hidden product (false). A description
   * has it for every cell.
   */
  linearBeforeReset?: boolean;
  inputSize: number;
  hiddenSize: number;
  /** LSTM: size of the projected h, below hiddenSize; 0 for none. */
  projSize: number;
  /** 1 to 64. */
  numLayers: number;
  bias: boolean;
  bidirectional: boolean;
  /** Outputs of the linear head on the last layer; 0 for none. */
  headSize: number;
  /** How many of the last outputs of the last layer the head reads by attention; left out or 0 for none. */
  attention?: number;
  /**
   * Whether the output of each layer is normalised over its values, with a learned gain and bias, before the next
   * layer and the head read it (layer normalisation; Ba, Kiros and Hinton, arXiv 1607.06450). States stay as they are.
   * Default false.
   */
  layerNorm?: boolean;
  /** Whether each layer but the first adds its input to its output, after the normalisation; default false. */
  residual?: boolean;
}

/** The most parameters a network may have, 2^27. */
export const maxParameters = 2 ** 27;

/** Checks every size before any of them is multiplied or allocated; throws `invalid-argument`, naming the property. */
export function checkNetworkSpec(value: unknown): asserts value is NetworkSpec {
  if (typeof value !== 'object' || value === null) {
    throw misfit('an object', 'network', value);
  }
  const spec = value as NetworkSpec;
  oneOf(...cellNames)(spec.cell, 'cell');
  for (const name of ['linearBeforeReset', 'layerNorm', 'residual'] as const) {
    if (spec[name] !== undefined) boolean(spec[name], name);
  }
  for (const name of ['bias', 'bidirectional'] as const) {
    if (typeof spec[name] !== 'boolean') {
      throw misfit('true or false', name, spec[name]);
    }
  }
  const maxSize = 65_536;
  whole(1, maxSize)(spec.inputSize, 'inputSize');
  whole(1, maxSize)(spec.hiddenSize, 'hiddenSize');
  whole(0, maxSize)(spec.projSize, 'projSize');
  whole(1, 64)(spec.numLayers, 'numLayers');
  whole(0, maxSize)(spec.headSize, 'headSize');
  whole(0, spec.headSize > 0 ? maxSize : 0)(spec.attention ?? 0, 'attention');
  const count = parameterCount(spec);
  if (count > maxParameters) {
    throw misfit(`at most ${maxParameters} parameters`, 'network', count);
  }
}

/** Values of h per layer and direction. */
export function recurrentSize(spec: NetworkSpec): number {
  return spec.projSize > 0 ? spec.projSize : spec.hiddenSize;
}

/** Values of c per layer and direction; 0 if the cell has none. */
export function cSize(spec: NetworkSpec): number {
  return cells[spec.cell].hasC ? spec.hiddenSize : 0;
}

/** Values of the last layer's output per step. */
export function outputSize(spec: NetworkSpec): number {
  return (spec.bidirectional ? 2 : 1) * recurrentSize(spec);
}

/** Values that the head reads. */
function headInputSize(spec: NetworkSpec): number {
  return (spec.attention ? 2 : 1) * outputSize(spec);
}

/** Values of all layers' h. */
export function allH(spec: NetworkSpec): number {
  return spec.numLayers * outputSize(spec);
}

/** Values of all layers' c; 0 if the cell has none. */
export function allC(spec: NetworkSpec): number {
  return spec.numLayers * (spec.bidirectional ? 2 : 1) * cSize(spec);
}

/** Values of one state: h of all layers, c of all layers, and the outputs that attention remembers. */
export function stateSize(spec: NetworkSpec): number {
  return allH(spec) + allC(spec) + (spec.attention ?? 0) * outputSize(spec);
}

/**
 * Name and shape of every parameter: of each layer those of its cells in the order of PyTorch's `state_dict()`, then
 * those of its normalisation; those of attention and of the head last. Allocates no weights.
 */
export function parameterShapes(spec: NetworkSpec): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const rows = cells[spec.cell].gates.length * spec.hiddenSize;
  for (let layer = 0; layer < spec.numLayers; layer++) {
    for (const direction of spec.bidirectional ? ['', '_reverse'] : ['']) {
      const suffix = `l${layer}${direction}`;
      shapes.set(`weight_ih_${suffix}`, [rows, layer === 0 ? spec.inputSize : outputSize(spec)]);
      shapes.set(`weight_hh_${suffix}`, [rows, recurrentSize(spec)]);
      if (spec.bias) {
        shapes.set(`bias_ih_${suffix}`, [rows]);
        shapes.set(`bias_hh_${suffix}`, [rows]);
      }
      if (spec.projSize > 0) shapes.set(`weight_hr_${suffix}`, [spec.projSize, spec.hiddenSize]);
    }
    if (spec.layerNorm) {
      shapes.set(`norm_l${layer}.weight`, [outputSize(spec)]);
      shapes.set(`norm_l${layer}.bias`, [outputSize(spec)]);
    }
  }
  if (spec.attention) {
    shapes.set('attention.weight', [outputSize(spec), outputSize(spec)]);
    shapes.set('attention.bias', [outputSize(spec)]);
  }
  if (spec.headSize > 0) {
    shapes.set('head.weight', [spec.headSize, headInputSize(spec)]);
    shapes.set('head.bias', [spec.headSize]);
  }
  return shapes;
}

/** The number of weights in a network of this shape. */
export function parameterCount(spec: NetworkSpec): number {
  let count = 0;
  for (const shape of parameterShapes(spec).values()) count += elementCount(shape);
  return count;
}

/** Whether a parameter, by its name, belongs to a layer. */
export function isOfLayer(name: string, layer: number): boolean {
  return new RegExp(`_l${layer}(_reverse)?(\\.|$)`).test(name);
}

/** Whether the weight decay leaves a parameter alone, by its name: it shifts or scales, but joins nothing. */
export function isUndecayed(name: string): boolean {
  return name.includes('bias') || name.startsWith('norm_');
}

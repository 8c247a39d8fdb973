/**
 * GRU and LSTM networks as PyTorch users know them, and safetensors files.
 * @module gatecast/nn
 */
export type { StateDict, Tensor } from './base/tensor.ts';
export { readSafetensors, type ReadSafetensorsOptions, writeSafetensors } from './files/safetensors.ts';
export { GRU, type GRUOptions } from './network/gru.ts';
export { GRUCell, type GRUCellOptions } from './network/gru-cell.ts';
export type { CellOptions } from './network/recurrent-cell.ts';
export type { Hidden } from './network/hidden.ts';
export { type Isa, isa, isas } from './network/isa.ts';
export { LSTM, type LSTMOptions } from './network/lstm.ts';
export { LSTMCell } from './network/lstm-cell.ts';
export type { LoadOptions } from './network/state-dict.ts';
export type { NetworkSpec } from './network/network-spec.ts';
export type { NetworkState } from './network/network-state.ts';
export type { NetworkStates } from './network/network-states.ts';
export type { Precision, RecurrentOptions, RunOptions } from './network/options.ts';
export type { InputGradient, OutputGradient, RecurrentNetwork } from './network/recurrent-network.ts';

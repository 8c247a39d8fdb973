/**
 * Recordings of streams and loops, their replay with faults, and simulations.
 * @module gatecast/replay
 */
export type { Comparison, Difference } from './stream/replay/comparison.ts';
export type { Disturbance } from './stream/replay/disturbance.ts';
export type { Fault } from './recording/faults.ts';
export { type RecordingEntry, readRecording } from './recording/read-recording.ts';
export { type RecordCounts, type RecordOperator, type RecordOptions, record } from './stream/recording/record.ts';
export type { Ending, RecordingHeader } from './recording/recording-records.ts';
export type { BuildChange } from './recording/recording-header.ts';
export { type ReplayReport, replay } from './stream/replay/replay.ts';
export type { ReplayOptions } from './stream/replay/replay-options.ts';
export type { ReplayFailure } from './stream/replay/replay-run.ts';
export type { Verdict } from './control/replay/assertions.ts';
export type { CycleComparison, CycleDifference } from './control/replay/cycle-comparison.ts';
export type { Moment } from './control/replay/loop-checks.ts';
export type { LoopDescription, LoopNames } from './control/replay/loop-description.ts';
export type { LoopRecordingHeader } from './control/replay/loop-records.ts';
export type { LoopCounts, LoopReport } from './control/replay/loop-report.ts';
export type { Controller, LoopTrialOptions } from './control/replay/loop-trial-options.ts';
export type { LoopFault } from './control/replay/observation-faults.ts';
export type { Plant } from './control/replay/plant.ts';
export { type LoopEntry, type RecordedCycle, readLoop } from './control/replay/read-loop.ts';
export { type RecordLoopOptions, recordLoop } from './control/replay/record-loop.ts';
export { type LoopReplayOptions, replayLoop } from './control/replay/replay-loop.ts';
export { type LoopSetup, type LoopSimulationOptions, simulateLoop } from './control/replay/simulate-loop.ts';

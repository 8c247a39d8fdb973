export { type ErrorCode, GatecastError } from './base/errors.ts';
export type { StateDict, Tensor } from './base/tensor.ts';

export { readSafetensors, writeSafetensors } from './files/safetensors.ts';

export { GRU, type GRUOptions } from './network/gru.ts';
export { GRUCell, type GRUCellOptions } from './network/gru-cell.ts';
export type { Hidden } from './network/hidden.ts';
export { type Isa, isa, isas } from './network/isa.ts';
export { LSTM, type LSTMOptions } from './network/lstm.ts';
export { LSTMCell } from './network/lstm-cell.ts';
export type { LoadOptions } from './network/state-dict.ts';
export type { NativePolicy } from './network/native-controller.ts';
export type { NetworkSpec } from './network/network-spec.ts';
export type { NetworkState } from './network/network-state.ts';
export type { NetworkStates } from './network/network-states.ts';
export type { Precision, RunOptions } from './network/options.ts';
export type { InputGradient, OutputGradient, RecurrentNetwork } from './network/recurrent-network.ts';

export type { Bounds } from './model/bounds.ts';
export type { Duration } from './base/duration.ts';
export type { Description, InputDescription, TrainingRecord } from './model/description.ts';
export type { Forecast } from './model/forecast.ts';
export type { ForecastJson } from './model/forecast-json.ts';
export { Forecaster, type ForecasterOptions } from './model/forecaster.ts';
export type { ForecasterState, StateOptions } from './model/forecaster-state.ts';
export type { ForecasterParts } from './model/parts.ts';
export type {
  ActionDescription,
  HeadDescription,
  ObservationDescription,
  PolicyDescription,
  ResetSignal,
} from './model/policy-description.ts';
export type { PolicyParts } from './model/policy-parts.ts';
export { RecurrentPolicy } from './model/recurrent-policy.ts';
export type { Sample, SampleTime, SampleValues, TimedSample } from './model/sample.ts';
export type { Skipped } from './model/skipped.ts';
export { Scaler } from './model/scaler.ts';

export type { AdaptOptions } from './online/learner/adapter.ts';
export type { AlertPhase } from './online/anomaly/alerts.ts';
export type { AnomalyOptions, Judgement } from './online/anomaly/anomaly-state.ts';
export type { GapPolicy } from './online/time/gaps.ts';
export type { HealthFlag } from './online/sensors/health-flags.ts';
export type { HealthOptions, HealthPolicy, SensorLimits } from './online/sensors/health-options.ts';
export { OnlineForecaster, type OnlineForecasterOptions } from './online/learner/online-forecaster.ts';
export type { SkillOptions } from './online/judging/skill.ts';

export { fileStore } from './stores/file-store.ts';
export { memoryStore } from './stores/memory-store.ts';
export type { Store, StoreMeta } from './stores/store.ts';

export { anomalies, type AnomalyStreamOptions } from './stream/anomalies.ts';
export type { Comparison, Difference } from './stream/replay/comparison.ts';
export type { Disturbance } from './stream/replay/disturbance.ts';
export { adwin, type MeanDrift, pageHinkley, type WindowDrift } from './stream/drift.ts';
export type { Fault } from './recording/faults.ts';
export { type ForecastOptions, forecast } from './stream/forecast.ts';
export { forecastBy, type KeyedForecast } from './stream/fleet/forecast-by.ts';
export { forecastInWorker, type InWorkerOptions } from './stream/worker/in-worker.ts';
export type { KeepOptions, KeptMeta } from './stream/keeper.ts';
export { type FleetOptions, KeyedStreams, type KeyedStreamsOptions } from './stream/fleet/keyed-streams.ts';
export type { LiveForecast, Trust } from './online/live-forecast.ts';
export { LiveModel, type LiveModelOptions, type ModelChange } from './stream/swap/live-model.ts';
export { measure } from './stream/measure.ts';
export {
  type MetricsOptions,
  type MetricsSnapshot,
  StreamMetrics,
  type TimesSummary,
} from './metrics/stream-metrics.ts';
export { type OverloadCounts, type OverloadOperator, overload } from './stream/overload/overload.ts';
export { conflate, drop, latest, type OverloadPolicy, queue } from './stream/overload/overload-policy.ts';
export { type RecordingEntry, readRecording } from './recording/read-recording.ts';
export { type RecordCounts, type RecordOperator, type RecordOptions, record } from './stream/recording/record.ts';
export type { RecordingHeader } from './recording/recording-records.ts';
export type { BuildChange } from './recording/recording-header.ts';
export { type ReplayReport, replay } from './stream/replay/replay.ts';
export type { ReplayOptions } from './stream/replay/replay-options.ts';
export type { ReplayFailure } from './stream/replay/replay-run.ts';
export type { CountOptions } from './stream/stream-counters.ts';
export type { StreamOptions } from './stream/state/stream-options.ts';
export { StreamState } from './stream/state/stream-state.ts';
export type { SampleSpan, SwapOptions, SwapOutcome, SwapScore } from './stream/swap/swap-options.ts';

export type { SentAction } from './control/actions-under-way.ts';
export { type Clock, systemClock } from './control/clock.ts';
export type {
  ControlContext,
  ControlCycle,
  ControlPolicy,
  CycleReason,
  Decide,
  Decision,
  FallbackContext,
} from './control/control-cycle.ts';
export { controlLoop } from './control/loop/control-loop.ts';
export type { CycleFlag } from './control/cycle-flags.ts';
export { decide } from './control/loop/decide.ts';
export type { LateFailure } from './control/late-failures.ts';
export type { ActionLimits } from './control/limits.ts';
export type { ControlLoopOptions, Fallback, LoopRules } from './control/loop/loop-options.ts';
export type { LoopStatus } from './control/loop/loop-status.ts';
export { type LqrActions, type LqrOptions, lqr } from './control/policies/lqr.ts';
export type { InputRange, Observation, ObservationFault } from './control/observation.ts';
export type { NativeCycle } from './control/native-loop/native-cycle.ts';
export { type NativeLoop, nativeLoop } from './control/native-loop/native-loop.ts';
export type { NativeLoopOptions } from './control/native-loop/native-loop-options.ts';
export { type PidAction, type PidOptions, pid } from './control/policies/pid.ts';
export type { ActionCost, PlanCost, Reference, SoftLimit, TrackCost } from './control/planning/planner-cost.ts';
export type {
  CemOptions,
  CostFunction,
  IcemOptions,
  MppiOptions,
  PlanBatch,
  PlannerLimits,
  PlannerOptions,
  RandomShootingOptions,
} from './control/planning/planner-options.ts';
export { cem, icem, mppi, type PlanDecision, type PlannerPolicy, randomShooting } from './control/planning/planners.ts';
export type { Policy } from './control/policies/policy.ts';
export type { PolicyData } from './control/policies/policy-data.ts';
export { Rollout, type RolloutOptions, rollout } from './control/planning/rollout.ts';
export { SharedRing, type SharedRingOptions } from './control/native-loop/shared-ring.ts';
export { type ThresholdDecision, type ThresholdOptions, threshold } from './control/policies/threshold.ts';
export {
  type PolicyAction,
  type PolicyInput,
  policy,
  type RunPolicy,
  type TrainedPolicyOptions,
} from './control/policies/trained-policy.ts';
export { VirtualClock } from './control/virtual-clock.ts';

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

export type { Role, Table } from './data/table.ts';
export { rowCount, selectColumns, sliceRows } from './data/table.ts';
export type { Log, Row, Run } from './data/runs.ts';
export { type Data, type KeyedTable, type Series, seriesOf } from './data/series.ts';

export { type EvaluateOptions, evaluate } from './batch/evaluate.ts';
export type { ErrorScore, Score, SeriesScore } from './batch/score.ts';
export {
  bestNabScore,
  type NabProfile,
  type NabScore,
  type NabSeries,
  nabProbation,
  nabProfiles,
  nabScore,
} from './batch/nab.ts';
export type { DynamicsReport, OutputErrors } from './batch/dynamics-report.ts';
export { type EvaluateDynamicsOptions, evaluateDynamics } from './batch/evaluate-dynamics.ts';
export { type RollingForecast, type RollingOptions, rolling } from './batch/rolling.ts';
export { predict } from './batch/predict.ts';

export type { DynamicsOptions, DynamicsProgress } from './train/dynamics-options.ts';
export type { TrainProgress } from './train/learn.ts';
export type { TrainOptions } from './train/options.ts';
export { fit, train } from './train/train.ts';
export { type TrainedDynamics, trainDynamics } from './train/train-dynamics.ts';

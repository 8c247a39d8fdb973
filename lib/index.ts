/**
 * Forecasters, their training and evaluation, and the RxJS operators that forecast streams.
 * @module gatecast
 */
export { type ErrorCode, GatecastError } from './base/errors.ts';
export type { Bounds } from './model/bounds.ts';
export type { Duration } from './base/duration.ts';
export type { Channels } from './model/channels.ts';
export type { Description } from './model/description.ts';
export type { Classes, Distribution, Forecast } from './model/forecast.ts';
export type { ForecastJson } from './model/forecast-json.ts';
export type { PathOptions } from './model/forecast-paths.ts';
export type { PathsDescription } from './model/paths.ts';
export type { Loss } from './model/heads/heads.ts';
export { Forecaster, type ForecasterOptions } from './model/forecaster.ts';
export type { CalendarDescription, CalendarPart } from './model/inputs/calendar.ts';
export type { CycleDescription } from './model/inputs/cycle.ts';
export type { ScaleDescription } from './model/inputs/running-scale.ts';
export type { InputDescription, Model, ModelDescription } from './model/model.ts';
export type { ForecasterState, ModelState, StateOptions } from './model/model-state.ts';
export { loadModel } from './model/load-model.ts';
export type { ForecasterParts, ModelParts } from './model/parts.ts';
export type { EsrnnDescription, EsrnnNetwork } from './model/esrnn/description.ts';
export type { SmoothingForm } from './model/esrnn/smoothing.ts';
export type { LinearPart, SegmentDescription, SegmentForm } from './model/segment/description.ts';
export { EsrnnForecaster, type EsrnnParts } from './model/esrnn/esrnn-forecaster.ts';
export { SegmentForecaster, type SegmentParts } from './model/segment/segment-forecaster.ts';
export type { TrainedDescription, TrainedModel, TrainingRecord } from './model/trained-model.ts';
export type {
  Sample,
  SampleList,
  SamplePlan,
  SampleTime,
  SampleValue,
  SampleValues,
  TimedSample,
} from './model/sample.ts';
export type { Skipped } from './model/skipped.ts';
export { Scaler } from './model/scaler.ts';
export type { Baseline, BaselineOptions } from './baselines/baseline.ts';
export { baselines } from './baselines/baselines.ts';
export * as metrics from './accuracy/metrics.ts';
export type { HoltWintersParameters, HoltWintersState } from './baselines/holt-winters.ts';
export type { ThetaParameters } from './baselines/theta.ts';
export type { AdaptOptions } from './online/learner/adapter.ts';
export type { AlertPhase } from './online/anomaly/alerts.ts';
export type { Gap, GapPolicy } from './model/gap.ts';
export type { HealthFlag } from './online/sensors/health-flags.ts';
export type { HealthOptions, HealthPolicy, SensorLimits } from './online/sensors/health-options.ts';
export { OnlineForecaster, type OnlineForecasterOptions } from './online/learner/online-forecaster.ts';
export type { SkillOptions } from './online/judging/skill.ts';
export { fileStore } from './stores/file-store.ts';
export { memoryStore } from './stores/memory-store.ts';
export type { Store, StoreMeta } from './stores/store.ts';

export { anomalies, type AnomalyStreamOptions } from './stream/anomaly/anomalies.ts';
export { type AnomalyFleetOptions, anomaliesBy, type KeyedJudgement } from './stream/anomaly/anomalies-by.ts';
export type { AnomalyOptions } from './stream/anomaly/anomaly-options.ts';
export type { Judgement } from './stream/anomaly/judgement.ts';
export type { AdwinOptions } from './online/statistics/adwin.ts';
export type { PageHinkleyOptions } from './online/statistics/page-hinkley.ts';
export { adwin, type MeanDrift, pageHinkley, type WindowDrift } from './stream/drift.ts';
export { type ForecastOptions, forecast } from './stream/forecast.ts';
export type { Keyed } from './stream/fleet/feeding.ts';
export { forecastBy, type KeyedForecast } from './stream/fleet/forecast-by.ts';
export { forecastInWorker, type InWorkerOptions } from './stream/worker/in-worker.ts';
export type { KeepOptions, KeptMeta } from './stream/keeper.ts';
export { type FleetOptions, KeyedStreams, type KeyedStreamsOptions } from './stream/fleet/keyed-streams.ts';
export type { LiveForecast, Trust } from './online/live-forecast.ts';
export { LiveModel, type LiveModelOptions, type ModelChange } from './stream/swap/live-model.ts';
export { measure } from './stream/measure.ts';
export type { Histogram } from './metrics/histogram.ts';
export {
  type Counter,
  type MetricsOptions,
  type MetricsSnapshot,
  StreamMetrics,
  type TimesSummary,
} from './metrics/stream-metrics.ts';
export type { Emitting } from './stream/observable-from.ts';
export { type OverloadCounts, type OverloadOperator, overload } from './stream/overload/overload.ts';
export { conflate, drop, latest, type OverloadPolicy, queue } from './stream/overload/overload-policy.ts';
export type { CountOptions } from './stream/stream-counters.ts';
export type { StreamOptions } from './stream/state/stream-options.ts';
export { StreamState } from './stream/state/stream-state.ts';
export type { SampleSpan, SwapOptions, SwapOutcome, SwapScore } from './stream/swap/swap-options.ts';
export { evaluate, type ModelMaker } from './batch/evaluate.ts';
export { type ClassEvaluation, evaluateClasses } from './batch/evaluate-classes.ts';
export type { EvaluatedModel, EvaluateOptions } from './batch/evaluate-options.ts';
export {
  type BaselineComparison,
  type CompareOptions,
  compareWithBaselines,
} from './batch/compare-with-baselines.ts';
export { type BaselineName, type FitBaselineOptions, fitBaseline } from './batch/fit-baseline.ts';
export type { RollingModel } from './batch/lanes.ts';
export { predict } from './batch/predict.ts';
export { type RollingForecast, type RollingOptions, rolling } from './batch/rolling.ts';
export type { CourseScore, ErrorScore, Measures, OriginScore, Score, SeriesScore, TargetScore } from './batch/score.ts';
export { type Data, type KeyedTable, type Series, seriesOf } from './data/series.ts';
export { type Role, rowCount, selectColumns, sliceRows, type Table } from './data/table.ts';
export { backtest, backtestClasses, backtestProgress, type BacktestProgress } from './backtest/backtest.ts';
export type { BacktestOptions, ModelTrainer } from './backtest/options.ts';
export { compare, compareModels } from './compare/compare.ts';
export type { CompareModelsOptions } from './compare/options.ts';
export type { Recommendation } from './compare/recommend.ts';
export type {
  CandidateResult,
  CompareModelsProgress,
  CurvePoint,
  ModelComparison,
  Trial,
} from './compare/result.ts';
export { type GradientFlow, gradientFlow, type GradientFlowOptions } from './diagnosis/gradient-flow.ts';
export type {
  FlowMeasures,
  GateFlow,
  InputFlow,
  LayerFlow,
  ParameterFlow,
} from './diagnosis/flow-measures.ts';
export type { GateName } from './network/cells.ts';
export type { TuneOptions } from './tune/options.ts';
export type { TuneProgress, TuneTrial, Tuning } from './tune/result.ts';
export type { Setting } from './tune/settings.ts';
export { tune, tuneModel } from './tune/tune.ts';
export type { TrainProgress } from './train/learn.ts';
export type { ModelName } from './train/models/names.ts';
export type { FineTuneOptions } from './train/fine-tune.ts';
export type { NetworkOptions } from './train/models/choose-model.ts';
export type { EsrnnOptions, SegmentOptions, TrainOptions } from './train/options.ts';
export type { ScheduleName } from './train/schedule.ts';
export { fit, train } from './train/train.ts';
export { findPeriods, type Period } from './time/periods.ts';

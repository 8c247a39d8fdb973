/**
 * Controllers, planners and the loops that drive actuators at a fixed rate.
 * @module gatecast/control
 */
export type { NativePolicy } from './network/native-controller.ts';
export type {
  ActionDescription,
  HeadDescription,
  ObservationDescription,
  PolicyDescription,
  ResetSignal,
} from './model/policy-description.ts';
export type { PolicyParts } from './model/policy-parts.ts';
export { RecurrentPolicy } from './model/recurrent-policy.ts';
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
export type { LateFailure, OnLateFailure } from './control/late-failures.ts';
export type { ActionLimits } from './control/limits.ts';
export type { ControlLoopOptions, Fallback, LoopRules } from './control/loop/loop-options.ts';
export type { LoopStatus } from './control/loop/loop-status.ts';
export { type LqrActions, type LqrOptions, lqr } from './control/policies/lqr.ts';
export type { InputRange, Observation, ObservationFault } from './control/observation.ts';
export type { NativeCycle } from './control/native-loop/native-cycle.ts';
export { type NativeLoop, nativeLoop } from './control/native-loop/native-loop.ts';
export type { NativeLoopOptions } from './control/native-loop/native-loop-options.ts';
export { type Measured, type PidAction, type PidOptions, pid } from './control/policies/pid.ts';
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
export type { DataPolicy, PolicyData } from './control/policies/policy-data.ts';
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
export type { DynamicsReport, OutputErrors } from './batch/dynamics-report.ts';
export { type EvaluateDynamicsOptions, evaluateDynamics } from './batch/evaluate-dynamics.ts';
export type { Log, Row, Run } from './data/runs.ts';
export type { DynamicsOptions, DynamicsProgress } from './train/dynamics-options.ts';
export { type TrainedDynamics, trainDynamics } from './train/train-dynamics.ts';

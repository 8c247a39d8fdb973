import { knownAhead } from '../model/ahead.ts';
import type { Bounds } from '../model/bounds.ts';
import type { Description } from '../model/description.ts';
import { printable } from '../base/errors.ts';
import { isEsrnn } from '../model/esrnn/description.ts';
import { isSegment } from '../model/segment/description.ts';
import type { TrainedDescription } from '../model/trained-model.ts';
import { describeCost, describeSegments } from './describe-segments.ts';
import { describeSmoothed, describeSmoothing } from './describe-smoothing.ts';
import { readyAfter } from '../model/model.ts';
import { durationText } from '../data/rules/duration-text.ts';
import type { ScaleDescription } from '../model/inputs/running-scale.ts';
import { cells } from '../network/cells.ts';

const CHANNELS = {
  independent: 'each target is a stream of its own, with the same weights',
  embedded: 'each target is a stream of its own, with the same weights and an embedding',
};

/** What a model forecasts and how it was trained, as lines. */
export function describeModel(description: TrainedDescription): string {
  const { inputs, targets, classes, present, horizon, channels, calendar, cycle, interval } = description;
  const { loss, levels, bounds, scale, lags, paths, training } = description;
  const ahead = knownAhead(description);
  const own = inputs.filter(({ of }) => of === undefined);
  const rows: [string, string][] = [
    present
      ? ['tells', `${targets[0]} of the newest sample`]
      : ['forecasts', `${targets.join(', ')}: ${horizon} steps ahead`],
    ...(classes ? [['classes', describeWords(targets[0]!, classes)] satisfies [string, string]] : []),
    ['from', own.map(({ name, unit }) => (unit ? `${name} [${unit}]` : name)).join(', ')],
    ...(ahead.length > 0
      ? [['ahead', `${ahead.join(', ')}: now and ${horizon} steps ahead`] satisfies [string, string]]
      : []),
    ...inputs
      .filter(({ words }) => words)
      .map(({ name, words }): [string, string] => ['words', describeWords(name, words!)]),
    ...(calendar ? [['calendar', `${calendar.parts.join(', ')} in ${calendar.zone}`] satisfies [string, string]] : []),
    ...(cycle ? [['cycle', `${durationText(cycle.period)} in ${cycle.zone}`] satisfies [string, string]] : []),
    ...(channels ? [['channels', CHANNELS[channels]] satisfies [string, string]] : []),
    ...(scale ? [['scale', describeScale(scale)] satisfies [string, string]] : []),
    ['interval', interval === null ? 'unknown' : `${interval} ms between samples`],
    ['memory', describeMemory(description)],
    ['network', describeNetwork(description)],
    ...(lags ? [['lags', lags.join(', ')] satisfies [string, string]] : []),
    ...(paths ? [['paths', `${paths.count} of a forecast, drawn step by step`] satisfies [string, string]] : []),
    ...(bounds ? [['bounds', describeBounds(targets, bounds)] satisfies [string, string]] : []),
    ['quantiles', levels.length > 0 ? levels.join(', ') : 'none'],
    ['trained', `${training.trainedAt} by gatecast ${training.version} on ${training.isa}, seed ${training.seed}`],
    ['rows', `${training.rows} to learn from, ${training.validationRows} to validate`],
    ['passes', `${training.epochs}, best ${training.bestEpoch}${training.refit ? ', as many of all rows' : ''}`],
    [
      'loss',
      `${loss}: ${training.trainLoss.toFixed(5)} in training, ${training.validationLoss.toFixed(5)} in validation`,
    ],
    ['check', 'computes its golden outputs on this machine'],
  ];
  return rows.map(([name, value]) => `${name.padEnd(11)}${printable(value)}\n`).join('');
}

/** Most words of a category that are printed. */
const SHOWN = 12;

function describeWords(name: string, words: readonly string[]): string {
  const shown = words.slice(0, SHOWN).join(', ');
  return `${name}: ${shown}${words.length > SHOWN ? ` and ${words.length - SHOWN} more` : ''}`;
}

function describeScale({ inputs, samples }: ScaleDescription): string {
  return `each series has its own, over ${samples} samples: ${inputs.join(', ')}`;
}

function describeBounds(targets: readonly string[], bounds: readonly Bounds[]): string {
  const bounded = targets.flatMap((target, i) => {
    const { min, max } = bounds[i]!;
    if (min === undefined && max === undefined) return [];
    return [`${target} ${min === undefined ? '' : `from ${min} `}${max === undefined ? '' : `to ${max}`}`.trimEnd()];
  });
  return bounded.join(', ');
}

function describeMemory(description: TrainedDescription): string {
  if (isSegment(description)) return describeCost(description);
  if (isEsrnn(description)) return describeSmoothing(description);
  return (description as Description).memory === 'carried'
    ? `carried, ready after ${readyAfter(description)} samples`
    : `window of ${description.lookback} samples`;
}

function describeNetwork(description: TrainedDescription): string {
  if (isSegment(description)) return describeSegments(description);
  if (isEsrnn(description)) return describeSmoothed(description);
  const { cell, numLayers, hiddenSize, projSize, linearBeforeReset, ...others } = description.network!;
  const { layerNorm, residual, bidirectional, attention } = others;
  const directions = bidirectional ? ' in each direction' : '';
  const projected = projSize > 0 ? `, projected to ${projSize}` : '';
  const form = cells[cell].hasResetForms && !linearBeforeReset ? ', reset before the linear map' : '';
  const layers = `${layerNorm ? ', layer norm' : ''}${residual ? ', residual' : ''}`;
  const attends = attention ? `, attention over ${attention} outputs` : '';
  return `${cell.toUpperCase()}, ${numLayers} x ${hiddenSize} units${directions}${projected}${form}${layers}${attends}`;
}

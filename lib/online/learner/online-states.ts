import { expected, GatecastError } from '../../base/errors.ts';
import { allocate } from '../../base/memory.ts';
import type { AttachedStates } from '../../network/attached-states.ts';
import type { RecurrentNetwork } from '../../network/recurrent-network.ts';
import type { OnlineLearner } from './online-learner.ts';

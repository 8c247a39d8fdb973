import { calls } from './control-calls.ts';
import { tryCalls } from './try-calls.ts';

tryCalls(calls);

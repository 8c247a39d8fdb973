import { calls } from './models-calls.ts';
import { tryCalls } from './try-calls.ts';

tryCalls(calls);

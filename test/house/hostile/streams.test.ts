import { calls } from './streams-calls.ts';
import { tryCalls } from './try-calls.ts';

tryCalls(calls);

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANSWER, Exchange, REQUEST } from '../../lib/stream/worker/exchange.ts';

const sizes = { slots: 4, values: 2, numbers: 3 };

test('slots hold a request and an answer each, and nothing of another', () => {
  const exchange = new Exchange(sizes);
  for (let slot = 0; slot < sizes.slots; slot++) {
    exchange.request(slot).fill(1 + slot);
    exchange.answer(slot).fill(-1 - slot);
  }
  const other = new Exchange(sizes, exchange.memory);
  for (let slot = 0; slot < sizes.slots; slot++) {
    expect([...other.request(slot)]).toEqual(Array(REQUEST.values + sizes.values).fill(1 + slot));
    expect([...other.answer(slot)]).toEqual(Array(ANSWER.numbers + sizes.numbers).fill(-1 - slot));
  }
});

test.each([0, 2 ** 31 - 3, 2 ** 32 - 3, 2 ** 40])('both sides see what the other did, from request %d on', (start) => {
  const asking = new Exchange(sizes);
  const answering = new Exchange(sizes, asking.memory);
  fc.assert(
    fc.property(fc.array(fc.constantFrom('ask', 'answer', 'take'), { maxLength: 60 }), (events) => {
      let [asked, answered, taken, silent] = [start, start, start, true];
      // as if that many had gone before
      asking.sendBelow(start);
      answering.answerBelow(start);
      asking.silenceBell();
      for (const event of events) {
        if (event === 'ask' && asked - taken < sizes.slots) {
          asking.request(asked)[REQUEST.at] = asked;
          asking.sendBelow(++asked);
        } else if (event === 'answer' && answered < asked) {
          answering.awaitRequest(answered); // which is there, so this does not block
          answering.answer(answered)[ANSWER.skipped] = answering.request(answered)[REQUEST.at]!;
          expect(answering.answerBelow(++answered)).toBe(silent); // rings once until the other side looks
          silent = false;
        } else if (event === 'take') {
          asking.silenceBell();
          silent = true;
          while (asking.isAnswered(taken)) expect(asking.answer(taken)[ANSWER.skipped]).toBe(taken++);
          expect(taken).toBe(answered);
        }
      }
    }),
  );
});

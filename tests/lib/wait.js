// Waiting without guessing: ask again until it holds, within a deadline.

import { setTimeout as pause } from 'node:timers/promises';

/** The first truthy value of `ask`; throws the last error, or says what it waited for. */
export async function until(what, ask, { timeoutMs = 10_000, everyMs = 25 } = {}) {
  const end = Date.now() + timeoutMs;
  let last;
  for (;;) {
    try {
      const value = await ask();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: last });
    }
    await pause(everyMs);
  }
}

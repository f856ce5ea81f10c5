// SIGKILL while segments are computed, edited and followed: rounds of creating and editing beside
// ingest, each ended by a kill. The judge is this process's own record of what was acknowledged:
// in the end every membership is what the last condition asks of it, and the changes told in the
// log, in order, lead from nobody to exactly that membership, nobody entering twice.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { track } from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

const rounds = Number(process.env.CRASH_SEGMENT_ROUNDS ?? 8);
const people = Number(process.env.CRASH_SEGMENT_PEOPLE ?? 2_000);

let seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
console.log(`crash seed ${seed}`);
function chance(bound) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor((seed / 2147483648) * bound);
}

describe('SIGKILL while segments are computed', () => {
  let program;
  const counts = new Map();  // acknowledged events of each user
  const segments = [];       // {id, least}: those with at least so many events
  let running = true;
  let over = false;

  async function send(users) {
    const events = users.map((user) => track(user, 'Counted'));
    // The same events again until they are acknowledged: they count once. Also after the last
    // round: a kill may have taken an answer, not the events.
    while (!over) {
      const answer = await program.api.collect('/v1/batch', { batch: events }, { wait: false })
        .catch(() => null);
      if (answer?.status === 200) {
        for (const user of users) counts.set(user, (counts.get(user) ?? 0) + 1);
        return;
      }
      await pause(20);
    }
  }
  async function ingest() {
    while (running) {
      await send(Array.from({ length: 1 + chance(40) }, () => `p${chance(people)}`));
      await pause(5);
    }
  }

  before(async () => {
    program = await Program.start();
    for (let from = 0; from < people; from += 500) {
      await send(Array.from({ length: 500 }, (_, n) => `p${from + n}`));
    }
  });
  after(async () => {
    running = false;
    over = true;
    await program?.remove();
  });

  const condition = (least) => ({ event: 'Counted', count: { gte: least } });
  const again = async (work) => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (error.name === 'AssertionError') throw error;
        await pause(20);
      }
    }
  };

  test(`${rounds} rounds`, { timeout: 120_000 + rounds * 20_000 }, async () => {
    const busy = ingest();
    for (let round = 0; round < rounds; round += 1) {
      const made = { least: 1 + chance(4) };
      const answer = await program.api.post('/api/v1/segments',
        { name: `Crash ${round}`, condition: condition(made.least) });
      made.id = answer.id;
      segments.push(made);
      await pause(chance(60));
      const edited = segments[chance(segments.length)];
      edited.least = 1 + chance(4);
      await program.api.put(`/api/v1/segments/${edited.id}`,
        { name: `Edited ${round} ${edited.id}`, condition: condition(edited.least) });
      await pause(chance(120));
      await program.kill();
      await program.start();
    }
    running = false;
    await busy;
    for (const { id } of segments) {
      await until('every segment to be live', async () =>
        (await again(() => program.api.get(`/api/v1/segments/${id}`))).status === 'live',
      { timeoutMs: 60_000 });
    }
    await until('everything to be applied', async () => {
      const { log_end: end, applied } = await program.api.get('/api/v1/overview');
      return end === applied;
    }, { timeoutMs: 60_000 });
  });

  test('memberships are what the acknowledged events make them', async () => {
    const users = new Map();  // by customer
    for (const user of counts.keys()) {
      users.set((await program.api.customer('user_id', user)).id, user);
    }
    for (const { id, least } of segments) {
      const members = await program.api.all(`/api/v1/segments/${id}/members`);
      const found = members.map((member) => users.get(member.id)).sort();
      const wanted = [...counts].filter(([, n]) => n >= least).map(([user]) => user).sort();
      assert.deepEqual(found, wanted, `at least ${least}`);
    }
  });

  test('the changes told lead there, one by one', async () => {
    const range = `from=${new Date(Date.now() - 864e5).toISOString()}`
      + `&to=${new Date(Date.now() + 864e5).toISOString()}`;
    for (const { id } of segments) {
      const told = async () => {
        const inside = new Set();
        for (const { customer_id: who, entered } of
          await program.api.all(`/api/v1/segments/${id}/changes?${range}`)) {
          assert.notEqual(inside.has(who), entered, `${who} changes, and does not repeat`);
          if (entered) inside.add(who);
          else inside.delete(who);
        }
        return inside;
      };
      const members = (await program.api.all(`/api/v1/segments/${id}/members`))
        .map((member) => member.id).sort();
      await until('all changes to be told', async () => (await told()).size === members.length,
        { timeoutMs: 30_000 });
      assert.deepEqual([...await told()].sort(), members);
    }
  });
});

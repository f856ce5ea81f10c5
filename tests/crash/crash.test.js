// Rounds of SIGKILL during mixed ingest and campaign sending: twenty, or CRASH_ROUNDS of them with
// CRASH_RECIPIENTS a campaign (`make crash`: a hundred with 20,000). The judge is this process's
// own record: what was acknowledged is there once, what was not may be there or not but never
// twice, nobody got two messages beyond those in flight at a kill, and every file opens.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { identify, makeCampaign, makeSegment, track } from '../lib/events.js';
import { Program } from '../lib/program.js';
import { Receiver } from '../lib/smtp.js';
import { until } from '../lib/wait.js';

const rounds = Number(process.env.CRASH_ROUNDS ?? 20);
const recipients = Number(process.env.CRASH_RECIPIENTS ?? 1500);
const roundsACampaign = Math.ceil(rounds / 3);
const inFlightAtKill = 8;  // the dispatcher's concurrency
const workers = 6;

// A small generator of its own, so that a round that failed can be run again.
let seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
console.log(`crash seed ${seed}`);
function chance(bound) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor((seed / 2147483648) * bound);
}

describe('SIGKILL', () => {
  let program;
  let receiver;
  const record = { acknowledged: new Set(), sent: new Set(), people: new Map() };
  const campaigns = [];
  let running = true;

  before(async () => {
    program = await Program.start();
    receiver = await Receiver.start({ parse: false, delayMs: rounds > 20 ? 0 : 15 });
    await program.api.put('/api/v1/providers/email',
      { type: 'smtp', host: '127.0.0.1', port: receiver.port, security: 'none' });
    for (let from = 0; from < recipients; from += 500) {
      await program.api.batch(Array.from({ length: 500 }, (_, n) => identify(`to-${from + n}`,
        { tag: 'crash', email: `to-${from + n}@x.example` })));
    }
  });
  after(async () => {
    running = false;
    await program?.remove();
    await receiver?.stop();
  });

  /** Sends single events and batches for as long as the test runs; keeps what was answered 200. */
  async function ingest(worker) {
    for (let n = 0; running; n += 1) {
      const user = `u-${worker}-${n % 40}`;
      const count = n % 3 === 0 ? 1 : 1 + ((n * 7) % 60);
      const events = Array.from({ length: count }, (_, k) =>
        track(user, 'Crash', { n, k }, { anonymousId: `a-${worker}-${n % 80}` }));
      for (const event of events) record.sent.add(event.messageId);
      try {
        const answer = count === 1
          ? await program.api.collect('/v1/track', events[0], { wait: false })
          : await program.api.collect('/v1/batch', { batch: events }, { wait: n % 10 === 0 });
        if (answer.status === 200) {
          for (const event of events) {
            record.acknowledged.add(event.messageId);
            record.people.set(user, (record.people.get(user) ?? 0) + 1);
          }
        } else {
          await pause(20);
        }
      } catch {
        await pause(20);  // The program is down at the moment.
      }
      // Some batches are sent a second time, as a client does that did not see the answer.
      if (n % 9 === 0) {
        await program.api.collect('/v1/batch', { batch: events }, { wait: false }).catch(() => {});
      }
      await pause(5);
    }
  }

  test(`${rounds} rounds`, { timeout: 240_000 + rounds * 30_000 }, async () => {
    const segment = await makeSegment(program.api, 'crash',
      { trait: 'tag', op: 'eq', value: 'crash' });
    for (let n = 0; n < 3; n += 1) {
      campaigns.push(await makeCampaign(program.api, segment, { name: `Crash ${n}` }));
    }
    const busy = Array.from({ length: workers }, (_, worker) => ingest(worker));
    let slowest = 0;
    for (let round = 0; round < rounds; round += 1) {
      const next = campaigns[Math.floor(round / roundsACampaign)];
      if (round % roundsACampaign === 0) {
        const answer = await program.api.request('POST', `/api/v1/campaigns/${next.id}/start`);
        assert.equal(answer.status, 202, answer.text);
      }
      await pause(150 + chance(900));
      await program.kill();
      await program.start();  // Every file opens, or this fails.
      slowest = Math.max(slowest, program.startMs);
    }
    running = false;
    await Promise.all(busy);
    for (const campaign of campaigns) {
      await until(`campaign ${campaign.name}`, async () =>
        (await program.api.get(`/api/v1/campaigns/${campaign.id}`)).status === 'done',
      { timeoutMs: 60_000 + recipients * 30, everyMs: 100 });
    }
    await until('everything to be applied', async () => {
      const { log_end, applied } = await program.api.get('/api/v1/overview');
      return log_end === applied;
    }, { timeoutMs: 60_000 });
    console.log(`${record.acknowledged.size} acknowledged of ${record.sent.size} sent, `
      + `${receiver.messages.length} messages received, slowest start ${slowest} ms`);
    assert.ok(record.acknowledged.size > rounds * 50, 'there was load');
  });

  test('every acknowledged event is there exactly once, no event twice', async () => {
    const events = await program.api.all('/api/v1/events?name=Crash', 1000);
    const times = new Map();
    for (const event of events) {
      times.set(event.message_id, (times.get(event.message_id) ?? 0) + 1);
    }
    const lost = [...record.acknowledged].filter((id) => !times.has(id));
    const twice = [...times].filter(([, count]) => count > 1);
    const strange = [...times.keys()].filter((id) => !record.sent.has(id));
    assert.deepEqual([lost.length, twice.length, strange.length], [0, 0, 0],
      JSON.stringify({ lost: lost.slice(0, 5), twice: twice.slice(0, 5) }));
  });

  test('profiles and timelines count what is in the log', async () => {
    let total = 0;
    for (const customer of await program.api.all('/api/v1/customers?query=u-', 1000)) {
      const events = await program.api.timeline(customer);
      assert.equal(new Set(events.map((event) => event.message_id)).size, events.length);
      assert.equal(customer.event_count, events.length, customer.id);
      total += events.length;
    }
    assert.ok(total > 0);
  });

  test('each recipient one message, beyond those in flight at a kill', async () => {
    const perCampaign = new Map();
    for (const message of receiver.messages) {
      const key = `${message.to.join()} ${message.id}`;
      perCampaign.set(key, (perCampaign.get(key) ?? 0) + 1);
    }
    // The same Message-ID twice is a repeat of one in flight; two ids for one recipient and
    // campaign would be two messages.
    const ids = new Map();
    for (const key of perCampaign.keys()) {
      const [to] = key.split(' ');
      ids.set(to, (ids.get(to) ?? 0) + 1);
    }
    assert.equal(ids.size, recipients);
    for (const [to, count] of ids) assert.equal(count, campaigns.length, to);
    const repeats = [...perCampaign.values()].reduce((sum, count) => sum + count - 1, 0);
    assert.ok(repeats <= rounds * inFlightAtKill, `${repeats} repeats`);
    let counted = 0;
    for (const campaign of campaigns) {
      counted += (await program.api.get(`/api/v1/campaigns/${campaign.id}/report`))
        .possible_repeats;
    }
    // The report knows of every repeat, and of no more than were in flight at a kill.
    assert.ok(repeats <= counted, `${repeats} repeats, ${counted} counted`);
    assert.ok(counted <= rounds * inFlightAtKill, `${counted} counted`);
    for (const campaign of campaigns) {
      const now = await program.api.get(`/api/v1/campaigns/${campaign.id}`);
      assert.deepEqual([now.audience, now.sent, now.failed, now.skipped],
        [recipients, recipients, 0, 0]);
      const rows = await program.api.all(`/api/v1/messages?campaign_id=${campaign.id}`, 1000);
      assert.equal(rows.length, recipients);
      assert.equal(new Set(rows.map((row) => row.customer_id)).size, recipients);
    }
  });

  test('the doctor finds nothing wrong, and a clean stop works', async () => {
    assert.equal((await program.stop()).code, 0);
    const answer = await program.command('doctor');
    assert.equal(answer.code, 0, answer.stdout + answer.stderr);
    await program.start();  // How long it may take is for `make bench` to judge.
    console.log(`starts in ${program.startMs} ms`);
  });
});

// Segments in the whole program over HTTP: how long after an acknowledged event its membership is
// seen, beside a hundred live segments and a stream of events; and the program's memory.
//
//   node bench/segments_live.mjs   (RATE=5000 events/s, SECONDS=20, PEOPLE=20000)
//
// A probe posts an event of somebody new and asks a segment's size from the acknowledgement on.

import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { track } from '../tests/lib/events.js';
import { Program } from '../tests/lib/program.js';
import { until } from '../tests/lib/wait.js';

const rate = Number(process.env.RATE ?? 5000);
const seconds = Number(process.env.SECONDS ?? 20);
const people = Number(process.env.PEOPLE ?? 20_000);
const names = ['Product Viewed', 'Product Added', 'Order Completed', 'Cart Viewed', 'Signed In'];

const condition = (n) => {
  const event = names[n % 5];
  const within = `${1 + ((n * 7) % 90)}d`;
  switch (n % 5) {
    case 0: return { event, count: { gte: 1 + (n % 7) }, within };
    case 1: return { event, sum: { property: 'total', gte: 10 * n }, within };
    case 2: return { event: 'Product Added', within,
      not_followed_by: { event: 'Order Completed', within: `${1 + (n % 20)}h` } };
    case 3: return { all: [{ event, within }, { not: { event: 'Refunded' } }] };
    default: return { sequence: [{ event: 'Product Viewed' }, { event: 'Order Completed',
      max_gap: `${1 + (n % 40)}h` }], within };
  }
};
const event = (n) => track(`u${(n * 7919) % people}`, names[n % 5], { total: n % 200 });

const program = await Program.start();
const { api } = program;
try {
  const made = [];
  for (let n = 0; n < 100; n += 1) {
    made.push(await api.post('/api/v1/segments', { name: `Bench ${n}`, condition: condition(n) }));
  }
  const probe = await api.post('/api/v1/segments',
    { name: 'Probe', condition: { event: 'Probe' } });
  made.push(probe);
  for (const { id } of made) {
    await until('a segment to be live', async () =>
      (await api.get(`/api/v1/segments/${id}`)).status === 'live', { timeoutMs: 60_000 });
  }
  let running = true;
  let sent = 0;
  const began = performance.now();
  const stream = (async () => {
    while (running) {
      const due = ((performance.now() - began) / 1000) * rate;
      while (sent + 100 <= due) {
        const batch = Array.from({ length: 100 }, (_, k) => event(sent + k));
        sent += 100;
        await api.collect('/v1/batch', { batch }, { wait: false });
      }
      await pause(5);
    }
  })();
  const waits = [];
  for (let n = 1; performance.now() - began < seconds * 1000; n += 1) {
    await api.collect('/v1/batch', { batch: [track(`probe-${n}`, 'Probe')] }, { wait: false });
    const acknowledged = performance.now();
    while ((await api.get(`/api/v1/segments/${probe.id}`)).count < n) await pause(1);
    waits.push(performance.now() - acknowledged);
  }
  running = false;
  await stream;
  const took = (performance.now() - began) / 1000;
  waits.sort((a, b) => a - b);
  const at = (share) => waits[Math.floor((waits.length - 1) * share)].toFixed(0);
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.child.pid}/status`))[1];
  console.log(`${Math.round(sent / took)} events/s, ${waits.length} probes: median ${at(0.5)} ms, `
    + `p99 ${at(0.99)} ms, worst ${at(1)} ms; memory ${Math.round(rss / 1024)} MB; `
    + `load ${readFileSync('/proc/loadavg', 'utf8').slice(0, 14)}`);
} finally {
  await program.remove();
}

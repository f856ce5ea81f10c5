// Measures campaigns against the running program: starting one to many recipients, memory while
// it is sent, links that are followed, and single messages.
//
//   node bench/campaigns.mjs [recipients=1000000] [seconds=10]
//
// RAPPORT_BINARY names the program. Prints one JSON object a measurement. An SMTP receiver in this
// process takes what is sent; it answers at once and looks at nothing.

import net from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import { linksOf, pathOf } from '../tests/lib/events.js';
import { Program } from '../tests/lib/program.js';

const recipients = Number(process.argv[2] ?? 1_000_000);
const seconds = Number(process.argv[3] ?? 10);
const say = (name, figures) => console.log(JSON.stringify({ name, ...figures }));

/** Answers every SMTP command with success, and counts messages. */
function startSink() {
  const sink = { messages: 0, first: 0 };
  sink.server = net.createServer((socket) => {
    socket.write('220 sink\r\n');
    let data = false;
    let rest = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (;;) {
        const end = data ? rest.indexOf('\r\n.\r\n') : rest.indexOf('\r\n');
        if (end < 0) return;
        const line = rest.slice(0, end);
        rest = rest.slice(end + (data ? 5 : 2));
        if (data) {
          data = false;
          sink.messages += 1;
          sink.first ||= performance.now();
          socket.write('250 taken\r\n');
          continue;
        }
        const verb = line.slice(0, 4).toUpperCase();
        data = verb === 'DATA';
        if (verb === 'EHLO') socket.write('250-sink\r\n250 PIPELINING\r\n');
        else socket.write(data ? '354 go\r\n' : verb === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n');
      }
    });
  });
  return new Promise((resolve) => {
    sink.server.listen(0, '127.0.0.1', () => resolve(Object.assign(sink, {
      port: sink.server.address().port,
    })));
  });
}

async function addPeople(api, count) {
  const batch = 2000;
  let next = 0;
  const feed = async () => {
    while (next < count) {
      const from = next;
      next += batch;
      const events = Array.from({ length: Math.min(batch, count - from) }, (_, k) => ({
        type: 'identify', messageId: `p${from + k}`, userId: `p${from + k}`,
        traits: { email: `p${from + k}@x.example`, bench: true, first_name: `N${from + k}` },
      }));
      for (;;) {
        const answer = await api.collect('/v1/batch', { batch: events }, { wait: false });
        if (answer.status === 200) break;
        await pause(200);
      }
    }
  };
  await Promise.all([feed(), feed(), feed()]);
  for (;;) {
    const { log_end: end, applied } = await api.get('/api/v1/overview');
    if (end === applied) return;
    await pause(200);
  }
}

async function measureStart(program, sink) {
  const { api } = program;
  const segment = await api.post('/api/v1/segments',
    { name: 'bench', condition: { trait: 'bench', op: 'eq', value: true } });
  const campaign = await api.post('/api/v1/campaigns', {
    name: 'Bench', segment_id: segment.id, channel: 'email', from: 'a@shop.example',
    template: { subject: 'Hi {{ customer.traits.first_name }}',
      html: `<p>Hi {{ customer.traits.first_name }}</p>${'<p>text</p>'.repeat(50)}` },
  });
  await pause(2000);
  const idle = await program.residentMib();
  let peak = idle;
  sink.messages = 0;
  sink.first = 0;
  const begin = performance.now();
  await api.post(`/api/v1/campaigns/${campaign.id}/start`);
  let ready = 0;
  while (!ready || performance.now() - begin < seconds * 1000) {
    const { items: [run] } = await api.get(`/api/v1/campaigns/${campaign.id}/runs`);
    if (!ready && run.status === 'queued') ready = performance.now();
    peak = Math.max(peak, await program.residentMib());
    await pause(100);
    if (performance.now() - begin > 300_000) break;
  }
  const sending = performance.now();
  const before = sink.messages;
  while (performance.now() - sending < seconds * 1000) {
    peak = Math.max(peak, await program.residentMib());
    await pause(100);
  }
  say('start', {
    recipients,
    first_message_ms: Math.round(sink.first - begin),
    ledger_ready_ms: Math.round(ready - begin),
    sent_per_second: Math.round((sink.messages - before) / seconds),
    idle_mib: Math.round(idle),
    above_idle_mib: Math.round(peak - idle),
  });
  const pausing = performance.now();
  await api.post(`/api/v1/campaigns/${campaign.id}/pause`);
  say('pause', { ms: Math.round(performance.now() - pausing) });
  const cancelling = performance.now();
  await api.post(`/api/v1/campaigns/${campaign.id}/cancel`);
  for (;;) {
    const { log_end: end, applied } = await api.get('/api/v1/overview');
    if (end === applied) break;
    await pause(50);
  }
  say('cancel', { ms: Math.round(performance.now() - cancelling) });
}

/** Keeps `connections` busy with prepared requests; latencies in milliseconds. */
async function load(port, connections, requests, perSecond) {
  const times = [];
  let stop = false;
  let failures = 0;
  const begin = performance.now();
  let issued = 0;
  const run = (n) => new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    let started = 0;
    let i = n;
    let pending = '';
    const send = () => {
      if (stop) {
        socket.destroy();
        return resolve();
      }
      // Not faster than asked, so that the latency is that of the load and not of a queue.
      const wait = perSecond ? (issued / perSecond) * 1000 - (performance.now() - begin) : 0;
      if (wait > 1) return void setTimeout(send, wait);
      issued += 1;
      started = performance.now();
      socket.write(requests[i % requests.length]);
      i += connections;
    };
    socket.on('connect', send);
    socket.on('error', () => resolve());
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      const head = pending.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(pending.slice(0, head))?.[1] ?? 0);
      if (pending.length < head + 4 + length) return;
      if (!/^HTTP\/1.1 [23]/.test(pending)) failures += 1;
      pending = pending.slice(head + 4 + length);
      times.push(performance.now() - started);
      send();
    });
  });
  const all = Array.from({ length: connections }, (_, n) => run(n));
  await pause(seconds * 1000);
  stop = true;
  await Promise.all(all);
  times.sort((a, b) => a - b);
  const at = (share) => Number(times[Math.floor(times.length * share)]?.toFixed(2) ?? -1);
  return {
    per_second: Math.round(times.length / seconds), p50_ms: at(0.5), p99_ms: at(0.99), failures,
  };
}

async function measureLinks(program) {
  const { api } = program;
  await api.put('/api/v1/providers/email', { type: 'sandbox' });
  await api.batch(Array.from({ length: 500 }, (_, n) => ({
    type: 'identify', messageId: `l${n}`, userId: `l${n}`,
    traits: { email: `l${n}@x.example`, links: true },
  })));
  const segment = await api.post('/api/v1/segments',
    { name: 'links', condition: { trait: 'links', op: 'eq', value: true } });
  const campaign = await api.post('/api/v1/campaigns', {
    name: 'Links', segment_id: segment.id, channel: 'email', from: 'a@shop.example',
    template: { subject: 'x', html: '<a href="https://shop.example/a">a</a>' },
  });
  await api.post(`/api/v1/campaigns/${campaign.id}/start`);
  while ((await api.get(`/api/v1/campaigns/${campaign.id}`)).status !== 'done') await pause(100);
  const mails = (await api.all('/api/v1/sandbox/messages', 500)).map(linksOf);
  const request = (url) => `GET ${pathOf(url)} HTTP/1.1\r\nHost: 127.0.0.1:${program.port}\r\n`
    + 'User-Agent: Mozilla/5.0 (X11) Chrome\r\n\r\n';
  for (const kind of ['click', 'open']) {
    const requests = mails.map((links) => request(links[kind]));
    say(`${kind} as fast as can be`, await load(program.port, 64, requests));
    say(`${kind} at 10,000/s`, await load(program.port, 64, requests, 10_000));
  }
}

async function measureSingles(program) {
  let n = 0;
  const requests = Array.from({ length: 20_000 }, () => {
    n += 1;
    const body = JSON.stringify({
      to: { user_id: `l${n % 500}` }, from: 'a@shop.example',
      template: { subject: 'Code {{ data.code }}', text: 'Your code' }, data: { code: n },
    });
    return `POST /api/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:${program.port}\r\n`
      + `Authorization: Bearer ${program.adminKey}\r\nContent-Type: application/json\r\n`
      + `Idempotency-Key: k${n}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  });
  for (const rate of [200, 1000]) {
    say(`single messages at ${rate}/s`, await load(program.port, 16, requests, rate));
    requests.splice(0, rate * seconds);
  }
}

const sink = await startSink();
const program = await Program.start();
try {
  await program.api.put('/api/v1/providers/email',
    { type: 'smtp', host: '127.0.0.1', port: sink.port, security: 'none' });
  if (recipients > 0) {
    await addPeople(program.api, recipients);
    await measureStart(program, sink);
  }
  await measureLinks(program);
  await measureSingles(program);
} finally {
  await program.remove();
  sink.server.close();
}

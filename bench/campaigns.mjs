// Measures campaigns against the running program: starting one to many recipients, memory while
// it is sent, links that are followed, and single messages.
//
//   node bench/campaigns.mjs [--recipients 1000000] [--seconds 10] [--write docs/performance.md]
//
// RAPPORT_BINARY names the program, RAPPORT_LOAD the load generator. Prints one JSON object a
// measurement. An SMTP receiver in this process takes what is sent; it answers at once and looks at
// nothing. --recipients 0 leaves the large campaign out.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';

import { linksOf, pathOf } from '../tests/lib/events.js';
import { Program, root } from '../tests/lib/program.js';
import { putSection, table } from './document.mjs';

const { values: options } = parseArgs({
  options: {
    recipients: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '10' },
    write: { type: 'string' },
  },
});
const recipients = Number(options.recipients);
const seconds = Number(options.seconds);
const loadTool = process.env.RAPPORT_LOAD ?? path.join(root, 'build/release/rapport_load');
const rows = [];
const say = (name, figures) => console.log(JSON.stringify({ name, ...figures }));
const row = (what, wanted, measured, met) =>
  rows.push([what, wanted, met ? measured : `${measured} (missed)`]);
const perSecond = (value) => `${Math.round(value).toLocaleString('en-US')}/s`;
const milliseconds = (value) => `${Math.round(value).toLocaleString('en-US')} ms`;

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
  const figures = {
    recipients,
    first_message_ms: Math.round(sink.first - begin),
    ledger_ready_ms: Math.round(ready - begin),
    sent_per_second: Math.round((sink.messages - before) / seconds),
    idle_mib: Math.round(idle),
    above_idle_mib: Math.round(peak - idle),
  };
  say('start', figures);
  const to = `a campaign to ${recipients.toLocaleString('en-US')}`;
  const first = figures.first_message_ms;
  row(`${to}: first message out`, '≤ 2,000 ms', milliseconds(first), first <= 2_000);
  row(`${to}: audience and ledger ready`, '≤ 20,000 ms', milliseconds(figures.ledger_ready_ms),
    figures.ledger_ready_ms <= 20_000);
  row(`${to}: memory above idle while sending`, '≤ 400 MB', `${figures.above_idle_mib} MB`,
    figures.above_idle_mib <= 400);
  const pausing = performance.now();
  await api.post(`/api/v1/campaigns/${campaign.id}/pause`);
  say('pause', { ms: Math.round(performance.now() - pausing) });
  const cancelling = performance.now();
  await api.post(`/api/v1/campaigns/${campaign.id}/cancel`);
  await drain(program);
  say('cancel', { ms: Math.round(performance.now() - cancelling) });
}

/** Everything that was acknowledged is applied: the next measurement begins at rest. */
async function drain({ api }) {
  for (;;) {
    const { log_end: end, applied } = await api.get('/api/v1/overview');
    if (end === applied) return;
    await pause(50);
  }
}

/** Sends prepared requests with rapport_load, which costs little beside the program it measures. */
async function load(program, connections, requests, { rate = 0, once = false } = {}) {
  await drain(program);
  const file = path.join(program.dir, 'requests');
  await writeFile(file, requests.map((r) => `${Buffer.byteLength(r)}\n${r}`).join(''));
  const { stdout } = await promisify(execFile)(loadTool, ['replay', '--requests', file,
    '--port', String(program.port), '--connections', String(connections), '--rate', String(rate),
    '--once', String(once), '--duration-ms', String(seconds * 1000)]);
  return JSON.parse(stdout);
}

async function measureLinks(program) {
  const { api } = program;
  await api.put('/api/v1/providers/email', { type: 'sandbox' });
  const count = 500;
  await api.batch(Array.from({ length: count }, (_, n) => ({
    type: 'identify', messageId: `l${n}`, userId: `l${n}`,
    traits: { email: `l${n}@x.example`, links: true },
  })));
  const segment = await api.post('/api/v1/segments',
    { name: 'links', condition: { trait: 'links', op: 'eq', value: true } });
  const campaign = await api.post('/api/v1/campaigns', {
    name: 'Links', segment_id: segment.id, channel: 'email', from: 'a@shop.example',
    template: { subject: 'x', html: '<a href="https://shop.example/a">a</a>' },
  });
  const begin = performance.now();
  await api.post(`/api/v1/campaigns/${campaign.id}/start`);
  while ((await api.get(`/api/v1/campaigns/${campaign.id}`)).status !== 'done') await pause(20);
  say('sandbox', { per_second: Math.round((count * 1000) / (performance.now() - begin)) });
  const mails = (await api.all('/api/v1/sandbox/messages', 500)).map(linksOf);
  const request = (url) => `GET ${pathOf(url)} HTTP/1.1\r\nHost: 127.0.0.1:${program.port}\r\n`
    + 'User-Agent: Mozilla/5.0 (X11) Chrome\r\n\r\n';
  for (const kind of ['click', 'open']) {
    const requests = mails.map((links) => request(links[kind]));
    const name = kind === 'click' ? 'click redirect' : 'open pixel';
    const fastest = await load(program, 64, requests);
    say(`${name}, as fast as can be`, fastest);
    row(`${name}, as fast as it answers`, '≥ 10,000/s at p99 20 ms',
      `${perSecond(fastest.per_second)} at p99 ${fastest.p99_ms} ms`,
      fastest.per_second >= 10_000 && fastest.p99_ms <= 20);
    const steady = await load(program, 64, requests, { rate: 10_000 });
    say(`${name}, at 10,000/s`, steady);
    row(`${name} at 10,000/s, p99`, '≤ 20 ms', `${steady.p99_ms} ms`,
      steady.p99_ms <= 20 && steady.per_second >= 9_900);
  }
}

async function measureSingles(program) {
  let n = 0;
  const rate = 1_000;
  const requests = Array.from({ length: rate * (seconds + 2) }, () => {
    n += 1;
    const body = JSON.stringify({
      to: { user_id: `l${n % 500}` }, from: 'a@shop.example',
      template: { subject: 'Code {{ data.code }}', text: 'Your code' }, data: { code: n },
    });
    return `POST /api/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:${program.port}\r\n`
      + `Authorization: Bearer ${program.adminKey}\r\nContent-Type: application/json\r\n`
      + `Idempotency-Key: k${n}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  });
  const figures = await load(program, 16, requests, { rate, once: true });
  say(`single messages, at ${rate}/s`, figures);
  row('transactional message accepted at 1,000/s, p99', '≤ 30 ms', `${figures.p99_ms} ms`,
    figures.p99_ms <= 30 && figures.failures === 0);
}

const sink = await startSink();
const program = await Program.start();
try {
  await program.api.put('/api/v1/providers/email',
    { type: 'smtp', host: '127.0.0.1', port: sink.port, security: 'none' });
  if (recipients > 0) {
    await addPeople(program.api, recipients);
    await drain(program);
    await measureStart(program, sink);
  }
  await measureLinks(program);
  await measureSingles(program);
  if (options.write) {
    putSection(options.write, 'Campaigns', `${table(rows)}\n\n`
      + 'A link is followed and a pixel is fetched over 64 connections kept open by '
      + '`rapport_load`, each answered once its event is on disk; a late request counts from when '
      + 'it was due. `node bench/campaigns.mjs`.');
  }
} finally {
  await program.remove();
  sink.server.close();
}

#!/usr/bin/env node
// Measures sending over SMTP in one run on one machine: what Postfix's smtp-source reaches against
// Postfix's smtp-sink, and what the program reaches against the same sink with messages of the same
// size over as many connections, without and with DKIM; and what `openssl speed` signs.
//
//   bench/mail.mjs [--messages N] [--connections N] [--only off,dkim] [--write FILE]
//
// Needs Postfix (smtp-sink, smtp-source) and a built build/release/rapport.

import { execFileSync, spawn } from 'node:child_process';
import net from 'node:net';
import os from 'node:os';
import { parseArgs } from 'node:util';

import { Program } from '../tests/lib/program.js';
import { until } from '../tests/lib/wait.js';
import { putSection, table } from './document.mjs';

const { values: options } = parseArgs({
  options: {
    messages: { type: 'string', default: '20000' },
    connections: { type: 'string', default: '32' },
    only: { type: 'string', default: 'off,dkim' },
    write: { type: 'string' },
  },
});
const messages = Number(options.messages);
const connections = Number(options.connections);
const size = 10_240;
const cores = os.availableParallelism();

const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

async function startSink() {
  const port = await freePort();
  const child = spawn('/usr/sbin/smtp-sink', ['-u', 'nobody', `127.0.0.1:${port}`, '1024'],
    { stdio: ['ignore', 'ignore', 'inherit'] });
  await until('the sink to listen', () => new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => { socket.end(); resolve(true); });
    socket.on('error', () => resolve(false));
  }));
  return { port, stop: () => child.kill() };
}

/** Messages a second of smtp-source, which keeps its connections as the program does. */
function source(port) {
  const begin = process.hrtime.bigint();
  execFileSync('/usr/sbin/smtp-source', ['-d', '-s', String(connections), '-l', String(size),
    '-m', String(messages), '-f', 'a@shop.example', '-t', 'b@x.example', `127.0.0.1:${port}`]);
  return messages / (Number(process.hrtime.bigint() - begin) / 1e9);
}

/** RSA-2048 signatures a second on all cores. */
function signatures() {
  const out = execFileSync('openssl',
    ['speed', '-seconds', '3', '-multi', String(cores), 'rsa2048'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return Number(/^rsa 2048 bits\s+\S+s\s+\S+s\s+([\d.]+)/m.exec(out)[1]);
}

async function metric(program, name) {
  const text = await (await fetch(`${program.url}/metrics`,
    { headers: { authorization: `Bearer ${program.adminKey}` } })).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? 0);
}

/** A template that renders to about `size` bytes on the wire. */
function template() {
  const line = '<p>Hello {{ customer.traits.first_name }}, for you in {{ customer.traits.city }}'
    + ': line after line of what a shop writes, with its words and numbers.</p>\n';
  return {
    subject: 'For {{ customer.traits.first_name }}',
    html: `<html><body><h1>Hi {{ customer.traits.first_name }}</h1>\n${line.repeat(44)}`
      + '<a href="https://shop.example/sale">Sale</a></body></html>',
    text: 'Hi {{ customer.traits.first_name }}: https://shop.example/sale\n',
  };
}

async function prepare(port) {
  // A quarter of the workers is kept for other workspaces.
  const workers = Math.ceil((connections * 4) / 3);
  const program = await Program.start({ args: ['--dispatch-workers', String(workers)] });
  const { api } = program;
  for (let from = 0; from < messages; from += 1_000) {
    await api.batch(Array.from({ length: Math.min(1_000, messages - from) }, (_, n) => ({
      type: 'identify', userId: `u${from + n}`, messageId: `m${from + n}`,
      traits: { email: `u${from + n}@x.example`, first_name: `Name ${n}`, city: 'Hà Nội' },
    })));
  }
  await api.post('/api/v1/providers', {
    name: 'sink', host: '127.0.0.1', port, security: 'none', connections,
  });
  const segment = await api.post('/api/v1/segments', {
    name: 'all', condition: { trait: 'city', op: 'eq', value: 'Hà Nội' },
  });
  return { program, segment };
}

/** Messages a second, from the first that was sent to the last that the ledger shows. */
async function send(program, segment) {
  const { api } = program;
  const before = await metric(program, 'rapport_messages_sent_total');
  const campaign = await api.post('/api/v1/campaigns', {
    name: 'bench', segment_id: segment.id, channel: 'email', from: 'Shop <hello@shop.example>',
    template: template(),
  });
  await api.request('POST', `/api/v1/campaigns/${campaign.id}/start`);
  let begin = 0n;
  await until('the first message', async () =>
    (await metric(program, 'rapport_messages_sent_total')) > before, { timeoutMs: 120_000 });
  begin = process.hrtime.bigint();
  const sentAtBegin = await metric(program, 'rapport_messages_sent_total') - before;
  await until('the campaign to end', async () =>
    (await api.get(`/api/v1/campaigns/${campaign.id}`)).status === 'done', { timeoutMs: 600_000 });
  return (messages - sentAtBegin) / (Number(process.hrtime.bigint() - begin) / 1e9);
}

const rows = [];
const perSecond = (value) => `${Math.round(value).toLocaleString('en-US')}/s`;

const show = (name, value, target) => {
  const judged = target ? ` (asked: ${Math.round(target)}/s, ${value >= target ? 'met' : 'missed'})`
    : '';
  console.log(`${name}: ${Math.round(value)}/s${judged}`);
  const missed = target && value < target ? ' (missed)' : '';
  rows.push([name, target ? `≥ ${perSecond(target)}` : '', perSecond(value) + missed]);
};

const sink = await startSink();
let run;
try {
  const limit = source(sink.port);
  show(`smtp-source, ${connections} connections, ${size} bytes`, limit);
  run = await prepare(sink.port);
  if (options.only.includes('off')) {
    show('rapport, DKIM off', await send(run.program, run.segment), 0.6 * limit);
  }
  if (options.only.includes('dkim')) {
    const signing = signatures();
    show(`openssl speed rsa2048 on ${cores} cores`, signing);
    await run.program.api.post('/api/v1/sending-domains', { domain: 'shop.example' });
    show('rapport, DKIM rsa-sha256 2048', await send(run.program, run.segment),
      Math.min(0.7 * signing, 0.6 * limit));
  }
  if (options.write) {
    putSection(options.write, 'Mail', `${table(rows)}\n\n`
      + 'Both send to the same `smtp-sink` in one run; wanted is 60 % of `smtp-source`, and with '
      + 'DKIM 70 % of the signatures when that is less. Ledger and events are durable. '
      + '`node bench/mail.mjs`.');
  }
} finally {
  await run?.program.remove();
  sink.stop();
}

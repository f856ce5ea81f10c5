// Running it: health, errors, the request guard, configuration, stopping, replay, the doctor.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Api, assertProblem, basic } from '../lib/api.js';
import { identify, makeCampaign, makeSegment, runCampaign, track } from '../lib/events.js';
import { Program, root, run } from '../lib/program.js';
import { until } from '../lib/wait.js';

let program;
let api;
let visitor;
before(async () => {
  program = await Program.start();
  api = program.api;
  visitor = new Api(program.url);
});
after(() => program?.remove());

/** Bytes in, bytes out; what is answered until the server closes or falls silent. */
function raw(text, { port = program.port, silenceMs = 1500, afterContinue } = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setTimeout(silenceMs, () => socket.destroy());
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      if (afterContinue && answer.startsWith('HTTP/1.1 100 ')) {
        socket.write(afterContinue);
        afterContinue = undefined;
      }
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error) => (error.code === 'ECONNRESET' ? resolve(answer) : reject(error)));
  });
}

describe('health', () => {
  test('healthz and readyz', async () => {
    assert.deepEqual((await visitor.request('GET', '/healthz')).json, { status: 'ok' });
    const ready = await visitor.request('GET', '/readyz');
    assert.deepEqual([ready.status, ready.json.status], [200, 'ready']);
  });

  test('metrics are Prometheus text and count events', async () => {
    await api.batch([track('metrics', 'E')]);
    const answer = await visitor.request('GET', '/metrics');
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^text\/plain/);
    const lines = answer.text.split('\n').filter((line) => line && !line.startsWith('#'));
    assert.ok(lines.length > 10);
    const sample = /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^}]*\})? [-+0-9.eE]+(Inf|NaN)?$/;
    for (const line of lines) assert.match(line, sample);
    assert.match(answer.text, /^# TYPE \w+ (counter|gauge|histogram|summary)$/m);
    const far = await visitor.request('GET', '/metrics',
      { headers: { 'x-forwarded-for': '203.0.113.9' } });
    assert.ok([401, 403].includes(far.status), 'metrics are not for strangers');
  });

  test('the OpenAPI document is the one in the repository', async () => {
    const served = (await visitor.request('GET', '/api/openapi.json'));
    const body = served.status === 200 ? served.json : await api.get('/api/openapi.json');
    const kept = JSON.parse(readFileSync(path.join(root, 'api/openapi.json'), 'utf8'));
    assert.deepEqual(kept, body, 'api/openapi.json is not what the program serves');
  });
});

describe('errors', () => {
  test('are problems with a request id, and show nothing inside', async () => {
    const cases = [
      ['GET', '/nowhere/at/all', 404], ['GET', '/api/v1/nothing', 404],
      ['DELETE', '/healthz', 405], ['PATCH', '/api/v1/customers', 405],
      ['GET', '/api/v1/segments/%ff', 400], ['GET', '/api/v1/customers?limit=%zz', 400],
      ['GET', '/api/v1/customers?query=%ff', 400],
    ];
    for (const [method, target, status] of cases) {
      const answer = await api.request(method, target);
      const problem = assertProblem(answer, status);
      assert.equal(problem.request_id, answer.headers.get('x-request-id'), target);
      assert.doesNotMatch(answer.text, /\.cc\b|exception|sqlite|\/home\/|\/tmp\//i);
      if (status === 405) assert.match(answer.headers.get('allow'), /GET/);
    }
  });

  test('a JSON body with the wrong types names each field', async () => {
    const answer = await api.request('POST', '/api/v1/campaigns', {
      body: { name: 5, segment_id: [], channel: 'email', from: null, template: 'x' },
    });
    const problem = assertProblem(answer, 400);
    assert.ok(problem.errors.length >= 1, answer.text);
    assert.ok(['name', 'segment_id', 'from', 'template']
      .includes(problem.errors[0].field.split('.')[0]), answer.text);
  });

  test('a body beyond its limit is refused before it is read', async () => {
    const answer = await raw('POST /api/v1/segments HTTP/1.1\r\nHost: x\r\n'
      + `Authorization: Bearer ${program.adminKey}\r\nContent-Type: application/json\r\n`
      + 'Content-Length: 900000000000\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 413 /);
  });

  test('security headers are on every answer', async () => {
    for (const target of ['/healthz', '/api/v1/customers', '/nowhere']) {
      const { headers } = await visitor.request('GET', target);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', target);
      assert.ok(headers.get('x-request-id'), target);
      assert.equal(headers.get('server')?.includes('/') ?? false, false, 'no version');
    }
  });
});

describe('the request guard', () => {
  const body = '{"userId":"smuggled","event":"E"}';
  const head = (lines) => `POST /v1/track HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  const length = `Content-Length: ${body.length}`;
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const refused = {
    'no Host': head([length]) + body,
    'two Hosts': head(['Host: a', 'Host: b', length]) + body,
    'xchunked': head(['Host: a', 'Transfer-Encoding: xchunked']) + chunked,
    'chunked, identity': head(['Host: a', 'Transfer-Encoding: chunked, identity']) + chunked,
    'chunked twice': head(['Host: a', 'Transfer-Encoding: chunked',
      'Transfer-Encoding: chunked']) + chunked,
    'length and chunked': head(['Host: a', length, 'Transfer-Encoding: chunked']) + chunked,
    'two lengths': head(['Host: a', length, 'Content-Length: 3']) + body,
    'negative length': head(['Host: a', 'Content-Length: -1']) + body,
    'length with a sign': head(['Host: a', `Content-Length: +${body.length}`]) + body,
    'a folded header': head(['Host: a', 'X-A: b', ' folded', length]) + body,
    'a blank before the colon': head(['Host : a', length]) + body,
    'a control in a value': head(['Host: a', 'X-A: b\x01c', length]) + body,
    'chunked on HTTP/1.0': 'POST /v1/track HTTP/1.0\r\nHost: a\r\n'
      + `Transfer-Encoding: chunked\r\n\r\n${chunked}`,
    'bare line feeds': `POST /v1/track HTTP/1.1\nHost: a\n${length}\n\n${body}`,
    'an unknown version': `POST /v1/track HTTP/9.9\r\nHost: a\r\n${length}\r\n\r\n${body}`,
    'no HTTP at all': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
    'dot segments': `GET /v1/../healthz HTTP/1.1\r\nHost: a\r\n\r\n`,
    'a head without end': `GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(100_000)}`,
  };
  for (const [name, text] of Object.entries(refused)) {
    test(`${name} is refused and closes the connection`, async () => {
      const smuggled = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';
      const answer = await raw(text + smuggled);
      const statuses = [...answer.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((match) => match[1]);
      assert.ok(statuses.length <= 1, `one answer at most: ${statuses}`);
      for (const status of statuses) assert.match(status, /^4\d\d|^50[15]/);
    });
  }

  test('pipelined requests are answered in order', async () => {
    const one = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';
    const two = 'GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const answer = await raw(one + two);
    assert.deepEqual([...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1]),
      ['200', '404']);
  });

  test('Expect: 100-continue is answered', async () => {
    const answer = await raw(head(['Host: a', length, 'Expect: 100-continue', 'Connection: close',
      `Authorization: ${basic(program.writeKey)}`]), { afterContinue: body });
    assert.match(answer, /^HTTP\/1\.1 100 .*HTTP\/1\.1 200 /s);
  });
});

describe('the command line', () => {
  test('version, help and unknown words', async () => {
    const version = await run(['version']);
    assert.equal(version.code, 0);
    assert.match(version.stdout, /\d+\.\d+\.\d+/);
    const help = await run(['--help']);
    assert.equal(help.code, 0);
    for (const name of ['init', 'serve', 'import', 'demo', 'key', 'user', 'workspace', 'doctor',
      'replay', 'version']) {
      assert.match(help.stdout, new RegExp(`\\b${name}\\b`));
      assert.equal((await run([name, '--help'])).code, 0, name);
    }
    for (const wrong of [['dance'], ['serve', '--no-such-flag'], ['init']]) {
      const answer = await run(wrong);
      assert.notEqual(answer.code, 0);
      assert.ok(answer.stderr.length > 10, 'says why');
    }
  });

  test('init refuses an existing installation and weak input', async () => {
    const again = await run(['init', '--data', program.data, '--workspace', 'X', '--email',
      'a@x.example', '--password-stdin'], { input: `${Program.password}\n` });
    assert.notEqual(again.code, 0);
    const dir = await mkdtemp(path.join(os.tmpdir(), 'rapport-init-'));
    try {
      for (const [email, password] of [['nonsense', Program.password], ['a@x.example', 'short']]) {
        const answer = await run(['init', '--data', path.join(dir, 'new'), '--workspace', 'X',
          '--email', email, '--password-stdin'], { input: `${password}\n` });
        assert.notEqual(answer.code, 0, email);
      }
      const made = await run(['init', '--data', path.join(dir, 'new'), '--workspace', 'X',
        '--email', 'a@x.example', '--json'], { input: '' });
      assert.equal(made.code, 0, made.stderr);
      const out = JSON.parse(made.stdout);
      assert.match(out.write_key, /^wk_/);
      assert.match(out.admin_key, /^rk_/);
      assert.ok(out.password.length >= 12, 'a generated password is shown once');
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  test('one data directory serves one program', async () => {
    const second = await run(['serve', '--data', program.data, '--listen', '127.0.0.1:0'],
      { timeoutMs: 10_000 });
    assert.notEqual(second.code, 0);
    assert.equal(second.signal, null, 'ends by itself');
    assert.equal((await visitor.request('GET', '/healthz')).status, 200);
  });

  test('a taken port and a missing directory are said clearly', async () => {
    const other = await Program.create();
    try {
      const taken = await run(['serve', '--data', other.data, '--listen',
        `127.0.0.1:${program.port}`], { timeoutMs: 10_000 });
      assert.notEqual(taken.code, 0);
      assert.equal(taken.signal, null);
      const missing = await run(['serve', '--data', '/nonexistent/x', '--listen', '127.0.0.1:0'],
        { timeoutMs: 10_000 });
      assert.notEqual(missing.code, 0);
      assert.equal(missing.signal, null);
      assert.match(missing.stderr, /nonexistent/);
    } finally {
      await other.remove();
    }
  });

  test('a mistyped command or flag is a usage error that names it', async () => {
    for (const words of [['frob'], ['serve', '--frob']]) {
      const { code, stderr } = await run(words);
      assert.equal(code, 2);
      assert.match(stderr, /frob/);
    }
    assert.equal((await run(['--help'])).code, 0);
  });

  test('print-config: defaults < file < environment < flags, without secrets', async () => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'rapport-config-'));
    try {
      const file = path.join(dir, 'rapport.toml');
      await writeFile(file, 'listen = "127.0.0.1:1001"\npublic_url = "https://file.example"\n');
      const print = (env, ...flags) => run(
        ['serve', '--config', file, '--data', program.data, ...flags, '--print-config'], { env });
      const plain = await print({});
      assert.equal(plain.code, 0, plain.stderr);
      assert.match(plain.stdout, /127\.0\.0\.1:1001/);
      assert.match(plain.stdout, /https:\/\/file\.example/);
      const environment = await print({ RAPPORT_PUBLIC_URL: 'https://env.example' });
      assert.match(environment.stdout, /https:\/\/env\.example/);
      assert.match(environment.stdout, /127\.0\.0\.1:1001/);
      const flag = await print({ RAPPORT_PUBLIC_URL: 'https://env.example' },
        '--public-url', 'https://flag.example');
      assert.match(flag.stdout, /https:\/\/flag\.example/);
      assert.doesNotMatch(flag.stdout, /env\.example|file\.example/);
      const secret = readFileSync(path.join(program.data, 'secret.key'));
      for (const out of [plain, environment, flag]) {
        assert.ok(!out.stdout.includes(secret.toString('hex')));
        assert.ok(!out.stdout.includes(secret.toString('base64')));
      }
      await writeFile(file, 'no_such_setting = 1\n');
      assert.notEqual((await print({})).code, 0, 'a mistyped setting is not ignored');
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

test('the data directory and what is in it are for their owner only', () => {
  const names = readdirSync(program.data).filter((name) => /\.(key|db)$/.test(name));
  for (const file of [program.data, ...names.map((name) => path.join(program.data, name))]) {
    assert.equal(statSync(file).mode & 0o077, 0, file);
  }
});

describe('stopping and starting', () => {
  test('SIGTERM under load: everything answered is kept, exit code 0, under 10 s', async () => {
    const busy = await Program.start();
    try {
      const acknowledged = [];
      let stopping = false;
      const workers = Array.from({ length: 16 }, async (_, worker) => {
        for (let n = 0; !stopping; n += 1) {
          const event = track(`busy-${worker}`, 'E', { n });
          try {
            const answer = await busy.api.collect('/v1/track', event, { wait: false });
            if (answer.status === 200) acknowledged.push(event.messageId);
          } catch {
            return;  // The connection ended with the program.
          }
        }
      });
      await until('some load', () => acknowledged.length > 300, { timeoutMs: 60_000 });
      const end = await busy.stop();
      stopping = true;
      await Promise.all(workers);
      assert.deepEqual([end.code, end.signal], [0, null], busy.log.slice(-2000));
      assert.ok(end.ms < 10_000, `${end.ms} ms`);
      await busy.start();
      await until('everything to be applied', async () => {
        const { log_end, applied } = await busy.api.get('/api/v1/overview');
        return log_end === applied;
      });
      const kept = new Set((await busy.api.all('/api/v1/events', 1000))
        .map((event) => event.message_id));
      assert.deepEqual(acknowledged.filter((id) => !kept.has(id)), []);
      assert.ok(busy.startMs < 2000, `starts in ${busy.startMs} ms`);
    } finally {
      await busy.remove();
    }
  });

  test('an open connection that says nothing does not hold it up', async () => {
    const idle = await Program.start();
    const socket = net.connect(idle.port, '127.0.0.1');
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write('POST /v1/batch HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{');
    const end = await idle.stop();
    socket.destroy();
    assert.equal(end.code, 0);
    assert.ok(end.ms < 10_000, `${end.ms} ms`);
    await idle.remove();
  });
});

describe('replay', () => {
  const sortedJson = (value) => JSON.stringify(value, (key, inner) =>
    (inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort()) : inner));

  /** Everything of the workspace that projections make. */
  async function picture(client) {
    const customers = await client.all('/api/v1/customers', 1000);
    const timelines = [];
    for (const customer of customers) timelines.push(await client.timeline(customer));
    return {
      customers: customers.map(sortedJson).sort(),
      timelines: timelines.map(sortedJson).sort(),
      rejected: (await client.all('/api/v1/rejected')).map(sortedJson).sort(),
      messages: (await client.all('/api/v1/messages')).map(sortedJson).sort(),
      campaigns: (await client.all('/api/v1/campaigns')).map(sortedJson).sort(),
      overview: await client.get('/api/v1/overview'),
    };
  }

  test('rebuilds the same state from the log', async () => {
    const one = await Program.start();
    try {
      await one.api.batch([
        ...Array.from({ length: 30 }, (_, n) => identify(`r-${n}`,
          { email: `r-${n}@x.example`, group: 'r', n }, { anonymousId: `ra-${n % 10}` })),
        ...Array.from({ length: 60 }, (_, n) => track(`r-${n % 30}`, 'Order Completed', { n })),
        { type: 'track', userId: 'x', messageId: 'rejected-one' },
      ]);
      await one.api.batch([{ ...track('r-1', 'Linked'), anonymousId: 'ra-new' },
        { ...track('r-1', 'Linked'), anonymousId: 'ra-new' }]);
      const segment = await makeSegment(one.api, 'r', { trait: 'group', op: 'eq', value: 'r' });
      await runCampaign(one.api, await makeCampaign(one.api, segment));
      await until('everything to be applied', async () => {
        const { log_end, applied } = await one.api.get('/api/v1/overview');
        return log_end === applied;
      });
      const before = await picture(one.api);
      assert.equal((await one.stop()).code, 0);
      const replayed = await one.command('replay');
      assert.equal(replayed.code, 0, replayed.stderr);
      await one.start();
      await until('everything to be applied', async () => {
        const { log_end, applied } = await one.api.get('/api/v1/overview');
        return log_end === applied;
      });
      assert.deepEqual(await picture(one.api), before);
      assert.equal((await one.api.all('/api/v1/sandbox/messages')).length,
        before.messages.length, 'a replay sends nothing');
    } finally {
      await one.remove();
    }
  });
});

describe('doctor', () => {
  test('finds nothing wrong with a good installation', async () => {
    const one = await Program.start();
    await one.api.batch([track('d', 'E')]);
    await one.stop();
    const answer = await one.command('doctor');
    assert.equal(answer.code, 0, answer.stdout + answer.stderr);
    assert.ok(answer.stdout.length > 20, 'in words');
    await one.remove();
  });

  test('says what is wrong with a broken one', async () => {
    const one = await Program.start();
    await one.stop();
    await writeFile(path.join(one.data, 'log', 'events.db'), 'this is no database');
    const answer = await one.command('doctor');
    assert.notEqual(answer.code, 0);
    assert.match(answer.stdout + answer.stderr, /events\.db|log/i);
    await one.remove();
    const nothing = await run(['doctor', '--data', '/nonexistent/x']);
    assert.notEqual(nothing.code, 0);
  });
});

const built = path.join(root, 'console/dist/index.html');
describe('console files', { skip: existsSync(built) ? false : 'console/dist is not built' }, () => {
  test('are served compressed, cached by name, and every page answers', async () => {
    const one = await Program.start({ args: ['--console', path.join(root, 'console/dist')] });
    const client = new Api(one.url);
    try {
      const page = await client.request('GET', '/');
      assert.equal(page.status, 200);
      assert.match(page.headers.get('content-type'), /text\/html/);
      assert.match(page.headers.get('content-security-policy') ?? '', /default-src/);
      assert.equal((await client.request('GET', '/customers',
        { headers: { accept: 'text/html' } })).text, page.text);
      const script = /src="(\/[^"]+\.js)"/.exec(page.text)[1];
      const packed = await fetch(one.url + script, { headers: { 'accept-encoding': 'gzip' } });
      assert.equal(packed.status, 200);
      assert.equal(packed.headers.get('content-encoding'), 'gzip');
      assert.match(packed.headers.get('cache-control'), /immutable|max-age=\d{5,}/);
      for (const outside of ['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json']) {
        const answer = await raw(`GET ${outside} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
          { port: one.port });
        assert.doesNotMatch(answer, /rapport-console/);
      }
      assertProblem(await client.request('GET', '/api/v1/nothing'), 404);
    } finally {
      await one.remove();
    }
  });
});

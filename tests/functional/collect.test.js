// The tracking API, as clients speak it: paths, keys, bodies, limits, times, duplicates, CORS.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { Api, assertProblem, basic } from '../lib/api.js';
import { identify, track } from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

let program;
let api;
before(async () => {
  program = await Program.start();
  api = program.api;
});
after(() => program?.remove());

/** The one event of a fresh user's timeline. */
async function only(user, kind = 'user_id') {
  const customer = await api.customer(kind, user);
  assert.ok(customer, `${user} is known`);
  const events = await api.timeline(customer);
  assert.equal(events.length, 1, JSON.stringify(events));
  return events[0];
}

/** POST with node:http, for what fetch does not let through: chunked bodies, odd headers. */
function post(path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(program.url + path, { method: 'POST', headers }, (response) => {
      let text = '';
      response.on('data', (data) => (text += data));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    request.on('error', reject);
    for (const part of [body].flat()) request.write(part);
    request.end();
  });
}

const single = {
  identify: (user) => ({ userId: user, traits: { plan: 'pro' } }),
  track: (user) => ({ userId: user, event: 'Thing Done', properties: { a: 1 } }),
  page: (user) => ({ userId: user, name: 'Home', properties: { url: 'https://x.example/' } }),
  screen: (user) => ({ userId: user, name: 'Main' }),
  group: (user) => ({ userId: user, groupId: 'g1', traits: { name: 'Acme' } }),
  alias: (user) => ({ userId: user, previousId: `${user}-before` }),
};
const short = { i: 'identify', t: 'track', p: 'page', s: 'screen', g: 'group', a: 'alias' };

describe('paths', () => {
  const paths = [
    ...Object.keys(single).map((type) => [`/v1/${type}`, type]),
    ...Object.entries(short).map(([letter, type]) => [`/v1/${letter}`, type]),
  ];
  for (const [path, type] of paths) {
    test(path, async () => {
      const user = `path-${path}`;
      const messageId = randomUUID();
      const answer = await api.collect(path, { ...single[type](user), messageId });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.success, true);
      assert.equal(answer.json.applied, true);
      const event = await only(user);
      assert.equal(event.type, type);
      assert.equal(event.message_id, messageId);
      assert.equal(event.user_id, user);
    });
  }

  for (const path of ['/v1/batch', '/v1/b', '/v1/import']) {
    test(path, async () => {
      const user = `path-${path}`;
      const batch = Object.entries(single).map(([type, make]) => ({
        type, ...make(user), messageId: randomUUID(),
      }));
      const answer = await api.collect(path, { batch });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.success, true);
      const events = await api.timeline(await api.customer('user_id', user));
      assert.deepEqual(events.map((event) => event.type).sort(), Object.keys(single).sort());
      assert.deepEqual(new Set(events.map((event) => event.message_id)),
        new Set(batch.map((event) => event.messageId)));
    });
  }

  test('/v1/m takes the client metrics', async () => {
    const answer = await api.request('POST', '/v1/m', {
      body: '{"series":[{"type":"Counter","metric":"analytics_js.invoke","value":1,"tags":{}}]}',
      headers: { 'content-type': 'text/plain', authorization: undefined },
    });
    assert.equal(answer.status, 200, answer.text);
  });

  test('without wait the event is visible within a second', async () => {
    const answer = await api.collect('/v1/track', track('soon', 'Thing'), { wait: false });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json, { success: true });
    await until('the event', () => api.customer('user_id', 'soon'), { timeoutMs: 1000 });
  });
});

describe('keys', () => {
  const forms = {
    'basic, key as user name': (key) => ({ headers: { authorization: basic(key) } }),
    'basic, no colon': (key) => ({
      headers: { authorization: `Basic ${Buffer.from(key).toString('base64')}` },
    }),
    'writeKey in the body': (key) => ({ headers: {}, body: { writeKey: key } }),
    'bearer token and writeKey in the body': (key) => ({
      headers: { authorization: 'Bearer some.oauth.token' }, body: { writeKey: key },
    }),
    'writeKey in the query': (key) => ({ query: `?writeKey=${key}` }),
    'X-Write-Key': (key) => ({ headers: { 'x-write-key': key } }),
  };
  for (const [name, make] of Object.entries(forms)) {
    for (const path of ['/v1/track', '/v1/batch']) {
      test(`${name} on ${path}`, async () => {
        const user = `key-${name}-${path}`;
        const { headers = {}, body = {}, query = '' } = make(program.writeKey);
        const event = track(user, 'Keyed');
        const sent = path === '/v1/batch' ? { batch: [event], ...body } : { ...event, ...body };
        const answer = await new Api(program.url).request(
          'POST', `${path}${query}${query ? '&' : '?'}wait=true`, { headers, body: sent });
        assert.equal(answer.status, 200, answer.text);
        assert.equal((await only(user)).message_id, event.messageId);
      });
    }
  }

  test('the browser batch of RudderStack with the key in the query', async () => {
    const event = track('beacon', 'Keyed');
    const answer = await new Api(program.url).request(
      'POST', `/beacon/v1/batch?writeKey=${program.writeKey}&wait=true`, {
        body: JSON.stringify({ batch: [event] }), headers: { 'content-type': 'text/plain' },
      });
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await only('beacon')).message_id, event.messageId);
  });

  test('an unknown key stores nothing and does not make clients drop data for ever', async () => {
    const before = (await api.get('/api/v1/overview')).log_end;
    const unknown = await api.collect('/v1/track', track('nobody', 'Thing'), { key: 'wk_unknown' });
    assert.equal(unknown.status, 200, unknown.text);
    for (const key of ['', null]) {
      const answer = await api.collect('/v1/track', track('nobody', 'Thing'), { key });
      assert.ok([200, 400].includes(answer.status), answer.text);
    }
    assert.equal(await api.customer('user_id', 'nobody'), null);
    assert.equal((await api.get('/api/v1/overview')).log_end, before);
  });

  test('a key of the API is not a write key', async () => {
    await api.collect('/v1/track', track('not-by-admin', 'Thing'), { key: program.adminKey });
    assert.equal(await api.customer('user_id', 'not-by-admin'), null);
  });
});

describe('bodies', () => {
  const types = [
    'application/json', 'application/json; charset=utf-8', 'text/plain',
    'text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'application/octet-stream',
  ];
  for (const type of types) {
    test(`content type ${type}`, async () => {
      const user = `type-${type}`;
      const answer = await api.collect('/v1/track', JSON.stringify(track(user, 'Typed')),
        { headers: { 'content-type': type } });
      assert.equal(answer.status, 200, answer.text);
      assert.equal((await only(user)).name, 'Typed');
    });
  }

  const auth = () => ({ authorization: basic(program.writeKey) });
  const bodies = {
    gzip: (json) => [gzipSync(json), { 'content-encoding': 'gzip' }],
    chunked: (json) => [[json.slice(0, 20), json.slice(20)], { 'transfer-encoding': 'chunked' }],
    'gzip and chunked': (json) => {
      const bytes = gzipSync(json);
      return [[bytes.subarray(0, 10), bytes.subarray(10)],
        { 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' }];
    },
    'no content type': (json) => [json, {}],
  };
  for (const [name, make] of Object.entries(bodies)) {
    test(name, async () => {
      const user = `body-${name}`;
      const [body, headers] = make(JSON.stringify({ batch: [track(user, 'Packed')] }));
      const answer = await post('/v1/batch?wait=true', body, { ...headers, ...auth() });
      assert.equal(answer.status, 200, answer.text);
      assert.equal((await only(user)).name, 'Packed');
    });
  }

  const malformed = {
    'not JSON': '{"event":',
    'an array': '[1]',
    'a number': '7',
    empty: '',
    'bad UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    'deep nesting': `{"a":${'['.repeat(100_000)}`,
  };
  for (const [name, body] of Object.entries(malformed)) {
    test(`${name} is 400`, async () => {
      for (const path of ['/v1/track', '/v1/batch']) {
        const answer = await api.collect(path, body);
        assertProblem(answer, 400);
      }
    });
  }

  test('a batch without an array names the field', async () => {
    assertProblem(await api.collect('/v1/batch', { batch: 5 }), 400, { field: 'batch' });
    assertProblem(await api.collect('/v1/batch', {}), 400, { field: 'batch' });
  });

  test('broken gzip is 400', async () => {
    const bytes = gzipSync(JSON.stringify({ batch: [track('x', 'y')] }));
    for (const body of [bytes.subarray(0, bytes.length - 12), Buffer.from('not gzip at all')]) {
      const answer = await post('/v1/batch', body, { 'content-encoding': 'gzip', ...auth() });
      assert.equal(answer.status, 400, answer.text);
    }
  });

  test('a small body that unpacks to a gigabyte is refused without the memory', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20));
    const before = await program.residentMib();
    const answers = await Promise.all([1, 2, 3, 4].map(
      () => api.request('POST', '/v1/batch',
        { body: bomb, headers: { 'content-encoding': 'gzip', ...auth() } })));
    for (const answer of answers) assertProblem(answer, 400, { field: 'body' });
    assert.ok(await program.residentMib() < before + 100);
  });

  test('an unknown content encoding is refused', async () => {
    const answer = await api.request('POST', '/v1/batch',
      { body: '{}', headers: { 'content-encoding': 'br', ...auth() } });
    assertProblem(answer, 400, { field: 'body' });
  });

  // Without these headers a browser client sees a network failure and tries the same again.
  test('a page of another origin can read a refusal that comes before the body', async () => {
    const origin = 'https://shop.example';
    for (const answer of [
      await api.request('POST', '/v1/b',
        { body: Buffer.alloc(2 * 1024 * 1024, 0x20), headers: { origin } }),
      await api.request('POST', '/v1/b',
        { body: '{}', headers: { origin, 'content-encoding': 'br' } }),
    ]) {
      assertProblem(answer, 400, { field: 'body' });
      assert.equal(answer.headers.get('access-control-allow-origin'), origin);
    }
    const pixel = await api.request('GET', `/v1/pixel/track?data=${'x'.repeat(7000)}`);
    assert.equal(pixel.status, 200);
    assert.equal(pixel.headers.get('content-type'), 'image/gif');
  });
});

describe('limits', () => {
  const text = (length) => 'x'.repeat(length);

  test('an event of 32 KB is taken, a larger one is 400', async () => {
    const fits = track('big', 'Big', { text: text(31_000) });
    assert.equal((await api.collect('/v1/track', fits)).status, 200);
    assert.equal((await only('big')).properties.text.length, 31_000);
    const over = track('big2', 'Big', { text: text(33_000) });
    assertProblem(await api.collect('/v1/track', over), 400);
  });

  test('a batch of 500 KB is taken, a larger one is 400', async () => {
    const batch = (count) => Array.from({ length: count },
      (_, index) => track('many', 'Many', { index, text: text(20_000) }));
    assert.equal((await api.collect('/v1/batch', { batch: batch(24) })).status, 200);
    assertProblem(await api.collect('/v1/batch', { batch: batch(26) }), 400);
    assert.equal((await api.timeline(await api.customer('user_id', 'many'))).length, 24);
  });

  test('events beyond 2,500 of a batch are kept as rejected', async () => {
    const batch = Array.from({ length: 2503 }, (_, index) => ({
      type: 'track', userId: 'crowd', event: 'E', messageId: `crowd-${index}`,
    }));
    const answer = await api.collect('/v1/batch', { batch });
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await api.customer('user_id', 'crowd')).event_count, 2500);
    const rejected = (await api.all('/api/v1/rejected'))
      .filter((item) => item.message_id.startsWith('crowd-'));
    assert.deepEqual(rejected.map((item) => item.message_id).sort(),
      ['crowd-2500', 'crowd-2501', 'crowd-2502']);
  });

  test('a large event costs only itself in a batch', async () => {
    const bad = track('large-one', 'Big', { text: text(40_000) });
    await api.batch([track('large-one', 'Small'), bad]);
    assert.equal((await only('large-one')).name, 'Small');
  });
});

describe('bad events', () => {
  const cases = {
    'no type': [{ userId: 'u' }, 'type'],
    'unknown type': [{ type: 'dance', userId: 'u' }, 'type'],
    'no id': [{ type: 'track', event: 'E' }, 'userId'],
    'null ids': [{ type: 'track', event: 'E', userId: null, anonymousId: null }, 'userId'],
    'empty ids': [{ type: 'track', event: 'E', userId: '', anonymousId: '' }, 'userId'],
    'track without event': [{ type: 'track', userId: 'u' }, 'event'],
    'group without groupId': [{ type: 'group', userId: 'u' }, 'groupId'],
    'alias without previousId': [{ type: 'alias', userId: 'u' }, 'previousId'],
    'properties not an object': [{ type: 'track', userId: 'u', event: 'E', properties: [1] },
      'properties'],
    'traits not an object': [{ type: 'identify', userId: 'u', traits: 'x' }, 'traits'],
    'a time that is none': [{ type: 'track', userId: 'u', event: 'E', timestamp: 'yesterday' },
      'timestamp'],
  };
  for (const [name, [event, field]] of Object.entries(cases)) {
    test(name, async () => {
      const messageId = randomUUID();
      const good = track(`good-${messageId}`, 'Good');
      const answer = await api.collect('/v1/batch', { batch: [{ ...event, messageId }, good] });
      assert.equal(answer.status, 200, answer.text);
      assert.equal((await only(good.userId)).message_id, good.messageId);
      const item = (await api.all('/api/v1/rejected'))
        .find((rejected) => rejected.message_id === messageId);
      assert.ok(item, 'is listed as rejected');
      assert.equal(item.field, field);
      assert.ok(item.reason.length > 3);
      assert.ok(item.received_at && item.id);
      const raw = typeof item.raw === 'string' ? JSON.parse(item.raw) : item.raw;
      assert.equal(raw.messageId, messageId);
    });
  }

  test('something that is no object, and a messageId that is too long', async () => {
    const good = track('good-among-odd', 'Good');
    const long = track('long', 'E', {}, { messageId: 'x'.repeat(101) });
    const batch = [7, null, 'text', [], good, long];
    const answer = await api.collect('/v1/batch', { batch });
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await only('good-among-odd')).name, 'Good');
    assert.equal(await api.customer('user_id', 'long'), null);
  });
});

describe('fields', () => {
  test('userId null is absent, numbers are text, _metadata is tolerated', async () => {
    await api.batch([
      { ...track(null, 'A'), anonymousId: 'anon-1', _metadata: { retryCount: 1 } },
      { ...track(undefined, 'B'), userId: 4711 },
    ]);
    const anonymous = await only('anon-1', 'anonymous_id');
    assert.ok(!anonymous.user_id);
    assert.equal((await only('4711')).user_id, '4711');
  });

  test("the batch's context is merged under each event's own", async () => {
    await api.batch([track('ctx', 'E', {}, { context: { locale: 'vi', app: { name: 'own' } } })],
      { context: { locale: 'en', library: { name: 'lib' } } });
    const event = await only('ctx');
    assert.equal(event.context.locale, 'vi');
    assert.equal(event.context.library.name, 'lib');
    assert.equal(event.context.app.name, 'own');
  });

  test('names, properties and traits keep every script', async () => {
    const properties = { 'tên': 'Nguyễn Văn Ánh', '名': '王小明', emoji: '🎉', zero: 0, no: false };
    await api.batch([track('scripts', 'Đặt hàng 订单', properties)]);
    const event = await only('scripts');
    assert.equal(event.name, 'Đặt hàng 订单');
    assert.deepEqual(event.properties, properties);
  });

  test('a messageId is made when there is none', async () => {
    await api.collect('/v1/track', { userId: 'no-message-id', event: 'E' });
    assert.match((await only('no-message-id')).message_id, /^.{8,100}$/);
  });
});

describe('times', () => {
  const seconds = (a, b) => Math.abs(new Date(a) - new Date(b)) / 1000;

  test('clock skew is taken out by sentAt', async () => {
    const wrong = Date.now() - 5 * 3600e3;  // The client's clock is five hours behind.
    const originalTimestamp = new Date(wrong - 60e3).toISOString();
    const sentAt = new Date(wrong).toISOString();
    for (const [user, name] of [['skew-1', 'timestamp'], ['skew-2', 'originalTimestamp']]) {
      await api.batch([track(user, 'E', {}, { [name]: originalTimestamp })], { sentAt });
      const event = await only(user);
      assert.ok(seconds(event.timestamp, Date.now() - 60e3) < 5, event.timestamp);
      assert.equal(new Date(event.original_timestamp).toISOString(), originalTimestamp);
      assert.equal(new Date(event.sent_at).toISOString(), sentAt);
      assert.ok(seconds(event.received_at, Date.now()) < 5);
    }
  });

  test('without sentAt the timestamp stands, without both it is now', async () => {
    const timestamp = '2024-02-29T12:00:00.000Z';
    await api.batch([track('no-sent', 'E', {}, { timestamp }), track('no-time', 'E')]);
    assert.equal(new Date((await only('no-sent')).timestamp).toISOString(), timestamp);
    assert.ok(seconds((await only('no-time')).timestamp, Date.now()) < 5);
  });

  test('a time in the future is clamped to the time received', async () => {
    const timestamp = new Date(Date.now() + 30 * 86400e3).toISOString();
    await api.batch([track('future', 'E', {}, { timestamp })]);
    const event = await only('future');
    assert.ok(new Date(event.timestamp) <= new Date(event.received_at));
  });

  test('a zone other than UTC is understood', async () => {
    await api.batch([track('zone', 'E', {}, { timestamp: '2024-03-01T07:00:00+07:00' })]);
    const { timestamp } = await only('zone');
    assert.equal(new Date(timestamp).toISOString(), '2024-03-01T00:00:00.000Z');
  });
});

describe('duplicates', () => {
  test('within a batch, across requests and paths, and after a restart', async () => {
    const once = await Program.start();
    try {
      const first = track('dup', 'First');
      const second = { ...track('dup', 'Second'), messageId: first.messageId };
      await once.api.batch([first, second, first]);
      assert.equal((await once.api.collect('/v1/track', first)).status, 200);
      assert.equal((await once.api.collect('/v1/b', { batch: [first] })).status, 200);
      await once.stop();
      await once.start();
      await once.api.batch([first, track('dup', 'Other')]);
      await once.kill();
      await once.start();
      await once.api.batch([first]);
      const events = await once.api.timeline(await once.api.customer('user_id', 'dup'));
      assert.deepEqual(events.map((event) => event.name), ['Other', 'First']);
    } finally {
      await once.remove();
    }
  });

  test('many requests with the same messageId at once store one event', async () => {
    const event = track('race', 'Once');
    const answers = await Promise.all(Array.from({ length: 32 },
      () => api.collect('/v1/track', event)));
    for (const answer of answers) assert.equal(answer.status, 200);
    assert.equal((await only('race')).message_id, event.messageId);
  });
});

describe('browsers', () => {
  const paths = ['/v1/t', '/v1/p', '/v1/i', '/v1/b', '/v1/batch', '/v1/m', '/v1/track'];
  for (const path of paths) {
    test(`preflight of ${path}`, async () => {
      const answer = await new Api(program.url).request('OPTIONS', path, {
        headers: {
          origin: 'https://shop.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type,x-retry-count',
        },
      });
      assert.ok([200, 204].includes(answer.status));
      const list = (name) => answer.headers.get(name).toLowerCase().split(/\s*,\s*/);
      for (const name of ['authorization', 'content-type', 'x-retry-count']) {
        assert.ok(list('access-control-allow-headers').includes(name), name);
      }
      assert.ok(list('access-control-allow-methods').includes('post'));
      assert.ok(Number(answer.headers.get('access-control-max-age')) > 0);
      assert.ok(['*', 'https://shop.example']
        .includes(answer.headers.get('access-control-allow-origin')));
    });
  }

  test('answers may be read across origins, Retry-After included', async () => {
    const answer = await api.collect('/v1/t', track('cors', 'E'),
      { headers: { origin: 'https://shop.example' } });
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://shop.example');
    assert.match(answer.headers.get('access-control-expose-headers') ?? '', /retry-after/i);
  });

  test('settings', async () => {
    const answer = await new Api(program.url).request(
      'GET', `/v1/projects/${program.writeKey}/settings`,
      { headers: { origin: 'https://shop.example' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.json.integrations['Segment.io'].apiKey, program.writeKey);
    assert.ok(answer.headers.get('access-control-allow-origin'));
  });

  test('pixel: always a picture', async () => {
    const event = { writeKey: program.writeKey, ...track('pixel', 'Email Opened') };
    const good = Buffer.from(JSON.stringify(event)).toString('base64');
    const raw = JSON.stringify({ ...event, userId: 'pixel-raw', messageId: 'r1' });
    const queries = [
      `data=${encodeURIComponent(good)}`, `data=${encodeURIComponent(raw)}`,
      'data=%25%25', 'data=bm90IGpzb24=', '',
    ];
    for (const query of queries) {
      const answer = await new Api(program.url).request('GET', `/v1/pixel/track?${query}`);
      assert.equal(answer.status, 200, query);
      assert.equal(answer.headers.get('content-type'), 'image/gif');
      assert.equal(answer.bytes.subarray(0, 4).toString(), 'GIF8');
    }
    await until('the pixel events', async () => await api.customer('user_id', 'pixel')
      && await api.customer('user_id', 'pixel-raw'));
    assert.equal((await only('pixel')).name, 'Email Opened');
  });
});

test('identify through every path ends on the profile', async () => {
  await api.batch([identify('whole', { first_name: 'Ánh', email: 'anh@x.example' })]);
  const customer = await api.customer('user_id', 'whole');
  assert.equal(customer.traits.first_name, 'Ánh');
  assert.ok(customer.identifiers.some(({ kind, value }) =>
    kind === 'email' && value === 'anh@x.example'));
});

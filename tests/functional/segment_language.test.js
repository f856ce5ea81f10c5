// The language of segments over HTTP: the published schema against the tables of cases, refusals by
// JSON pointer, sentences, cost, segments that name segments.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import Ajv2020 from 'ajv/dist/2020.js';

import { assertProblem } from '../lib/api.js';
import { identify, track } from '../lib/events.js';
import { Program } from '../lib/program.js';

const table = (name) =>
  JSON.parse(readFileSync(new URL(`../data/segments/${name}.json`, import.meta.url)));

let program;
let api;
before(async () => {
  program = await Program.start();
  api = program.api;
  await api.batch([
    identify('an', { city: 'Đà Nẵng', tags: ['vip', 'beta'], home: { lat: 10.8, lon: 106.7 } }),
    identify('bo', { city: 'Huế', tags: ['beta'] }),
    track('an', 'Product Viewed'),
    track('an', 'Order Completed', { total: 0.1 }),
    track('an', 'Order Completed', { total: 0.2 }),
  ]);
});
after(() => program?.remove());

const preview = (condition, more = {}, query = '') =>
  api.request('POST', `/api/v1/segments/preview${query}`, { body: { condition, ...more } });

test('the schema takes every case of the tables and refuses what is refused', async () => {
  const schema = await api.get('/api/v1/segments/schema');
  const valid = new Ajv2020({ strict: false }).compile(schema);
  let seen = 0;
  const takes = (condition) => {
    assert.ok(valid(condition), `${JSON.stringify(condition)}: ${JSON.stringify(valid.errors)}`);
    seen += 1;
  };
  for (const name of ['values', 'text']) {
    for (const [, path, leaf] of table(name).values) {
      takes({ trait: path, ...leaf });
      takes({ event: 'E', where: [{ property: path, ...leaf }] });
    }
  }
  for (const [, leaf] of table('dates').dates) takes({ trait: 'v', ...leaf });
  for (const { condition } of table('histories').cases) takes(condition);
  assert.ok(seen > 300);
  // What a schema cannot say (an order of two values, a circle, what RE2 takes) it lets pass.
  const refused = table('refusals').refusals.filter(([condition]) => !valid(condition));
  assert.ok(refused.length >= 20, `${refused.length}`);
});

test('every refusal names its node by JSON pointer', async () => {
  for (const [condition, pointer] of table('refusals').refusals) {
    const problem = assertProblem(await preview(condition), 400);
    assert.equal(problem.errors[0].pointer, pointer, JSON.stringify(condition));
  }
  let deep = { event: 'A' };
  for (let i = 0; i < 16; i += 1) deep = { not: deep };
  const problem = assertProblem(await preview(deep), 400);
  assert.equal(problem.errors[0].pointer, `/condition${'/not'.repeat(16)}`);
  const list = Array.from({ length: 2000 }, (_, i) => i);
  assert.equal(assertProblem(await preview({ trait: 'a', op: 'in', value: list }), 400)
    .errors[0].pointer, '/condition/value/1000');
});

describe('previews', () => {
  const cases = [
    [{ trait: 'city', op: 'eq', value: 'DA NANG', case_insensitive: true,
      accent_insensitive: true }, 1],
    [{ trait: 'tags', op: 'includes_all', value: ['beta', 'vip'] }, 1],
    [{ trait: 'city', op: 'matches', value: '^H' }, 1],
    [{ event: 'Order Completed', sum: { property: 'total', eq: 0.3 } }, 1],
    [{ sequence: [{ event: 'Product Viewed' }, { event: { prefix: 'Order' }, max_gap: '1d' }],
      within: '7d' }, 1],
    [{ event: 'Product Viewed', not_followed_by: { event: 'Order Completed', within: '1s' } }, 0],
    [{ location: 'home', near: { lat: 10.77, lon: 106.7, km: 5 } }, 1],
    [{ bucket: { salt: 's', from: 0, to: 100 } }, 2],
    [{ message: 'sent', count: { eq: 0 } }, 2],
    [{ event: 'Order Completed', in_period: 'this_year', zone: 'customer' }, 1],
  ];
  for (const [condition, count] of cases) {
    test(JSON.stringify(condition), async () => {
      const answer = await preview(condition);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.count, count);
      assert.ok(answer.json.cost.rows >= 2 && answer.json.cost.estimated_ms >= 0);
    });
  }

  test('in the language asked for', async () => {
    const condition = { trait: 'city', op: 'eq', value: 'Huế' };
    const said = [];
    for (const language of ['en', 'zh-Hans', 'zh-Hant', 'vi']) {
      said.push((await preview(condition, {}, `?language=${language}`)).json.sentence);
    }
    assert.equal(said[0], '“city” is “Huế”');
    assert.equal(new Set(said).size, 4);
  });
});

test('segments may name segments, but not in a circle', async () => {
  const make = (name, condition) => api.post('/api/v1/segments', { name, condition });
  const first = await make('First', { trait: 'tags', op: 'includes', value: 'vip' });
  const second = await make('Second', { not: { segment: first.id } });
  assert.equal((await api.get(`/api/v1/segments/${second.id}`)).count, 1);
  assert.match(second.sentence, /First/);
  const circle = await api.request('PUT', `/api/v1/segments/${first.id}`,
    { body: { name: 'First', condition: { all: [{ segment: second.id }] } } });
  const problem = assertProblem(circle, 400);
  assert.equal(problem.errors[0].pointer, '/condition/all/0/segment');
  assert.match(problem.errors[0].message, /First → Second → First/);
  assertProblem(await api.request('DELETE', `/api/v1/segments/${first.id}`), 409);
  const unknown = await preview({ segment: 'seg_0000000000zzz' });
  assert.equal(assertProblem(unknown, 400).errors[0].pointer, '/condition/segment');
  await api.call('DELETE', `/api/v1/segments/${second.id}`, undefined, [204]);
  await api.call('DELETE', `/api/v1/segments/${first.id}`, undefined, [204]);
});

// The condition tree against a small population whose members are counted by hand.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertProblem } from '../lib/api.js';
import { identify, track } from '../lib/events.js';
import { Program } from '../lib/program.js';

const days = (count) => new Date(Date.now() - count * 86400e3).toISOString();
const people = {
  anh: { country: 'VN', age: 30, plan: 'pro', vip: true, tags: 'early,loyal' },
  binh: { country: 'VN', age: 41, plan: 'free', name: "O'Bình; DROP TABLE" },
  chen: { country: 'TW', age: 25, plan: 'pro', name: '陳小明' },
  dora: { country: 'DE', age: 41.5, note: '100% _sure_' },
  eve: { country: '' },
  finn: {},
};
// user, days ago, total
const orders = [
  ['anh', 1, 10], ['anh', 5, 60], ['anh', 20, 70], ['anh', 200, 80],
  ['binh', 40, 55], ['binh', 45, 5], ['chen', 2, 500],
];

let program;
let api;
before(async () => {
  program = await Program.start();
  api = program.api;
  await api.batch([
    ...Object.entries(people).map(([user, traits]) =>
      identify(user, traits, { timestamp: days(300) })),
    ...orders.map(([user, ago, total]) => track(user, 'Order Completed',
      { total, currency: 'EUR', city: user === 'chen' ? '台北' : 'Huế' },
      { timestamp: days(ago) })),
    track('dora', 'Page Seen', {}, { timestamp: days(3) }),
  ]);
});
after(() => program?.remove());

async function members(condition, as_of) {
  const segment = await api.post('/api/v1/segments', { name: 'Some', condition });
  const at = as_of ? `?as_of=${encodeURIComponent(as_of)}` : '';
  const found = await api.all(`/api/v1/segments/${segment.id}/members${at}`);
  const byId = new Map();
  for (const customer of await api.all('/api/v1/customers')) {
    byId.set(customer.id, customer.identifiers.find(({ kind }) => kind === 'user_id')?.value);
  }
  const names = found.map(({ id }) => byId.get(id)).sort();
  const preview = await api.post(`/api/v1/segments/preview${at}`, { condition });
  assert.equal(preview.count, names.length, 'preview counts as members do');
  assert.ok(preview.sample.length <= 10);
  const read = await api.get(`/api/v1/segments/${segment.id}${at}`);
  assert.equal(read.count, names.length, 'the segment counts as members do');
  // A condition reads back in one canonical form, where six weeks are 42 days.
  const canonical = JSON.parse(JSON.stringify(condition).replaceAll('"6w"', '"42d"'));
  assert.deepEqual(read.condition, canonical);
  await api.delete(`/api/v1/segments/${segment.id}`);
  return names.join(' ');
}

const trait = (name, op, value) => ({ trait: name, op, value });
const order = (more = {}) => ({ event: 'Order Completed', ...more });

const everybody = 'anh binh chen dora eve finn';
const cases = [
  [trait('country', 'eq', 'VN'), 'anh binh'],
  [trait('country', 'eq', 'vn'), ''],
  [trait('country', 'eq', ''), 'eve'],
  [trait('country', 'in', ['TW', 'DE', 'XX']), 'chen dora'],
  [trait('country', 'ne', 'VN'), 'chen dora eve finn'],
  [trait('age', 'gt', 30), 'binh dora'],
  [trait('age', 'gte', 30), 'anh binh dora'],
  [trait('age', 'lt', 30), 'chen'],
  [trait('age', 'lte', 30), 'anh chen'],
  [trait('age', 'eq', 41), 'binh'],
  [trait('age', 'eq', 41.5), 'dora'],
  [trait('vip', 'eq', true), 'anh'],
  [{ trait: 'plan', op: 'exists' }, 'anh binh chen'],
  [{ not: { trait: 'plan', op: 'exists' } }, 'dora eve finn'],
  [trait('tags', 'contains', 'loyal'), 'anh'],
  [trait('name', 'contains', '小'), 'chen'],
  [trait('name', 'eq', "O'Bình; DROP TABLE"), 'binh'],
  [trait('note', 'contains', '100%'), 'dora'],
  [trait('note', 'contains', '_sure_'), 'dora'],
  [trait('note', 'contains', '1__'), ''],
  [trait('nothing"); --', 'eq', 'x'), ''],
  [{ all: [trait('country', 'eq', 'VN'), trait('plan', 'eq', 'pro')] }, 'anh'],
  [{ any: [trait('country', 'eq', 'TW'), trait('plan', 'eq', 'pro')] }, 'anh chen'],
  [{ not: trait('country', 'eq', 'VN') }, 'chen dora eve finn'],
  [{ all: [trait('country', 'eq', 'VN'), { not: { any: [trait('plan', 'eq', 'pro')] } }] }, 'binh'],
  [order(), 'anh binh chen'],
  [order({ count: { gte: 3 } }), 'anh'],
  [order({ count: { gte: 4 } }), 'anh'],
  [order({ count: { gte: 5 } }), ''],
  [order({ count: { eq: 1 } }), 'chen'],
  [order({ count: { lte: 2 } }), 'binh chen dora eve finn'],
  [order({ count: { eq: 0 } }), 'dora eve finn'],
  [order({ within: '30d' }), 'anh chen'],
  [order({ within: '30d', count: { gte: 3 } }), 'anh'],
  [order({ within: '36h' }), 'anh'],
  [order({ within: '6w', count: { gte: 2 } }), 'anh'],
  [order({ within: '90d', count: { gte: 2 } }), 'anh binh'],
  [order({ where: [{ property: 'total', op: 'gte', value: 50 }] }), 'anh binh chen'],
  [order({ within: '30d', count: { gte: 2 },
    where: [{ property: 'total', op: 'gte', value: 50 }] }), 'anh'],
  [order({ where: [{ property: 'total', op: 'gt', value: 60 },
    { property: 'total', op: 'lt', value: 100 }], count: { gte: 2 } }), 'anh'],
  [order({ where: [{ property: 'city', op: 'eq', value: '台北' }] }), 'chen'],
  [order({ where: [{ property: 'coupon', op: 'exists' }] }), ''],
  [{ not: order() }, 'dora eve finn'],
  [{ all: [order(), { not: order({ within: '30d' }) }] }, 'binh'],
  [{ any: [{ event: 'Page Seen' }, order({ count: { gte: 4 } })] }, 'anh dora'],
  [{ event: 'Never Happened' }, ''],
];

describe('conditions', () => {
  for (const [condition, expected] of cases) {
    test(JSON.stringify(condition), async () => {
      assert.equal(await members(condition), expected);
    });
  }

  test('as_of looks at another moment', async () => {
    const condition = order({ within: '30d' });
    assert.equal(await members(condition, days(35)), 'binh');
    assert.equal(await members(condition, days(180)), 'anh');
    assert.equal(await members(order(), days(250)), '');
    assert.equal(await members({ not: order() }, days(250)), everybody);
  });

  test('a merge moves its counts to the survivor', async () => {
    const condition = { event: 'Merge Me', count: { gte: 2 } };
    await api.batch([{ ...track(undefined, 'Merge Me'), anonymousId: 'mm' }]);
    await api.batch([track('merge-me', 'Merge Me')]);
    assert.equal(await members(condition), '');
    await api.batch([{ ...track('merge-me', 'Linked'), anonymousId: 'mm' }]);
    assert.equal(await members(condition), 'merge-me');
    assert.equal(await members({ event: 'Merge Me', count: { eq: 1 } }), '');
  });
});

describe('malformed conditions name the place', () => {
  const nested = (depth) => (depth ? { not: nested(depth - 1) } : trait('a', 'eq', 1));
  const bad = {
    'no kind': {},
    'two kinds': { all: [], any: [] },
    'unknown operator': trait('a', 'like', 'x'),
    'no operator': { trait: 'a', value: 1 },
    'no value': { trait: 'a', op: 'eq' },
    'in without list': trait('a', 'in', 'x'),
    'in an empty list': trait('a', 'in', []),
    'greater than a list': trait('a', 'gt', [1]),
    'unknown member': { ...trait('a', 'eq', 1), extra: 1 },
    'all not a list': { all: {} },
    'bad window': order({ within: 'soon' }),
    'negative count': order({ count: { gte: -1 } }),
    'unknown count': order({ count: { about: 3 } }),
    'too deep': nested(20),
    'too many': { any: Array.from({ length: 5000 }, () => trait('a', 'eq', 1)) },
    'not an object': 'VN',
  };
  for (const [name, condition] of Object.entries(bad)) {
    test(name, async () => {
      for (const [path, body] of [['/preview', { condition }], ['', { name: 'Bad', condition }]]) {
        const answer = await api.request('POST', `/api/v1/segments${path}`, { body });
        assert.ok([400, 422].includes(answer.status), answer.text);
        const problem = assertProblem(answer, answer.status);
        assert.ok(problem.errors?.some(({ field }) => field.startsWith('condition')), answer.text);
      }
    });
  }

  test('a body without its fields', async () => {
    const condition = trait('a', 'eq', 1);
    assertProblem(await api.request('POST', '/api/v1/segments', { body: { condition } }), 400,
      { field: 'name' });
    assertProblem(await api.request('POST', '/api/v1/segments', { body: { name: 'x' } }), 400,
      { field: 'condition' });
    assertProblem(await api.request('POST', '/api/v1/segments', { body: '{' }), 400);
    assertProblem(await api.request('POST', '/api/v1/segments/preview?as_of=later',
      { body: { condition } }), 400, { field: 'as_of' });
  });
});

test('create, read, change, list, remove', async () => {
  const condition = trait('country', 'eq', 'VN');
  const made = await api.request('POST', '/api/v1/segments', { body: { name: 'Việt', condition } });
  assert.equal(made.status, 201, made.text);
  const { id } = made.json;
  assert.match(id, /^seg_/);
  assert.ok(made.json.created_at && made.json.updated_at);
  const changed = await api.put(`/api/v1/segments/${id}`,
    { name: 'Đức', condition: trait('country', 'eq', 'DE') });
  assert.equal(changed.name, 'Đức');
  assert.equal((await api.get(`/api/v1/segments/${id}`)).count, 1);
  assert.ok((await api.all('/api/v1/segments')).some((segment) => segment.id === id));
  await api.call('DELETE', `/api/v1/segments/${id}`, undefined, [200, 204]);
  for (const path of [id, `${id}/members`]) {
    assertProblem(await api.request('GET', `/api/v1/segments/${path}`), 404);
  }
  assertProblem(await api.request('DELETE', `/api/v1/segments/${id}`), 404);
});

test('members come in pages', async () => {
  await api.batch(Array.from({ length: 23 }, (_, index) => identify(`pm-${index}`, { pm: true })));
  const segment = await api.post('/api/v1/segments',
    { name: 'Paged', condition: trait('pm', 'eq', true) });
  const found = await api.all(`/api/v1/segments/${segment.id}/members`, 5);
  assert.equal(found.length, 23);
  assert.equal(new Set(found.map(({ id }) => id)).size, 23);
});

// What a segment's condition may not be, against the running program: every refusal names its node
// by JSON pointer, and nothing changes.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertProblem } from '../lib/api.js';
import { identify, track } from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

let program;
let api;
let kept;
before(async () => {
  program = await Program.start();
  api = program.api;
  await api.batch([identify('ann', { city: 'Huế' }), track('ann', 'Order', { total: 5 })]);
  kept = await api.post('/api/v1/segments',
    { name: 'Kept', condition: { trait: 'city', op: 'eq', value: 'Huế' } });
  kept = await until('the segment to be live', async () => {
    const now = await api.get(`/api/v1/segments/${kept.id}`);
    return now.status === 'live' && now;
  });
});
after(() => program?.remove());

const trait = (op, value) => ({ trait: 'city', op, value });
const nested = (depth) => (depth === 0 ? trait('eq', 'a') : { not: nested(depth - 1) });
const refused = [
  ['an unknown operator', { all: [trait('eq', 'a'), trait('resembles', 'a')] },
    '/condition/all/1/op'],
  ['a value of the wrong type', { any: [trait('gt', true)] }, '/condition/any/0/value'],
  ['a bad regular expression', { not: trait('matches', '(') }, '/condition/not/value'],
  ['a window of zero', { event: 'Order', within: '0d' }, '/condition/within'],
  ['a depth of 17', nested(16), `/condition${'/not'.repeat(16)}`],
  ['too long a list', trait('in', Array.from({ length: 1001 }, (_, n) => n)),
    '/condition/value/1000'],
  ['an operator in a test of a property',
    { event: 'Order', where: [{ property: '$.x"; DROP', op: 'DROP', value: 1 }] },
    '/condition/where/0/op'],
];

for (const [what, condition, pointer] of refused) {
  test(`refuses ${what} wherever a condition goes`, async () => {
    for (const [method, path, body] of [
      ['POST', '/api/v1/segments/preview', { condition }],
      ['POST', '/api/v1/segments', { name: 'New', condition }],
      ['PUT', `/api/v1/segments/${kept.id}`, { name: 'Kept', condition }]]) {
      const problem = assertProblem(await api.request(method, path, { body }), 400);
      assert.equal(problem.errors[0].pointer, pointer);
    }
  });
}

test('refuses a circle by the node that closes it', async () => {
  const condition = { any: [trait('eq', 'a'), { segment: kept.id }] };
  const problem = assertProblem(
    await api.request('PUT', `/api/v1/segments/${kept.id}`, { body: { name: 'Kept', condition } }),
    400);
  assert.equal(problem.errors[0].pointer, '/condition/any/1/segment');
  assert.match(problem.errors[0].message ?? problem.errors[0].detail ?? '', /Kept → Kept/);
});

test('does not read a list of ten million values', async () => {
  const list = Buffer.alloc(20_000_000, '1,').toString();
  const body = `{"name":"Big","condition":{"trait":"a","op":"in","value":[${list}1]}}`;
  const answer = await api.request('POST', '/api/v1/segments',
    { body: Buffer.from(body), headers: { 'content-type': 'application/json' } });
  assertProblem(answer, 413);
});

test('takes a property of a hostile name as a name', async () => {
  const condition = { event: 'Order',
    where: [{ property: '$\\.x"; DROP TABLE events', op: 'exists' }] };
  assert.equal((await api.post('/api/v1/segments/preview', { condition })).count, 0);
  assert.equal((await api.post('/api/v1/segments/preview',
    { condition: { event: 'Order' } })).count, 1);
});

test('and nothing has changed', async () => {
  assert.deepEqual(await api.get(`/api/v1/segments/${kept.id}`), kept);
  assert.equal((await api.all('/api/v1/segments')).length, 1);
});

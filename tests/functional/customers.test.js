// Identity, profiles and timelines as the API shows them.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertProblem } from '../lib/api.js';
import { identify, track } from '../lib/events.js';
import { Program } from '../lib/program.js';

let program;
let api;
before(async () => {
  program = await Program.start();
  api = program.api;
});
after(() => program?.remove());

const values = (customer, kind) => customer.identifiers
  .filter((identifier) => identifier.kind === kind)
  .map((identifier) => identifier.value)
  .sort();

describe('identity', () => {
  test('anonymous visits join the customer who signs up', async () => {
    await api.batch([
      { ...track(undefined, 'Looked'), anonymousId: 'visit-1' },
      { ...identify('joined', { email: 'Joined@X.example' }), anonymousId: 'visit-1' },
      track('joined', 'Bought'),
    ]);
    const customer = await api.customer('user_id', 'joined');
    assert.deepEqual(values(customer, 'anonymous_id'), ['visit-1']);
    assert.deepEqual(values(customer, 'email').map((value) => value.toLowerCase()),
      ['joined@x.example']);
    assert.equal((await api.customer('anonymous_id', 'visit-1')).id, customer.id);
    assert.equal((await api.customer('email', 'joined@x.example')).id, customer.id);
    const names = (await api.timeline(customer)).map((event) => event.name || event.type);
    assert.deepEqual(names.sort(), ['Bought', 'Looked', 'identify']);
    for (const identifier of customer.identifiers) {
      assert.ok(identifier.linked_at && identifier.reason, JSON.stringify(identifier));
    }
  });

  test('two profiles merge; the merged id answers with the survivor', async () => {
    await api.batch([{ ...track(undefined, 'A'), anonymousId: 'm-1' }]);
    await api.batch([track('m-user', 'B')]);
    const first = await api.customer('anonymous_id', 'm-1');
    const second = await api.customer('user_id', 'm-user');
    assert.notEqual(first.id, second.id);
    await api.batch([{ ...track('m-user', 'C'), anonymousId: 'm-1' }]);
    const survivor = await api.customer('user_id', 'm-user');
    const merged = survivor.id === first.id ? second.id : first.id;
    assert.deepEqual(survivor.merged_from, [merged]);
    for (const id of [first.id, second.id]) {
      assert.equal((await api.get(`/api/v1/customers/${id}`)).id, survivor.id);
      const events = await api.all(`/api/v1/customers/${id}/events`);
      assert.deepEqual(events.map((event) => event.name).sort(), ['A', 'B', 'C']);
    }
    assert.equal(survivor.event_count, 3);
  });

  test('the order of arrival does not change the partition', async () => {
    const link = (n, a, b) => ({
      type: 'track', event: `L${n}`, messageId: `order-${a}-${b}`, userId: a, anonymousId: b,
    });
    const build = (tag) => [
      link(1, `${tag}-u1`, `${tag}-a1`), link(2, `${tag}-u1`, `${tag}-a2`),
      link(3, `${tag}-u1`, `${tag}-a3`), link(4, `${tag}-u2`, `${tag}-b1`),
      { ...identify(`${tag}-u2`, { email: `${tag}@x.example` }), anonymousId: `${tag}-b2` },
      { type: 'track', event: 'x', messageId: `${tag}-x`, anonymousId: `${tag}-b2` },
    ];
    const orders = [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 5, 0, 4, 1, 3], [3, 1, 5, 0, 2, 4]];
    const partitions = [];
    for (const [index, order] of orders.entries()) {
      const events = build(`o${index}`);
      for (const position of order) await api.batch([events[position]]);
      const groups = new Map();
      for (const [kind, name] of [['user_id', 'u1'], ['user_id', 'u2'], ['anonymous_id', 'a1'],
        ['anonymous_id', 'a2'], ['anonymous_id', 'a3'], ['anonymous_id', 'b1'],
        ['anonymous_id', 'b2']]) {
        const { id } = await api.customer(kind, `o${index}-${name}`);
        groups.set(id, [...(groups.get(id) ?? []), name]);
      }
      partitions.push([...groups.values()].map((names) => names.sort().join()).sort().join(' '));
    }
    assert.deepEqual(new Set(partitions), new Set(['a1,a2,a3,u1 b1,b2,u2']));
  });

  test('two people on one device stay two', async () => {
    await api.batch([
      { ...track('tablet-a', 'A'), anonymousId: 'tablet' },
      { ...track('tablet-b', 'B'), anonymousId: 'tablet' },
    ]);
    const a = await api.customer('user_id', 'tablet-a');
    const b = await api.customer('user_id', 'tablet-b');
    assert.notEqual(a.id, b.id);
    assert.deepEqual((await api.timeline(a)).map((event) => event.name), ['A']);
    assert.deepEqual((await api.timeline(b)).map((event) => event.name), ['B']);
  });

  test('placeholder values link nobody', async () => {
    for (const value of ['null', 'undefined', 'anonymous', '0', '-1', '00000000-0000-0000-0000']) {
      await api.batch([
        { ...track(`hold-a-${value}`, 'A'), anonymousId: value },
        { ...track(`hold-b-${value}`, 'B'), anonymousId: value },
      ]);
      assert.notEqual((await api.customer('user_id', `hold-a-${value}`)).id,
        (await api.customer('user_id', `hold-b-${value}`)).id, value);
      assert.equal(await api.customer('anonymous_id', value), null);
    }
  });

  test('a customer reached from thousands of devices does not grow without bound', async () => {
    const batch = Array.from({ length: 400 }, (_, index) => ({
      ...track('storm', 'Seen'), anonymousId: `storm-${index}`,
    }));
    await api.batch(batch);
    const customer = await api.customer('user_id', 'storm');
    assert.equal(customer.event_count, 400);
    assert.ok(customer.identifiers.length <= 1000);
  });
});

describe('traits', () => {
  test('the last by event time stands, not the last to arrive', async () => {
    await api.batch([identify('t-1', { city: 'Huế', plan: 'pro' },
      { timestamp: '2024-05-02T00:00:00Z' })]);
    await api.batch([identify('t-1', { city: 'Hà Nội', age: 30 },
      { timestamp: '2024-05-01T00:00:00Z' })]);
    assert.deepEqual((await api.customer('user_id', 't-1')).traits,
      { city: 'Huế', plan: 'pro', age: 30 });
  });

  test('traits keep their JSON types', async () => {
    const traits = { n: 1.5, i: 7, yes: true, text: 'x', list: [1, 'a'], deep: { a: { b: 1 } } };
    await api.batch([identify('t-2', traits)]);
    assert.deepEqual((await api.customer('user_id', 't-2')).traits, traits);
  });

  test('first and last seen and the counter follow the events', async () => {
    await api.batch([
      track('seen', 'B', {}, { timestamp: '2024-03-02T00:00:00Z' }),
      track('seen', 'A', {}, { timestamp: '2024-03-01T00:00:00Z' }),
      track('seen', 'C', {}, { timestamp: '2024-03-03T00:00:00Z' }),
    ]);
    const customer = await api.customer('user_id', 'seen');
    assert.equal(Date.parse(customer.first_seen), Date.parse('2024-03-01T00:00:00Z'));
    assert.equal(Date.parse(customer.last_seen), Date.parse('2024-03-03T00:00:00Z'));
    assert.equal(customer.event_count, 3);
    assert.deepEqual((await api.timeline(customer)).map((event) => event.name), ['C', 'B', 'A']);
  });
});

describe('lists', () => {
  test('customers: pages cover everybody once; a query finds by identifier', async () => {
    await api.batch(Array.from({ length: 25 }, (_, index) =>
      identify(`page-${index}`, { email: `page-${index}@pages.example` })));
    const whole = await api.all('/api/v1/customers', 1000);
    const small = await api.all('/api/v1/customers', 7);
    assert.equal(new Set(small.map((customer) => customer.id)).size, small.length);
    assert.deepEqual(small.map((customer) => customer.id).sort(),
      whole.map((customer) => customer.id).sort());
    const found = await api.all('/api/v1/customers?query=page-13%40pages.example');
    assert.equal(found.length, 1);
    assert.deepEqual(values(found[0], 'user_id'), ['page-13']);
    assert.deepEqual(await api.all('/api/v1/customers?query=nobody-at-all'), []);
  });

  test('a timeline is paged without gaps and repeats', async () => {
    await api.batch(Array.from({ length: 53 }, (_, index) => track('long-line', `E${index}`)));
    const customer = await api.customer('user_id', 'long-line');
    const events = await api.all(`/api/v1/customers/${customer.id}/events`, 10);
    assert.equal(events.length, 53);
    assert.equal(new Set(events.map((event) => event.message_id)).size, 53);
    const times = events.map((event) => Date.parse(event.timestamp));
    assert.deepEqual(times, [...times].sort((a, b) => b - a));
  });

  test('all events of the workspace, by name and type', async () => {
    await api.batch([track('by-name', 'Very Special'), identify('by-name', { a: 1 })]);
    const named = await api.all('/api/v1/events?name=Very%20Special');
    assert.deepEqual(named.map((event) => event.user_id), ['by-name']);
    const typed = await api.get('/api/v1/events?type=identify&limit=1');
    assert.equal(typed.items[0].type, 'identify');
  });

  test('events of a customer, by id or by what a search finds', async () => {
    await api.batch([
      identify('of-one', { first_name: 'Đặng', email: 'of-one@x.example' }),
      ...Array.from({ length: 5 }, () => track('of-one', 'Filtered')),
      { ...track(undefined, 'Filtered'), anonymousId: 'of-visit' },
      { ...identify('of-one', {}), anonymousId: 'of-visit' },
      track('of-other', 'Filtered'),
    ]);
    const { id } = await api.customer('user_id', 'of-one');
    for (const text of [id, 'of-one', 'OF-ONE@x', 'dang', 'of-visit']) {
      const found = await api.all(
        `/api/v1/events?name=Filtered&customer=${encodeURIComponent(text)}`, 2);
      assert.equal(found.length, 6, text);
      assert.ok(found.every((event) => event.customer_id === id), text);
    }
    assert.equal((await api.all('/api/v1/events?name=Filtered&customer=of-')).length, 7);
    for (const nobody of ['cus_0000000000000', 'nobody at all']) {
      assert.deepEqual(await api.all(
        `/api/v1/events?customer=${encodeURIComponent(nobody)}`), [], nobody);
    }
    assertProblem(await api.request('GET', `/api/v1/events?customer=${'x'.repeat(501)}`),
      400, { field: 'customer' });
  });

  test('bad parameters are named', async () => {
    for (const limit of ['0', '-1', '1001', 'x', '']) {
      assertProblem(await api.request('GET', `/api/v1/customers?limit=${limit}`), 400,
        { field: 'limit' });
    }
    assertProblem(await api.request('GET', '/api/v1/customers?cursor=%00nonsense'), 400,
      { field: 'cursor' });
  });

  test('who is not there is 404', async () => {
    for (const path of ['cus_0000000000000', 'cus_zzzzzzzzzzzzz', 'nonsense', 'by/user_id/nobody',
      'cus_0000000000000/events']) {
      assertProblem(await api.request('GET', `/api/v1/customers/${path}`), 404);
    }
  });
});

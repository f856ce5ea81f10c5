// Segments that follow events: live membership, change events, explanations, history, overlap,
// lists, and what a killed program makes of a membership that was being computed.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertProblem } from '../lib/api.js';
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

const live = (segment, on = api) => until('the segment to be live', async () => {
  const now = await on.get(`/api/v1/segments/${segment.id}`);
  return now.status === 'live' && now;
});
const make = async (name, condition) =>
  live(await api.post('/api/v1/segments', { name, condition }));
const ids = async (segment, on = api) =>
  (await on.all(`/api/v1/segments/${segment.id}/members`)).map(({ id }) => id);
const idOf = async (user) => (await api.customer('user_id', user)).id;

describe('a live segment', () => {
  test('moves with the event, tells of it once, and says why', async () => {
    const buyers = await make('Buyers', { event: 'Order', count: { gte: 2 }, within: '30d' });
    await api.batch([track('ann', 'Order', { total: 5 })]);
    const ann = await idOf('ann');
    assert.deepEqual(await ids(buyers), []);
    const why = `/api/v1/segments/${buyers.id}/explain?customer=${ann}`;
    assert.equal((await api.get(why)).value, false);
    await api.batch([track('ann', 'Order', { total: 5 })]);
    assert.deepEqual(await ids(buyers), [ann]);
    assert.equal((await api.get(`/api/v1/segments/${buyers.id}`)).count, 1);
    const explained = await api.get(why);
    assert.equal(explained.value, true);
    assert.equal(explained.nodes[0].kind, 'event');
    assert.equal(explained.nodes[0].evidence.count, 2);
    const due = new Date(explained.changes_at) - Date.now();
    assert.ok(Math.abs(due - 30 * 86400e3) < 60e3, `leaves in thirty days: ${due}`);

    const entered = await until('the change in the log', async () => {
      const events = await api.timeline({ id: ann });
      const found = events.filter(({ name }) => name === 'Segment Entered');
      return found.length > 0 && found;
    });
    assert.equal(entered.length, 1);
    assert.equal(entered[0].properties.segment_id, buyers.id);
    assert.equal(entered[0].properties.segment_name, 'Buyers');
    assert.equal(entered[0].properties.cause, 'event');

    const day = 86400e3;
    const range = `from=${new Date(Date.now() - day).toISOString()}`
      + `&to=${new Date(Date.now() + day).toISOString()}`;
    const sizes = await api.get(`/api/v1/segments/${buyers.id}/sizes?unit=hour&${range}`);
    assert.equal(sizes.items.at(-1).size, 1);
    assert.equal(sizes.items.reduce((sum, { entered: n }) => sum + n, 0), 1);
    const moves = await api.all(`/api/v1/segments/${buyers.id}/changes?${range}`);
    assert.deepEqual(moves.map((m) => [m.customer_id, m.entered, m.cause]),
      [[ann, true, 'event']]);
  });

  test('leaves at the instant its window ends, without any event', async () => {
    const recent = await make('Just now', { event: 'Ping', within: '2s' });
    await api.batch([track('pia', 'Ping')]);
    assert.deepEqual(await ids(recent), [await idOf('pia')]);
    await until('the window to pass', async () => (await ids(recent)).length === 0);
    const pia = await idOf('pia');
    const left = await until('the change in the log', async () =>
      (await api.timeline({ id: pia })).find(({ name }) => name === 'Segment Left'));
    assert.equal(left.properties.cause, 'time');
    const ping = (await api.timeline({ id: pia })).find(({ name }) => name === 'Ping');
    assert.equal(new Date(left.timestamp) - new Date(ping.timestamp), 2000);
  });

  test('follows an edit by the difference, and a segment in it', async () => {
    await api.batch([identify('eva', { plan: 'pro' }), identify('fay', { plan: 'free' }),
      identify('gus', { plan: 'pro', vip: true })]);
    const [eva, fay, gus] = await Promise.all(['eva', 'fay', 'gus'].map(idOf));
    const plan = await make('Plan', { trait: 'plan', op: 'eq', value: 'pro' });
    const both = await make('Plan and VIP',
      { all: [{ segment: plan.id }, { not: { trait: 'vip', op: 'eq', value: true } }] });
    assert.deepEqual(await ids(plan), [eva, gus].sort());
    assert.deepEqual(await ids(both), [eva]);
    await api.put(`/api/v1/segments/${plan.id}`,
      { name: 'Plan', condition: { trait: 'plan', op: 'in', value: ['free'] } });
    await until('the edit to be live', async () => (await ids(plan)).join() === fay);
    await until('what refers to it to follow', async () => (await ids(both)).join() === fay);
    const told = await until('the difference in the log', async () => {
      const events = (await api.timeline({ id: eva })).filter(({ name, properties }) =>
        name === 'Segment Left' && properties.segment_id === plan.id);
      return events.length > 0 && events;
    });
    assert.deepEqual(told.map(({ properties }) => properties.cause), ['edit']);
  });

  test('counts every intersection and compares', async () => {
    await api.batch([...Array(6).keys()].map((n) => identify(`o${n}`, { n, even: n % 2 === 0 })));
    const low = await make('Low', { trait: 'n', op: 'lt', value: 4 });
    const even = await make('Even', { trait: 'even', op: 'eq', value: true });
    const answer = await api.post('/api/v1/segments/overlap', { segment_ids: [low.id, even.id] });
    assert.deepEqual(
      answer.intersections.map(({ segment_ids: s, count, only }) => [s.length, count, only]),
      [[1, 4, 2], [1, 3, 1], [2, 2, 2]]);
    assert.equal(answer.total, 5);
    const compared = await api.post('/api/v1/segments/compare',
      { first: low.id, second: even.id });
    assert.deepEqual([compared.first_size, compared.second_size, compared.both], [4, 3, 2]);
    assert.equal(compared.traits[0].trait, 'even');
    for (const [body, field] of [[{ segment_ids: [low.id] }, 'segment_ids'],
      [{ segment_ids: [low.id, 'x'] }, 'segment_ids'],
      [{ segment_ids: [low.id, low.id] }, 'segment_ids']]) {
      const refused = await api.request('POST', '/api/v1/segments/overlap', { body });
      assertProblem(refused, 400, { field });
    }
    const sizes = `/api/v1/segments/${low.id}/sizes?from=2026-01-01&to=2026-02-01`;
    assertProblem(await api.request('GET', `${sizes}&unit=week`), 400, { field: 'unit' });
    const explain = `/api/v1/segments/${low.id}/explain?customer=x`;
    assertProblem(await api.request('GET', explain), 400, { field: 'customer' });
  });
});

describe('a list', () => {
  test('takes members by any identifier, CSV or condition; segments follow', async () => {
    await api.batch([identify('l1', { email: 'l1@shop.example', score: 1 }),
      identify('l2', { email: 'l2@shop.example', score: 2 }), identify('l3', { score: 3 })]);
    const [one, two, three] = await Promise.all(['l1', 'l2', 'l3'].map(idOf));
    const list = await api.post('/api/v1/lists', { name: 'Guests' });
    const on = await make('On the list', { list: list.id });
    const members = async () =>
      (await api.all(`/api/v1/lists/${list.id}/members`)).map(({ id }) => id);
    const added = await api.post(`/api/v1/lists/${list.id}/members`,
      { kind: 'email', values: ['L1@shop.example', 'nobody@shop.example'] });
    assert.deepEqual(added,
      { changed: 1, unknown: 1, unknown_examples: ['nobody@shop.example'] });
    assert.deepEqual(await members(), [one]);
    assert.deepEqual(await ids(on), [one]);
    const csv = await api.post(`/api/v1/lists/${list.id}/csv`,
      { kind: 'user_id', column: 'User', csv: 'Name,User\r\n"Two, B",l2\r\nNo one,zz\r\n' });
    assert.deepEqual(csv,
      { rows: 2, changed: 1, unknown: 1, not_found: [{ line: 3, value: 'zz' }] });
    const sent = await api.post('/api/v1/campaigns', { name: 'To guests', channel: 'email',
      from: 'shop@shop.example', recipients: { lists: [list.id], exclude_segments: [on.id] },
      template: { subject: 'Hello', text: 'Hello' } });
    const toGuests = { kind: 'campaign', id: sent.id, name: 'To guests' };
    assert.deepEqual((await api.get(`/api/v1/lists/${list.id}/uses`)).items,
      [{ kind: 'segment', id: on.id, name: 'On the list' }, toGuests]);
    assert.deepEqual((await api.get(`/api/v1/segments/${on.id}/uses`)).items, [toGuests]);
    assertProblem(await api.request('DELETE', `/api/v1/segments/${on.id}`), 409);
    await api.delete(`/api/v1/campaigns/${sent.id}`);
    assert.deepEqual((await api.get(`/api/v1/segments/${on.id}/uses`)).items, []);
    assertProblem(await api.request('GET', '/api/v1/segments/seg_0000000000zzz/uses'), 404);
    assert.deepEqual(await ids(on), [one, two].sort());
    await api.post(`/api/v1/lists/${list.id}/snapshot`,
      { condition: { trait: 'score', op: 'eq', value: 3 } });
    assert.deepEqual(await members(), [one, two, three].sort());
    await api.post(`/api/v1/lists/${list.id}/members/remove`,
      { kind: 'customer_id', values: [one] });
    assert.deepEqual(await members(), [two, three].sort());
    assert.deepEqual(await ids(on), [two, three].sort());
    assert.equal((await api.get(`/api/v1/lists/${list.id}`)).size, 2);

    assertProblem(await api.request('DELETE', `/api/v1/lists/${list.id}`), 409);
    assertProblem(await api.request('POST', '/api/v1/lists', { body: { name: 'Guests' } }), 409,
      { field: 'name' });
    assertProblem(await api.request('POST', `/api/v1/lists/${list.id}/members`,
      { body: { kind: 'email', values: [] } }), 400, { field: 'values' });
    assertProblem(await api.request('POST', `/api/v1/lists/${list.id}/csv`,
      { body: { kind: 'email', csv: 'a,b\n1,2\n', column: 'c' } }), 400, { field: 'column' });
    await api.delete(`/api/v1/segments/${on.id}`);
    await api.delete(`/api/v1/lists/${list.id}`);
    assertProblem(await api.request('GET', `/api/v1/lists/${list.id}/members`), 404);
  });
});

test('killed while it computes, the program ends with the same members and no change twice',
  async () => {
    const other = await Program.start();
    try {
      const people = [...Array(3000).keys()];
      for (let from = 0; from < people.length; from += 500) {
        await other.api.batch(people.slice(from, from + 500)
          .map((n) => track(`k${n}`, 'Order', { total: n % 10 })));
      }
      const asking = (value) => ({
        name: 'Big',
        condition: { event: 'Order', where: [{ property: 'total', op: 'gte', value }] },
      });
      const segment = await other.api.post('/api/v1/segments', asking(5));
      // Wherever the kill falls: before, within or after the computing, and again within an edit.
      await other.kill();
      await other.start();
      await live(segment, other.api);
      assert.equal((await ids(segment, other.api)).length, 1500);
      await other.api.put(`/api/v1/segments/${segment.id}`, asking(8));
      await other.api.batch(['k7', 'new'].map((user) => track(user, 'Order', { total: 9 })));
      await other.kill();
      await other.start();
      await until('the edit to be live', async () =>
        (await ids(segment, other.api)).length === 602);
      const changes = await until('every change in the log', async () => {
        const all = await other.api.all('/api/v1/events?name=Segment%20Left');
        const inAll = await other.api.all('/api/v1/events?name=Segment%20Entered');
        return inAll.length >= 1501 && all.length >= 899 && [...all, ...inAll];
      });
      const seen = new Set(changes.map(({ customer_id: c, name }) => `${c} ${name}`));
      assert.equal(seen.size, changes.length, 'no change twice');
      await other.stop();
      const replayed = await other.command('replay');
      assert.equal(replayed.code, 0, replayed.stderr);
      await other.start();
      assert.equal((await ids(segment, other.api)).length, 602);
    } finally {
      await other.remove();
    }
  });

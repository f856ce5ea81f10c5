// What the console's audience pages ask: search, filter, export, value, vocabulary, test messages.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertProblem } from '../lib/api.js';
import { identify, makeCampaign, makeSegment, track } from '../lib/events.js';
import { Program } from '../lib/program.js';

let program;
let api;
let other;

before(async () => {
  program = await Program.create();
  other = await program.addWorkspace('Other', 'owner@other.example');
  await program.start();
  api = program.api;
  await api.batch([
    identify('a1', { name: 'Nguyễn Thị Ánh', email: 'anh@x.example', country: 'VN',
      address: { city: 'Huế' }, tags: ['tea'] }),
    identify('a2',
      { first_name: 'Zoë', last_name: 'Baker', email: 'zoe@x.example', country: 'GB' }),
    identify('a3', { name: '=1+1', email: 'formula@x.example', country: 'VN' }),
    track('a1', 'Order Completed', { total: 30.1, currency: 'GBP', coupon: 'SPRING' }),
    track('a1', 'Order Completed', { total: 22.2, currency: 'GBP' }),
    track('a1', 'Order Refunded', { total: 0.3, currency: 'GBP' }),
  ]);
});
after(() => program?.remove());

const users = async (query) => (await api.get(`/api/v1/customers?${new URLSearchParams(query)}`))
  .items.map((c) => c.identifiers.find((i) => i.kind === 'user_id')?.value).sort();

describe('customers', () => {
  test('are found by any word of a name, in any case, without accents', async () => {
    for (const [query, found] of [['nguyen', ['a1']], ['ÁNH', ['a1']], ['thi nguyen', ['a1']],
      ['zoe bak', ['a2']], ['baker', ['a2']], ['x.example', []], ['zoe@', ['a2']]]) {
      assert.deepEqual(await users({ query }), found, query);
    }
    const long = await api.request('GET', `/api/v1/customers?query=${'x'.repeat(201)}`);
    assertProblem(long, 400, { field: 'query' });
  });

  test('are filtered by segment, with or without a query', async () => {
    const segment = await makeSegment(api, 'VN', { trait: 'country', op: 'eq', value: 'VN' });
    assert.deepEqual(await users({ segment_id: segment.id }), ['a1', 'a3']);
    assert.deepEqual(await users({ segment_id: segment.id, query: 'anh' }), ['a1']);
    assert.deepEqual(await users({ segment_id: segment.id, query: 'baker' }), []);
    for (const id of ['seg_0000000000999', 'x']) {
      const refused = await api.request('GET', `/api/v1/customers?segment_id=${id}`);
      assertProblem(refused, 400, { field: 'segment_id' });
    }
    const foreign = await api.as(other.admin_key)
      .request('GET', `/api/v1/customers?segment_id=${segment.id}`);
    assertProblem(foreign, 400, { field: 'segment_id' });
  });

  test('are exported as CSV that a spreadsheet reads as text', async () => {
    const answer = await api.request('GET',
      '/api/v1/customers/export?columns=identifier:user_id,name,trait:country');
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^text\/csv/);
    assert.match(answer.headers.get('content-disposition'), /attachment/);
    assert.deepEqual(answer.text.replace('\uFEFF', '').trim().split('\r\n'),
      ['identifier:user_id,name,trait:country', "a3,'=1+1,VN", 'a2,Zoë Baker,GB',
        'a1,Nguyễn Thị Ánh,VN']);
    assertProblem(await api.request('GET', '/api/v1/customers/export?columns=passwords'), 400,
      { field: 'columns' });
  });

  test('have a value and traits with their source', async () => {
    const customer = await api.customer('user_id', 'a1');
    const value = await api.get(`/api/v1/customers/${customer.id}/value`);
    assert.equal(value.orders, 2);
    assert.equal(value.refunds, 1);
    assert.deepEqual(value.revenue, [{ currency: 'GBP', amount: '52' }]);
    const traits = await api.get(`/api/v1/customers/${customer.id}/traits`);
    const country = traits.items.find((trait) => trait.name === 'country');
    assert.equal(country.value, 'VN');
    assert.equal(country.event_type, 'identify');
    assert.equal(country.origin, 'client');
    const foreign = api.as(other.admin_key);
    for (const what of ['value', 'traits']) {
      assertProblem(await foreign.request('GET', `/api/v1/customers/${customer.id}/${what}`), 404);
    }
  });
});

describe('vocabulary', () => {
  const names = async (path) => (await api.get(`/api/v1/vocabulary/${path}`)).items
    .map((item) => item.name ?? item.value);

  test('offers what occurs', async () => {
    assert.ok((await names('traits')).includes('address.city'));
    assert.deepEqual(await names('traits?prefix=count'), ['country']);
    assert.deepEqual(await names('events?prefix=ref'), ['Order Refunded']);
    assert.deepEqual((await names('properties?event=Order%20Completed')).sort(),
      ['coupon', 'currency', 'total']);
    assert.deepEqual(await names('values?trait=country'), ['VN', 'GB']);
    assert.deepEqual(await names('values?trait=address.city&prefix=hue'), ['Huế']);
    assert.deepEqual(await names('values?event=Order%20Completed&property=coupon'), ['SPRING']);
  });

  test('of this workspace only, and asks for what it needs', async () => {
    const foreign = api.as(other.admin_key);
    for (const path of ['traits', 'events', 'properties?event=Order%20Completed',
      'values?trait=country']) {
      assert.deepEqual((await foreign.get(`/api/v1/vocabulary/${path}`)).items, [], path);
    }
    assertProblem(await api.request('GET', '/api/v1/vocabulary/properties'), 400,
      { field: 'event' });
    assertProblem(await api.request('GET', '/api/v1/vocabulary/values?event=A'), 400,
      { field: 'property' });
  });
});

describe('a test message', () => {
  test('arrives as a customer would read it and changes no figure', async () => {
    const segment = await makeSegment(api, 'GB', { trait: 'country', op: 'eq', value: 'GB' });
    const campaign = await makeCampaign(api, segment, {
      name: 'Draft',
      template: { subject: 'Hello {{ customer.traits.first_name }}', text: 'x' },
    });
    const zoe = await api.customer('user_id', 'a2');
    const send = (body) => api.request('POST', `/api/v1/campaigns/${campaign.id}/test`, { body });
    const sent = await send({ to: 'Me@x.example', customer_id: zoe.id });
    assert.equal(sent.status, 200, sent.text);
    assert.deepEqual(sent.json, { to: 'me@x.example', subject: 'Hello Zoë' });
    const [mail] = (await api.get('/api/v1/sandbox/messages?to=me@x.example')).items;
    assert.equal(mail.subject, 'Hello Zoë');
    assert.equal((await send({ to: 'me@x.example' })).json.subject, 'Hello');
    const after = await api.get(`/api/v1/campaigns/${campaign.id}`);
    assert.equal(after.status, 'draft');
    assert.equal(after.sent, 0);
    assert.deepEqual((await api.get(`/api/v1/messages?campaign_id=${campaign.id}`)).items, []);
    assertProblem(await send({ to: 'nobody' }), 400, { field: 'to' });
    assertProblem(await send({ to: 'a@x.example\r\nBcc: b@x.example' }), 400, { field: 'to' });
    assertProblem(await send({ to: 'a@x.example', customer_id: 'cus_0000000000999' }), 400,
      { field: 'customer_id' });
    const foreign = await api.as(other.admin_key).request('POST',
      `/api/v1/campaigns/${campaign.id}/test`, { body: { to: 'a@x.example' } });
    assertProblem(foreign, 404);
  });
});

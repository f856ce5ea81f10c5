// Topics, consent with proof, double opt-in, suppressions, and the customer's own pages.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Api, assertProblem, basic } from '../lib/api.js';
import { identify, pathOf, track } from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

let program;
let api;
let visitor;
before(async () => {
  program = await Program.start();
  api = program.api;
  visitor = new Api(program.url);
  const settings = await api.get('/api/v1/settings/permission');
  await api.put('/api/v1/settings/permission',
    { ...settings, sender: 'Cửa hàng <hello@shop.example>' });
});
after(() => program?.remove());

const proof = { note: 'signed at the counter' };

function makeTopic(name, more = {}) {
  return api.post('/api/v1/topics', {
    name,
    titles: { vi: `${name} vi`, 'zh-Hans': `${name} 简` },
    descriptions: { en: `All about ${name} & more`, vi: `Về ${name}` },
    ...more,
  });
}

async function makeCustomer(user, traits = {}) {
  await api.batch([identify(user, { email: `${user}@x.example`, ...traits })]);
  return api.customer('user_id', user);
}

const consentOf = (customer) => api.get(`/api/v1/customers/${customer.id}/consent`);
const stateOf = (consent, topic) => consent.states.find(
  (state) => state.topic_id === (topic.id ?? topic));

async function mailTo(address, count = 1) {
  return until(`a mail to ${address}`, async () => {
    const items = await api.all(`/api/v1/sandbox/messages?to=${encodeURIComponent(address)}`);
    return items.length >= count && items[0];
  });
}

/** The link of one of the customer's own pages in a mail. */
const linkIn = (mail, kind) => pathOf(
  new RegExp(`https?://[^\\s"<>]+/${kind}/[\\w-]+`).exec(mail.text)[0]);

const form = (path, fields, headers = {}) => visitor.request('POST', path, {
  body: new URLSearchParams(fields).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
});

describe('topics', () => {
  test('are made, changed, listed and archived', async () => {
    const topic = await makeTopic('Weekly offers');
    assert.match(topic.id, /^top_/);
    assert.deepEqual([topic.default_consent, topic.double_opt_in, topic.message_class,
      topic.version, topic.archived], ['opt_in', false, 'marketing', 1, false]);
    const changed = await api.put(`/api/v1/topics/${topic.id}`,
      { name: 'Offers', default_consent: 'opt_out', priority: 70 });
    assert.deepEqual([changed.version, changed.default_consent, changed.priority],
      [2, 'opt_out', 70]);
    assert.ok((await api.all('/api/v1/topics')).some(({ id }) => id === topic.id));
    await api.delete(`/api/v1/topics/${topic.id}`);
    assert.equal((await api.get(`/api/v1/topics/${topic.id}`)).archived, true);
  });

  test('refuse what is wrong, naming the field', async () => {
    for (const [body, field] of [
      [{}, 'name'], [{ name: '' }, 'name'], [{ name: 'x', titles: { fr: 'y' } }, 'titles.fr'],
      [{ name: 'x', channels: [] }, 'channels'], [{ name: 'x', default_consent: 'maybe' },
        'default_consent'], [{ name: 'x', message_class: 'spam' }, 'message_class'],
      [{ name: 'x', double_opt_in: true, default_consent: 'opt_out' }, 'double_opt_in'],
      [{ name: 'x', priority: 101 }, 'priority'], [{ name: 'x', colour: 'red' }, 'colour'],
      [{ name: 7 }, 'name']]) {
      assertProblem(await api.request('POST', '/api/v1/topics', { body }), 400, { field });
    }
    assertProblem(await api.request('GET', '/api/v1/topics/top_0000000009999'), 404);
    assertProblem(await api.request('GET', '/api/v1/topics/nonsense'), 404);
  });
});

describe('consent', () => {
  test('a person records it with proof, and the history tells all', async () => {
    const topic = await makeTopic('News');
    const ann = await makeCustomer('ann');
    assert.deepEqual([stateOf(await consentOf(ann), topic).status,
      stateOf(await consentOf(ann), topic).allowed], ['none', false]);
    const path = `/api/v1/customers/${ann.id}/consent`;
    const given = await api.post(path,
      { topic_id: topic.id, status: 'given', source: 'paper form', proof, language: 'vi' });
    assert.deepEqual([stateOf(given, topic).status, stateOf(given, topic).allowed],
      ['given', true]);
    const [entry] = given.history;
    assert.equal(entry.text, 'Về News');
    assert.equal(entry.text_version, topic.version);
    assert.equal(entry.source, 'paper form');
    assert.deepEqual(entry.proof, proof);
    assert.ok(entry.actor && entry.at && entry.recorded_at);
    const after = await api.post(path, { topic_id: 'all', status: 'withdrawn', source: 'phone' });
    assert.equal(stateOf(after, topic).allowed, false);
    assert.equal(after.history.length, 2);
    const events = (await api.timeline(ann)).map(({ name }) => name);
    assert.ok(events.includes('Consent Given') && events.includes('Consent Withdrawn'));
    const page = await api.get(`${path}?limit=1`);
    assert.equal(page.history.length, 1);
    assert.equal((await api.get(`${path}?limit=1&cursor=${page.next_cursor}`)).history[0].status,
      'given');
  });

  test('needs proof, a known topic and channel, and a time that is over', async () => {
    const topic = await makeTopic('Strict');
    const customer = await makeCustomer('strict');
    const path = `/api/v1/customers/${customer.id}/consent`;
    const good = { topic_id: topic.id, status: 'given', source: 'x', proof };
    for (const [change, field] of [
      [{ proof: undefined }, 'proof'], [{ proof: 'words' }, 'proof'], [{ proof: {} }, 'proof'],
      [{ topic_id: 'top_0000000009999' }, 'topic_id'], [{ topic_id: 'x' }, 'topic_id'],
      [{ topic_id: 'all' }, 'topic_id'], [{ channel: 'sms' }, 'channel'],
      [{ status: 'none' }, 'status'], [{ source: ' ' }, 'source'],
      [{ at: '2999-01-01T00:00:00Z' }, 'at'], [{ text: 'x'.repeat(5_000) }, 'text'],
      [{ proof: { big: 'x'.repeat(5_000) } }, 'proof']]) {
      assertProblem(await api.request('POST', path, { body: { ...good, ...change } }), 400,
        { field });
    }
    assert.equal((await consentOf(customer)).history.length, 0);
  });

  test('clients cannot fake it with events', async () => {
    const topic = await makeTopic('Unfaked');
    const eve = await makeCustomer('eve');
    await api.batch([track('eve', 'Consent Given',
      { topic_id: topic.id, channel: 'email', source: 'fake' })]);
    assert.equal(stateOf(await consentOf(eve), topic).status, 'none');
  });

  test('a form records it with a write key; it cannot lift a refusal', async () => {
    const topic = await makeTopic('Form');
    const send = (body, headers = { authorization: basic(program.writeKey) }) =>
      visitor.request('POST', '/api/v1/consents', { body, headers });
    const body = { email: 'form@x.example', topic_id: topic.id, source: 'footer form',
      text: 'Yes, send me the form news', proof: { url: 'https://shop.example/' } };
    const answer = await send(body, { authorization: basic(program.writeKey),
      origin: 'https://shop.example' });
    assert.equal(answer.status, 202, answer.text);
    assert.deepEqual(answer.json, { status: 'given' });
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://shop.example');
    const customer = await api.customer('email', 'form@x.example');
    const [entry] = (await consentOf(customer)).history;
    assert.equal(entry.text, body.text);
    assert.equal(entry.address, 'form@x.example');
    assert.equal(entry.proof.form.url, 'https://shop.example/');
    assert.equal(entry.proof.origin, 'https://shop.example');
    assert.ok(entry.proof.ip);

    assert.equal((await send({ ...body, status: 'withdrawn' })).json.status, 'withdrawn');
    assert.equal((await send(body)).json.status, 'requested');
    assert.equal(stateOf(await consentOf(customer), topic).allowed, false);
    // An admin key is trusted.
    assert.equal((await api.post('/api/v1/consents', body)).status, 'given');
    assert.equal(stateOf(await consentOf(customer), topic).allowed, true);

    for (const authorization of [undefined, basic('wk_wrong'), 'Bearer rk_wrong']) {
      assertProblem(await send(body, { authorization }), 401);
    }
    const read = await api.post('/api/v1/keys', { name: 'r', scope: 'read' });
    assertProblem(await send(body, { authorization: `Bearer ${read.key}` }), 403);
    for (const [change, field] of [[{ email: undefined }, 'user_id'], [{ email: 'x' }, 'email'],
      [{ topic_id: 'x' }, 'topic_id'], [{ proof: [1] }, 'proof'], [{ source: '' }, 'source']]) {
      assertProblem(await send({ ...body, ...change }), 400, { field });
    }
    assertProblem(await send('{"email":"a@b.c\r\nBcc: x@y.z"}'), 400);
    const preflight = await visitor.request('OPTIONS', '/api/v1/consents',
      { headers: { origin: 'https://shop.example' } });
    assert.equal(preflight.status, 204);
  });

  test('double opt-in: a mail, a question, one answer', async () => {
    const topic = await makeTopic('Double', { double_opt_in: true });
    const body = { email: 'double@x.example', topic_id: topic.id, source: 'form', language: 'vi' };
    const answer = await visitor.request('POST', '/api/v1/consents',
      { body, headers: { authorization: basic(program.writeKey) } });
    assert.deepEqual(answer.json, { status: 'requested' });
    const customer = await api.customer('email', 'double@x.example');
    const mail = await mailTo('double@x.example');
    assert.match(mail.subject, /Double vi/);
    assert.match(mail.from, /hello@shop\.example/);
    const path = linkIn(mail, 'c');

    const asked = await visitor.request('GET', path, { headers: { 'accept-language': 'vi' } });
    assert.equal(asked.status, 200);
    assert.match(asked.text, /<html lang="vi">/);
    assert.equal(stateOf(await consentOf(customer), topic).status, 'requested');
    for (let i = 0; i < 2; ++i) {
      const answer = await form(path, {}, { 'accept-language': 'vi' });
      assert.equal(answer.status, 200);
    }
    const consent = await consentOf(customer);
    assert.equal(stateOf(consent, topic).status, 'given');
    assert.deepEqual(consent.history.map(({ status, source }) => [status, source]),
      [['given', 'double_opt_in'], ['requested', 'form']]);
    assert.equal(consent.history[0].text, 'Về Double');

    // A letter box is not filled by somebody else's form.
    for (let i = 0; i < 6; ++i) {
      await visitor.request('POST', '/api/v1/consents',
        { body, headers: { authorization: basic(program.writeKey) } });
    }
    await api.batch([track('clock', 'Tick')]);
    const mails = await api.all('/api/v1/sandbox/messages?to=double@x.example');
    assert.ok(mails.length <= 3, `${mails.length} confirmations`);
    const last = path.at(-1) === 'A' ? 'B' : 'A';
    for (const bad of [`${path.slice(0, -1)}${last}`, '/c/', '/c/x', path.replace('/c/', '/p/')]) {
      for (const method of ['GET', 'POST']) {
        assert.equal((await visitor.request(method, bad)).status, 404, bad);
      }
    }
  });

  test('is imported with its proof, row by row', async () => {
    const topic = await makeTopic('Imported');
    const csv = ['email,topic,at,source,proof,status',
      'imp-1@x.example,Imported,2024-05-01T10:00:00Z,old shop,"list of 2024, page 3",',
      `imp-2@x.example,${topic.id},2024-05-01T10:00:00Z,old shop,"{""ip"":""10.1.1.1""}",given`,
      'imp-3@x.example,Imported,2024-06-01,old shop,,withdrawn',
      'imp-4@x.example,Imported,,old shop,paper,given',
      'imp-5@x.example,Imported,2024-06-01,old shop,,given',
      'not an address,Imported,2024-06-01,old shop,paper,given',
      'imp-6@x.example,Nothing,2024-06-01,old shop,paper,given',
      'imp-7@x.example,Imported,2024-06-01,old shop',
      ''].join('\r\n');
    const answer = await api.request('POST', '/api/v1/consents/import',
      { body: csv, headers: { 'content-type': 'text/csv' } });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.accepted, 3);
    assert.deepEqual(answer.json.rows.map(({ line, field }) => [line, field]),
      [[5, 'at'], [6, 'proof'], [7, 'email'], [8, 'topic'], [9, '']]);
    const two = await api.customer('email', 'imp-2@x.example');
    const [entry] = (await consentOf(two)).history;
    assert.equal(entry.at, '2024-05-01T10:00:00.000Z');
    assert.deepEqual(entry.proof, { ip: '10.1.1.1' });
    const one = await api.customer('email', 'imp-1@x.example');
    assert.deepEqual((await consentOf(one)).history[0].proof, { note: 'list of 2024, page 3' });
    const again = await api.request('POST', '/api/v1/consents/import', { body: csv });
    assert.deepEqual([again.json.accepted, again.json.duplicates], [0, 3]);
    for (const bad of ['', 'email,colour\na,b', '"email']) {
      const status = (await api.request('POST', '/api/v1/consents/import', { body: bad })).status;
      assert.equal(status, 400);
    }
  });
});

describe('suppressions', () => {
  const find = async (query) => (await api.get(
    `/api/v1/suppressions?query=${encodeURIComponent(query)}`)).items;

  test('are added, found, forgotten and lifted', async () => {
    const added = await api.post('/api/v1/suppressions',
      { address: ' Sup@X.example ', reason: 'manual', detail: 'asked by phone' });
    assert.deepEqual([added.address, added.reason, added.source],
      ['sup@x.example', 'manual', 'api']);
    assert.equal((await find('sup@')).length, 1);
    await api.post('/api/v1/suppressions/forget', { address: 'sup@x.example' });
    const [hashed] = await find('sup@x.example');
    assert.equal(hashed.address, null);
    assert.match(hashed.hash, /^#[0-9a-f]{32}$/);
    assert.equal(hashed.reason, 'manual');
    const all = await api.request('GET', '/api/v1/suppressions?limit=1000');
    assert.ok(!all.text.includes('sup@x.example'));
    await api.post('/api/v1/suppressions/remove', { address: 'SUP@x.example' });
    assert.equal((await find('sup@x.example')).length, 0);
    assertProblem(await api.request('POST', '/api/v1/suppressions/remove',
      { body: { address: 'sup@x.example' } }), 404);
  });

  test('come from CSV and in pages', async () => {
    const rows = Array.from({ length: 25 }, (_, n) => `csv-${n}@x.example,bounced`);
    const answer = await api.request('POST', '/api/v1/suppressions/import',
      { body: ['address,reason', ...rows, 'x,bounced', 'y@x.example,because'].join('\n') });
    assert.deepEqual([answer.json.accepted, answer.json.refused], [25, 2]);
    assert.deepEqual(answer.json.rows.map(({ field }) => field), ['address', 'reason']);
    const listed = await api.all('/api/v1/suppressions?query=csv-', 7);
    assert.equal(new Set(listed.map(({ address }) => address)).size, 25);
    for (const [body, field] of [[{ address: '' }, 'address'], [{ address: 'x' }, 'address'],
      [{ address: 'a@b.co', reason: 'x' }, 'reason'], [{ address: 'a@b.co', channel: 'E' },
        'channel']]) {
      assertProblem(await api.request('POST', '/api/v1/suppressions', { body }), 400, { field });
    }
    assertProblem(await api.request('GET', '/api/v1/suppressions?cursor=%00'), 400,
      { field: 'cursor' });
  });
});

test('caps and quiet hours are settings that say what is wrong', async () => {
  const path = '/api/v1/settings/permission';
  const settings = {
    caps: [{ channel: 'email', limit: 3, window: '7d' }],
    quiet_hours: [{ start: '21:00', end: '08:00', mode: 'hold' }],
    over_cap: 'skip', max_hold_hours: 72, sender: '',
  };
  const before = await api.get(path);
  assert.deepEqual(await api.put(path, settings), settings);
  assert.deepEqual(await api.get(path), settings);
  for (const [change, field] of [
    [{ caps: [{ limit: 0, window: '7d' }] }, 'caps[0].limit'],
    [{ caps: [{ limit: 1, window: 'soon' }] }, 'caps[0].window'],
    [{ quiet_hours: [{ start: '25:00', end: '08:00', mode: 'hold' }] }, 'quiet_hours[0].start'],
    [{ over_cap: 'pray' }, 'over_cap'], [{ max_hold_hours: 0 }, 'max_hold_hours'],
    [{ sender: 'a\r\nBcc: x@y.z' }, 'sender']]) {
    assertProblem(await api.request('PUT', path, { body: { ...settings, ...change } }), 400,
      { field });
  }
  await api.put(path, before);
});

// The customer's own pages, and what is not sent because of what they say there.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Api, assertProblem } from '../lib/api.js';
import { identify, makeSegment, pathOf, plainTemplate, runCampaign } from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

let program;
let api;
let visitor;
let offers;
let news;
before(async () => {
  program = await Program.start();
  api = program.api;
  visitor = new Api(program.url);
  const titles = { 'zh-Hans': '每周优惠', 'zh-Hant': '每週優惠', vi: 'Ưu đãi <b>tuần</b>' };
  offers = await api.post('/api/v1/topics', {
    name: 'Weekly <offers>', titles, descriptions: { en: 'Prices & more', vi: 'Giá tốt' },
  });
  news = await api.post('/api/v1/topics', { name: 'News', default_consent: 'opt_out' });
  await api.post('/api/v1/topics', { name: 'Invoices', message_class: 'transactional' });
});
after(() => program?.remove());

let runs = 0;

/** Sends a campaign to one customer; answers its message. */
async function sendTo(user, { wait = true, topic } = {}) {
  const name = `run ${runs += 1}`;
  const segment = await makeSegment(api, name, { trait: 'user', op: 'eq', value: user });
  const campaign = await api.post('/api/v1/campaigns', {
    name,
    segment_id: segment.id,
    channel: 'email',
    from: 'Shop <hello@shop.example>',
    ...(topic && { topic: topic.id }),
    template: {
      ...plainTemplate,
      html: `${plainTemplate.html}<p><a href="{{ preferences_url }}">Preferences</a></p>`,
      text: 'Preferences: {{ preferences_url }}\n',
    },
  });
  if (wait) await runCampaign(api, campaign);
  else await api.post(`/api/v1/campaigns/${campaign.id}/start`);
  return until('its message', async () => {
    const [message] = await api.all(`/api/v1/messages?campaign_id=${campaign.id}`);
    return message && message.status !== 'queued' && message;
  });
}

async function customer(user, traits = {}) {
  await api.batch([identify(user, { user, email: `${user}@x.example`, ...traits })]);
  return api.customer('user_id', user);
}

const mailsTo = (address) => api.all(
  `/api/v1/sandbox/messages?to=${encodeURIComponent(address)}`);

/** The path of a customer's preferences, as a mail to them tells it. */
async function preferencesOf(user) {
  await sendTo(user);
  const [mail] = await mailsTo(`${user}@x.example`);
  return pathOf(/https?:\/\/\S+\/p\/[\w-]+/.exec(mail.text)[0]);
}

function post(path, fields) {
  return visitor.request('POST', path, {
    body: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Phone/1' },
  });
}

const page = (path, language) => visitor.request('GET', path,
  { headers: language ? { 'accept-language': language } : {} });

async function states(who) {
  const consent = await api.get(`/api/v1/customers/${who.id}/consent`);
  return Object.fromEntries(consent.states.map((s) => [s.topic_id, s.allowed]));
}

describe('the preference centre', () => {
  test('shows what may be chosen, in the language asked for, and runs no script', async () => {
    await customer('reader');
    const path = await preferencesOf('reader');
    const english = await page(path);
    assert.equal(english.status, 200);
    assert.match(english.text, /Weekly &lt;offers&gt;/);
    assert.match(english.text, /Prices &amp; more/);
    assert.ok(!english.text.includes('Invoices'));
    assert.ok(!/<script|javascript:| on\w+=/i.test(english.text));
    assert.match(english.headers.get('content-security-policy'), /default-src 'none'/);
    assert.equal(english.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(english.headers.get('cache-control'), 'no-store');
    for (const [accept, lang, words] of [['vi-VN', 'vi', 'Ưu đãi &lt;b&gt;tuần'],
      ['zh-TW,en;q=0.5', 'zh-Hant', '每週優惠'], ['fr,zh-CN;q=0.8', 'zh-Hans', '每周优惠']]) {
      const answer = await page(path, accept);
      assert.match(answer.text, new RegExp(`<html lang="${lang}">`));
      assert.ok(answer.text.includes(words), accept);
    }
    assert.match((await page(`${path}?lang=vi`)).text, /<html lang="vi">/);
    const data = await page(`${path}/data`);
    assert.match(data.text, /reader@x\.example/);
    assert.match(data.text, /Hello there/);
  });

  test('saves what is ticked, with proof, and only then', async () => {
    const who = await customer('saver');
    const path = await preferencesOf('saver');
    const before = await states(who);
    assert.deepEqual([before[offers.id], before[news.id]], [false, true]);
    for (const odd of ['?action=save', '?topic=x&action=unsubscribe_all']) await page(path + odd);
    assert.deepEqual(await states(who), before);

    const saved = await post(path, [['action', 'save'], ['topic', `${offers.id}:email`],
      ['frequency', 'weekly'], ['pause', '0'], ['language', 'vi']]);
    assert.equal(saved.status, 303);
    const shown = await page(saved.headers.get('location'));
    assert.match(shown.text, /role="status"/);
    assert.match(shown.text, /<html lang="vi">/);
    assert.match(shown.text, /value="weekly" checked/);
    const after = await states(who);
    assert.deepEqual([after[offers.id], after[news.id]], [true, false]);
    const { history } = await api.get(`/api/v1/customers/${who.id}/consent`);
    const given = history.find(({ status }) => status === 'given');
    assert.deepEqual([given.source, given.actor, given.text, given.address, given.language],
      ['preference_centre', 'customer', 'Giá tốt', 'saver@x.example', 'vi']);
    assert.equal(given.proof.user_agent, 'Phone/1');
    assert.equal((await api.customer('user_id', 'saver')).traits.language, 'vi');
    // At most weekly: the message that told the link was this week's.
    const message = await sendTo('saver');
    assert.deepEqual([message.status, message.reason],
      ['skipped', 'customer_frequency']);
    // Saving the same again says nothing new.
    const events = (await api.timeline(who)).length;
    await post(path, [['action', 'save'], ['topic', `${offers.id}:email`],
      ['frequency', 'weekly'], ['pause', '0'], ['language', 'vi']]);
    assert.equal((await api.timeline(who)).length, events);
  });

  test('pauses, and stops everything; agreeing again brings one topic back', async () => {
    const who = await customer('stopper');
    const path = await preferencesOf('stopper');
    await post(path, { action: 'save', topic: `${news.id}:email`, pause: '2', language: 'en' });
    assert.match((await page(path)).text, /Paused until/);
    let message = await sendTo('stopper');
    assert.deepEqual([message.status, message.reason], ['skipped', 'paused']);
    await post(path, { action: 'save', topic: `${news.id}:email`, pause: '0', language: 'en' });
    assert.equal((await sendTo('stopper')).status, 'sent');

    assert.equal((await post(path, { action: 'unsubscribe_all' })).status, 303);
    assert.ok(!Object.values(await states(who)).includes(true) || (await states(who))[news.id]
      === false);
    message = await sendTo('stopper');
    assert.equal(message.status, 'skipped');
    await customer('stopper', { email: 'elsewhere@x.example' });
    message = await sendTo('stopper');
    assert.deepEqual([message.status, message.reason], ['skipped', 'unsubscribed']);
    await post(path, { action: 'save', topic: `${news.id}:email`, pause: '0', language: 'en' });
    assert.equal((await states(who))[news.id], true);
  });

  test('changes the address when the new one confirms', async () => {
    const who = await customer('mover');
    const path = await preferencesOf('mover');
    assert.match((await page((await post(path, { action: 'change_address', address: 'no' }))
      .headers.get('location'))).text, /notice problem/);
    await post(path, { action: 'change_address', address: ' Moved@X.example ' });
    const mail = await until('the mail', async () => (await mailsTo('moved@x.example'))[0]);
    const link = pathOf(/https?:\/\/\S+\/a\/[\w-]+/.exec(mail.text)[0]);
    assert.equal((await page(link)).status, 200);
    assert.equal((await api.customer('user_id', 'mover')).traits.email, 'mover@x.example');
    assert.equal((await visitor.request('POST', link)).status, 200);
    const moved = await api.customer('user_id', 'mover');
    assert.deepEqual([moved.id, moved.traits.email], [who.id, 'moved@x.example']);
    assert.equal((await sendTo('mover')).address, 'moved@x.example');
    for (let i = 0; i < 5; ++i) {
      await post(path, { action: 'change_address', address: `m${i}@x.example` });
    }
    assert.ok((await mailsTo('m4@x.example')).length === 0);
  });

  test('answers a link that is none kindly, and changes nothing', async () => {
    await customer('victim');
    const path = await preferencesOf('victim');
    const token = path.slice(3);
    const swap = (at) => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A')
      + token.slice(at + 1);
    for (const bad of [swap(3), swap(20), swap(token.length - 3), token.slice(1), `${token}A`,
      token.slice(0, -1), 'A'.repeat(3_000), '%00', '..%2f']) {
      for (const method of ['GET', 'POST']) {
        const answer = await visitor.request(method, `/p/${bad}`,
          { body: method === 'POST' ? 'action=unsubscribe_all' : undefined });
        assert.ok([400, 404].includes(answer.status), `${method} ${bad}: ${answer.status}`);
        if (answer.status === 404) assert.ok(!answer.text.includes('victim'));
      }
    }
    assert.match((await page(`/p/${swap(9)}`, 'vi')).text, /<html lang="vi">/);
    assertProblem(await post(path, { action: 'drop tables' }), 400, { field: 'action' });
    assertProblem(await post(path, { action: 'save', x: 'y'.repeat(70_000) }), 413);
    assert.equal((await post(path, [['action', 'save'], ...Array.from({ length: 5_000 },
      (_, n) => ['topic', `${n}`])])).status, 303);
    assert.equal((await sendTo('victim')).status, 'sent');
  });
});

test('the unsubscribe page shows the way to the preferences', async () => {
  const who = await customer('leaver');
  await sendTo('leaver');
  const [mail] = await mailsTo('leaver@x.example');
  const unsubscribe = pathOf(/<(https?:[^>]+)>/.exec(
    mail.raw.replace(/\r?\n[ \t]+/g, ' ').match(/^list-unsubscribe:.*$/im)[0])[1]);
  assert.match((await page(unsubscribe, 'zh-CN')).text, /href="\/p\//);
  const done = await visitor.request('POST', unsubscribe,
    { body: 'List-Unsubscribe=One-Click',
      headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  assert.equal(done.status, 200);
  assert.equal((await states(who)).all, false);
  assert.equal((await sendTo('leaver')).status, 'skipped');
});

test('a message about a topic goes to who wants it; its link refuses that topic', async () => {
  const who = await customer('topical');
  const refused = await sendTo('topical', { topic: offers });
  assert.deepEqual([refused.status, refused.reason], ['skipped', 'no_consent']);
  await api.post(`/api/v1/customers/${who.id}/consent`, {
    topic_id: offers.id, status: 'given', source: 'phone', proof: { note: 'call 7' },
  });
  assert.equal((await sendTo('topical', { topic: offers })).status, 'sent');
  const [mail] = await mailsTo('topical@x.example');
  const unsubscribe = pathOf(/<(https?:[^>]+)>/.exec(
    mail.raw.replace(/\r?\n[ \t]+/g, ' ').match(/^list-unsubscribe:.*$/im)[0])[1]);
  for (let i = 0; i < 2; ++i) {
    assert.equal((await visitor.request('POST', unsubscribe)).status, 200);
  }
  const consent = await api.get(`/api/v1/customers/${who.id}/consent`);
  assert.deepEqual(consent.history.map(({ status, source }) => [status, source]),
    [['withdrawn', 'unsubscribe_link'], ['given', 'phone']]);
  const after = await sendTo('topical', { topic: offers });
  assert.deepEqual([after.status, after.reason], ['skipped', 'unsubscribed']);
  assert.equal((await sendTo('topical', { topic: news })).status, 'sent');
  const listed = await api.all('/api/v1/messages?reason=no_consent');
  assert.ok(listed.some(({ id }) => id === refused.id));
  assert.ok(listed.every(({ reason }) => reason === 'no_consent'));
  assertProblem(await api.request('POST', '/api/v1/campaigns', { body: {
    name: 'x', segment_id: 'seg_0000000000001', channel: 'email', from: 'a@b.example',
    topic: 'top_0000000009999', template: plainTemplate } }), 400);
});

describe('restraint', () => {
  const path = '/api/v1/settings/permission';
  const change = async (settings) => api.put(path, { ...(await api.get(path)), ...settings });
  after(() => change({ caps: [], quiet_hours: [] }));

  test('a cap counts what was sent before it was made', async () => {
    await customer('capped');
    assert.equal((await sendTo('capped')).status, 'sent');
    await change({ caps: [{ channel: 'email', limit: 2, window: '1d' }] });
    assert.equal((await sendTo('capped')).status, 'sent');
    const third = await sendTo('capped');
    assert.deepEqual([third.status, third.reason], ['skipped', 'frequency_cap']);
    const who = await api.customer('user_id', 'capped');
    const skipped = (await api.timeline(who)).find(({ name }) => name === 'Message Skipped');
    assert.equal(skipped.properties.reason, 'frequency_cap');
    await change({ caps: [] });
  });

  test('quiet hours hold a message until they end where the recipient is', async () => {
    const zone = '+05:45';
    await customer('sleeper', { timezone: zone });
    const local = (minutes) => new Date(Date.now() + (345 + minutes) * 60_000).toISOString()
      .slice(11, 16);
    await change({ quiet_hours: [{ start: local(-120), end: local(90), mode: 'hold' }] });
    const held = await sendTo('sleeper', { wait: false });
    assert.deepEqual([held.status, held.reason], ['held', 'quiet_hours']);
    const who = await api.customer('user_id', 'sleeper');
    const event = (await api.timeline(who)).find(({ name }) => name === 'Message Held');
    const wait = (Date.parse(event.properties.retry_at) - Date.now()) / 60_000;
    assert.ok(wait > 88 && wait < 91, `${wait} minutes`);
    await change({ quiet_hours: [{ start: local(-120), end: local(90), mode: 'drop' }] });
    const dropped = await sendTo('sleeper');
    assert.deepEqual([dropped.status, dropped.reason], ['skipped', 'quiet_hours']);
    await change({ quiet_hours: [] });
  });

  test('suppression wins', async () => {
    await customer('blocked');
    await api.post('/api/v1/suppressions', { address: 'blocked@x.example', reason: 'complained' });
    await api.post('/api/v1/suppressions/forget', { address: 'blocked@x.example' });
    const message = await sendTo('blocked');
    assert.deepEqual([message.status, message.reason], ['skipped', 'suppressed']);
    assert.equal((await mailsTo('blocked@x.example')).length, 0);
  });
});

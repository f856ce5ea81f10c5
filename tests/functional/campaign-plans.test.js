// What a campaign's plan does, through the API: times, pauses, audiences, variants, control groups,
// goals, triggers, and single messages.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Api, assertProblem } from '../lib/api.js';
import { identify, linksOf, makeSegment, pathOf, plainTemplate, track } from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

let program;
let api;
before(async () => {
  program = await Program.start();
  api = program.api;
});
after(() => program?.remove());

const template = { subject: 'Hi', html: '<a href="https://shop.example/x">x</a>', text: 'hi' };

/** People under one tag, and the segment of them. */
async function audience(tag, count, traits = () => ({})) {
  await api.batch(Array.from({ length: count }, (_, n) => identify(`${tag}-${n}`, {
    tag, email: `${tag}-${n}@x.example`, ...traits(n),
  })));
  return makeSegment(api, tag, { trait: 'tag', op: 'eq', value: tag });
}

function plan(segment, more = {}) {
  return {
    name: 'Plan', segment_id: segment.id, channel: 'email', from: 'Shop <a@shop.example>',
    template, ...more,
  };
}

const create = (segment, more) => api.post('/api/v1/campaigns', plan(segment, more));
const act = (campaign, action, body) =>
  api.post(`/api/v1/campaigns/${campaign.id}/${action}`, body);
const get = (campaign) => api.get(`/api/v1/campaigns/${campaign.id}`);
const report = (campaign) => api.get(`/api/v1/campaigns/${campaign.id}/report`);
const reach = (campaign, status) => until(`status ${status}`, async () => {
  const now = await get(campaign);
  return now.status === status && now;
}, { timeoutMs: 30_000 });
const inSandbox = (address) =>
  api.all(`/api/v1/sandbox/messages?to=${encodeURIComponent(address)}`);

describe('when it goes', () => {
  test('a scheduled one waits for its time, a restart between', async () => {
    const segment = await audience('later', 2);
    const at = new Date(Date.now() + 2500).toISOString();
    const campaign = await create(segment, { kind: 'scheduled', schedule: { at } });
    const started = await act(campaign, 'start');
    assert.equal(started.status, 'scheduled');
    assert.equal(started.next_run_at, at);
    await program.kill();
    await program.start();
    api = program.api;
    const done = await reach(campaign, 'done');
    assert.equal(done.sent, 2);
    assert.ok(done.finished_at >= at, `${done.finished_at} ${at}`);
  });

  test('at the local hour of each', async () => {
    const zones = ['Pacific/Kiritimati', 'Pacific/Pago_Pago', '-11:00'];
    const segment = await audience('zones', 3, (n) => ({ timezone: zones[n] }));
    // An hour ago in Kiritimati: it is over there, and far ahead in Pago Pago, with or without its
    // name.
    const local = new Date(Date.now() + 13 * 3600_000).toISOString().slice(0, 16);
    const campaign = await create(segment,
      { kind: 'scheduled', schedule: { local_time: local, when_passed: 'send_now' } });
    await act(campaign, 'start');
    await until('the first', async () => (await get(campaign)).sent === 1);
    const messages = await api.all(`/api/v1/messages?campaign_id=${campaign.id}`);
    const waiting = messages.filter((message) => message.status === 'queued');
    const there = new Date(Date.parse(`${local}Z`) + 11 * 3600_000).toISOString().slice(0, 16);
    assert.deepEqual(waiting.map((message) => message.planned_at.slice(0, 16)), [there, there]);
    await act(campaign, 'cancel');
    const end = await until('the rest to be skipped', async () => {
      const now = await get(campaign);
      return now.skipped === 2 && now;
    });
    assert.deepEqual([end.status, end.sent], ['cancelled', 1]);
  });

  test('a recurring one tells its next time and its runs', async () => {
    const campaign = await create(await audience('often', 1), {
      kind: 'recurring', schedule: { rule: 'FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0' },
    });
    const started = await act(campaign, 'start');
    assert.equal(started.status, 'scheduled');
    assert.equal(new Date(started.next_run_at).getUTCDay(), 1);
    const runs = await api.get(`/api/v1/campaigns/${campaign.id}/runs`);
    assert.deepEqual(runs.items.map(({ run, status }) => [run, status]), [[1, 'planned']]);
    await act(campaign, 'cancel');
  });
});

describe('pause, resume, cancel', () => {
  test('a throttled campaign in the middle of it, and a kill', async () => {
    const campaign = await create(await audience('slow', 40), { throttle_per_minute: 600 });
    await act(campaign, 'start');
    await until('some', async () => (await get(campaign)).sent >= 3, { everyMs: 5 });
    assert.equal((await act(campaign, 'pause')).status, 'paused');
    await program.kill();
    await program.start();
    api = program.api;
    const paused = await get(campaign);
    assert.equal(paused.status, 'paused');
    assert.ok(paused.sent < 40);
    assertProblem(await api.request('POST', `/api/v1/campaigns/${campaign.id}/pause`), 409);
    await act(campaign, 'resume');
    const done = await reach(campaign, 'done');
    assert.equal(done.sent, 40);
    const counts = await report(campaign);
    assert.ok(counts.possible_repeats <= 8, `${counts.possible_repeats}`);
    assertProblem(await api.request('POST', `/api/v1/campaigns/${campaign.id}/cancel`), 409);
  });

  test('cancelled: what waits is skipped with the reason', async () => {
    const campaign = await create(await audience('stop', 30), { throttle_per_minute: 60 });
    await act(campaign, 'start');
    await until('the audience', async () => (await get(campaign)).audience === 30);
    await act(campaign, 'cancel');
    const end = await until('everybody to have an outcome', async () => {
      const now = await get(campaign);
      return now.sent + now.skipped === 30 && now;
    });
    assert.equal(end.status, 'cancelled');
    const skipped = await api.all(
      `/api/v1/messages?campaign_id=${campaign.id}&status=skipped&reason=cancelled`);
    assert.equal(skipped.length, end.skipped);
    assertProblem(await api.request('POST', `/api/v1/campaigns/${campaign.id}/resume`), 409);
  });
});

describe('who receives it', () => {
  test('several segments, one left out', async () => {
    const one = await audience('one', 3);
    const two = await audience('two', 3);
    await api.batch([identify('two-0', { vip: true })]);
    const vip = await makeSegment(api, 'vip', { trait: 'vip', op: 'eq', value: true });
    const campaign = await create(one, {
      recipients: { segments: [one.id, two.id], exclude_segments: [vip.id] },
    });
    await act(campaign, 'start');
    assert.equal((await reach(campaign, 'done')).sent, 5);
    assertProblem(await api.request('DELETE', `/api/v1/segments/${vip.id}`), 409);
  });

  test('evergreen: who comes later gets it too, once', async () => {
    const segment = await audience('ever', 2);
    const campaign = await create(segment, {
      recipients: { segments: [segment.id], mode: 'evergreen' },
    });
    await act(campaign, 'start');
    await until('the first two', async () => (await get(campaign)).sent === 2);
    await api.batch([identify('ever-new', { tag: 'ever', email: 'ever-new@x.example' })]);
    await until('the third', async () => (await get(campaign)).sent === 3, { timeoutMs: 20_000 });
    assert.equal((await get(campaign)).status, 'sending');
    assert.equal((await inSandbox('ever-0@x.example')).length, 1);
    await act(campaign, 'cancel');
  });
});

test('variants, control group, goal, machines, links, export', async () => {
  await api.put('/api/v1/control-group', { percent: 5 });
  const segment = await audience('lab', 60);
  const campaign = await create(segment, {
    experiment: {
      variants: [
        { name: 'Short', share: 50, template: { ...template, subject: 'S' } },
        { name: 'Long', share: 50, template: { ...template, subject: 'L' } },
      ],
    },
    control_percent: 20,
    goal: {
      event: 'Order Completed', where: [{ property: 'total', op: 'gt', value: 10 }],
      window_hours: 24, value_property: 'total',
    },
  });
  await act(campaign, 'start');
  const done = await reach(campaign, 'done');
  assert.equal(done.sent + done.withheld, 60);
  assert.ok(done.withheld >= 3 && done.withheld <= 30, `${done.withheld}`);
  const messages = await api.all(`/api/v1/messages?campaign_id=${campaign.id}`);
  for (const message of messages) {
    if (message.status === 'withheld') assert.ok(['control', 'holdout'].includes(message.variant));
    else assert.equal(message.subject, { a: 'S', b: 'L' }[message.variant]);
  }
  const sent = messages.filter((message) => message.status === 'sent');
  const visitor = new Api(program.url);
  const links = linksOf((await inSandbox(sent[0].address))[0]);
  // Apple's privacy proxy loads the image; a scanner follows the link; then a person does both.
  const follow = (url, agent) => visitor.request('GET', pathOf(url), {
    headers: { 'user-agent': agent },
  });
  await follow(links.open, 'Mozilla/5.0');
  assert.equal((await follow(links.click, 'Barracuda Sentinel')).status, 302);
  await until('the machines', async () => {
    const now = await report(campaign);
    return now.machine_opened === 1 && now.machine_clicked === 1 && now.opened === 0
      && now.clicked === 0;
  });
  await follow(links.open, 'Mozilla/5.0 (X11; Linux) Chrome/126.0');
  await follow(links.click, 'Mozilla/5.0 (X11; Linux) Chrome/126.0');
  await api.batch([
    track('lab-0', 'Order Completed', { total: 20 }),
    track('lab-1', 'Order Completed', { total: 5 }),
    track('lab-2', 'Order Completed', { total: 30 }),
  ]);
  const end = await until('the person', async () => {
    const now = await report(campaign);
    return now.opened === 1 && now.clicked === 1 && now.converted === 2 && now;
  });
  assert.deepEqual([end.sent, end.waiting, end.conversions, end.revenue], [done.sent, 0, 2, 50]);
  assert.deepEqual(end.links, [
    { url: 'https://shop.example/x', people: 1, clicks: 1, machine_clicks: 1 }]);
  assert.deepEqual(end.variants.map(({ variant }) => variant).slice(0, 2), ['a', 'b']);
  assert.equal(end.lift.treated + end.lift.control, 60);
  assert.ok(end.lift.difference_low <= end.lift.difference
    && end.lift.difference <= end.lift.difference_high);
  assert.equal(end.hours.reduce((sum, hour) => sum + hour.sent, 0), done.sent);

  const csv = await api.request('GET', `/api/v1/campaigns/${campaign.id}/recipients.csv`);
  assert.match(csv.headers.get('content-type'), /text\/csv/);
  const lines = csv.text.trim().split('\r\n');
  assert.equal(lines.length, 61);
  assert.match(lines[0], /^message_id,customer_id,address,status/);

  const again = await act(campaign, 'resend', { subject: 'Once more' });
  assert.equal(again.resend_of, campaign.id);
  await act(again, 'start');
  assert.equal((await reach(again, 'done')).audience, done.sent - 1);
  await api.put('/api/v1/control-group', { percent: 0 });
});

describe('asked for one by one', () => {
  test('a triggered campaign with data, once a key', async () => {
    await audience('code', 2);
    const campaign = await api.post('/api/v1/campaigns', {
      name: 'Code', kind: 'triggered', channel: 'email', from: 'a@shop.example',
      class: 'transactional',
      template: { subject: 'Code {{ data.code }}', text: 'Hi {{ customer.traits.tag }}' },
    });
    const path = `/api/v1/campaigns/${campaign.id}/trigger`;
    const body = {
      recipients: [{ user_id: 'code-0', data: { code: 'A1' } }, { email: 'code-1@x.example' }],
      data: { code: 'B2' },
    };
    assertProblem(await api.request('POST', path, { body }), 409);
    await act(campaign, 'start');
    const headers = { 'idempotency-key': 'trigger-1' };
    const first = await api.request('POST', path, { body, headers });
    assert.equal(first.status, 202, first.text);
    assert.equal((await api.request('POST', path, { body, headers })).text, first.text);
    assertProblem(await api.request('POST', path,
      { body: { recipients: [{ user_id: 'code-1' }] }, headers }), 409);
    await until('both', async () => (await get(campaign)).sent === 2);
    assert.equal((await inSandbox('code-0@x.example'))[0].subject, 'Code A1');
    assert.equal((await inSandbox('code-1@x.example'))[0].subject, 'Code B2');
    assertProblem(await api.request('POST', path, { body: { recipients: [] } }), 400,
      { field: 'recipients' });
    assertProblem(await api.request('POST', path,
      { body: { recipients: [{ user_id: 'nobody' }] } }), 400, { field: 'recipients[0].user_id' });
  });

  test('a transactional message to an address nobody had', async () => {
    const body = {
      to: { email: 'Fresh@X.example' }, from: 'Shop <a@shop.example>',
      template: { ...plainTemplate, subject: 'Receipt {{ data.number }}' }, data: { number: 7 },
    };
    const headers = { 'idempotency-key': 'receipt-7' };
    const answers = await Promise.all([1, 2, 3].map(() =>
      api.request('POST', '/api/v1/messages', { body, headers })));
    for (const answer of answers) assert.equal(answer.status, 202, answer.text);
    const { id, customer_id: customer } = answers[0].json;
    assert.equal(new Set(answers.map((answer) => answer.json.id)).size, 1);
    assertProblem(await api.request('POST', '/api/v1/messages',
      { body: { ...body, data: { number: 8 } }, headers }), 409);
    const message = await until('it to be sent', async () => {
      const now = await api.get(`/api/v1/messages/${id}`);
      return now.status === 'sent' && now;
    });
    assert.deepEqual([message.address, message.subject, message.customer_id],
      ['fresh@x.example', 'Receipt 7', customer]);
    assert.equal((await inSandbox('fresh@x.example')).length, 1);
    assert.equal((await api.customer('email', 'fresh@x.example')).id, customer);
    await program.kill();
    await program.start();
    api = program.api;
    const later = await api.request('POST', '/api/v1/messages', { body, headers });
    assert.equal(later.json.id, id);
    assert.equal((await inSandbox('fresh@x.example')).length, 1);
  });

  const good = { to: { email: 'a@x.example' }, from: 'a@shop.example', template };
  const cases = {
    'two names': [{ to: { email: 'a@x.example', user_id: 'u' } }, 'to'],
    'no name': [{ to: {} }, 'to'],
    'no address': [{ to: { email: 'nobody' } }, 'to.email'],
    'two lines in the address': [{ to: { email: 'a@x.example\r\nBcc: b@x.example' } }, 'to.email'],
    'two lines in from': [{ from: 'a@shop.example\r\nBcc: b@x.example' }, 'from'],
    'no template': [{ template: undefined }, 'template'],
    'a template that is none': [{ template: { ...template, html: '{% for %}' } }, 'template.html'],
    'a template nobody has': [{ template: undefined, template_id: 'tpl_x' }, 'template_id'],
    'data that is no object': [{ data: [1] }, 'data'],
  };
  for (const [name, [change, field]] of Object.entries(cases)) {
    test(`refused: ${name}`, async () => {
      const answer = await api.request('POST', '/api/v1/messages',
        { body: { ...good, ...change } });
      assert.ok([400, 422].includes(answer.status), answer.text);
      assertProblem(answer, answer.status, { field });
    });
  }
});

describe('malformed plans name the field', () => {
  const variants = (...shares) => shares.map((share) => ({ share, template }));
  const cases = {
    'a kind nobody knows': [{ kind: 'sometimes' }, 'kind'],
    'a time without a kind': [{ schedule: { at: '2030-01-01T00:00:00Z' } }, 'kind'],
    'scheduled for no time': [{ kind: 'scheduled' }, 'schedule.at'],
    'a local time that is none': [
      { kind: 'scheduled', schedule: { local_time: 'nine' } }, 'schedule.local_time'],
    'a rule that is none': [
      { kind: 'recurring', schedule: { rule: 'FREQ=NEVER' } }, 'schedule.rule'],
    'a list nobody has': [{ recipients: { lists: ['lst_x'] } }, 'recipients.lists'],
    'a negative throttle': [{ throttle_per_minute: -1 }, 'throttle_per_minute'],
    'a control group of all': [{ control_percent: 100 }, 'control_percent'],
    'shares beyond a hundred': [{ experiment: { variants: variants(60, 60) } },
      'experiment.variants'],
    'one variant': [{ experiment: { variants: variants(99) } }, 'experiment.variants'],
    'a part tested without a winner': [
      { experiment: { variants: variants(50, 50), test_percent: 10 } }, 'experiment.winner'],
    'a winner by a goal that is not there': [
      { experiment: { variants: variants(50, 50), winner: 'conversion' } }, 'goal'],
    'a goal without an event': [{ goal: { event: '' } }, 'goal.event'],
    'a goal with a strange filter': [
      { goal: { event: 'E', where: [{ property: 'x', op: 'like', value: 1 }] } },
      'goal.where[0].op'],
  };
  for (const [name, [change, field]] of Object.entries(cases)) {
    test(name, async () => {
      const segment = await makeSegment(api, name, { trait: 'tag', op: 'eq', value: 'x' });
      const answer = await api.request('POST', '/api/v1/campaigns',
        { body: plan(segment, change) });
      assert.ok([400, 404, 422].includes(answer.status), answer.text);
      assertProblem(answer, answer.status, { field });
    });
  }
});

// The lists behind the numbers: campaigns by status, the recipients behind every figure of a
// report, all messages of a workspace newest first, and what each of them said.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertProblem } from '../lib/api.js';
import {
  identify, linksOf, makeCampaign, makeSegment, pathOf, plainTemplate, runCampaign, track,
} from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

let program;
let api;
before(async () => {
  program = await Program.start();
  api = program.api;
});
after(() => program?.remove());

async function audience(tag, count) {
  await api.batch(Array.from({ length: count }, (_, n) => identify(`${tag}-${n}`, {
    tag, email: n === 0 && tag === 'numbers' ? '' : `${tag}-${n}@x.example`, first_name: tag,
  })));
  return makeSegment(api, tag, { trait: 'tag', op: 'eq', value: tag });
}

const visit = (url, headers = {}) =>
  api.as(null).request('GET', pathOf(url), { headers });
const ids = (items) => items.map((item) => item.id);

describe('campaigns by status', () => {
  test('each is listed under the status it shows, in pages', async () => {
    const segment = await audience('states', 2);
    const far = new Date(Date.now() + 86_400_000).toISOString();
    const make = (name, more = {}) => api.post('/api/v1/campaigns', {
      name, segment_id: segment.id, channel: 'email', from: 'Shop <a@shop.example>',
      template: plainTemplate, ...more,
    });
    const act = (campaign, action) => api.post(`/api/v1/campaigns/${campaign.id}/${action}`);
    const drafts = [];
    for (const n of [1, 2, 3]) drafts.push(await make(`draft ${n}`));
    const later = { kind: 'scheduled', schedule: { at: far } };
    const scheduled = await make('scheduled', later);
    await act(scheduled, 'start');
    const paused = await make('paused', later);
    await act(paused, 'start');
    await act(paused, 'pause');
    const cancelled = await make('cancelled', later);
    await act(cancelled, 'start');
    await act(cancelled, 'cancel');
    const done = await runCampaign(api, await make('done'));

    const listed = (status, size) => api.all(`/api/v1/campaigns?status=${status}`, size);
    assert.deepEqual(ids(await listed('draft', 1)), ids(drafts).reverse());
    assert.deepEqual(ids(await listed('scheduled', 1)), [scheduled.id]);
    assert.deepEqual(ids(await listed('paused')), [paused.id]);
    assert.deepEqual(ids(await listed('cancelled')), [cancelled.id]);
    assert.deepEqual(ids(await listed('done')), [done.id]);
    assert.deepEqual(ids(await listed('done,scheduled', 1)), [done.id, scheduled.id]);
    assert.deepEqual(await listed('sending'), []);
    assert.equal((await api.all('/api/v1/campaigns', 2)).length, 7);
    for (const status of ['nonsense', 'draft,', 'draft,nonsense']) {
      assertProblem(await api.request('GET', `/api/v1/campaigns?status=${status}`), 400);
    }
  });
});

describe('recipients behind a number', () => {
  test('as many as the figure says, and they', async () => {
    const segment = await audience('numbers', 60);
    const draft = await api.post('/api/v1/campaigns', {
      name: 'Numbers', segment_id: segment.id, channel: 'email', from: 'Shop <a@shop.example>',
      template: plainTemplate, control_percent: 20,
      goal: { event: 'Bought', window_hours: 24 },
      experiment: { variants: [{ share: 50, template: plainTemplate },
        { share: 50, template: plainTemplate }] },
    });
    await runCampaign(api, draft);
    const mails = (await api.all('/api/v1/sandbox/messages'))
      .filter((mail) => mail.to.startsWith('numbers-'));
    assert.ok(mails.length > 20, `${mails.length}`);
    const links = mails.map(linksOf);
    for (const link of links.slice(0, 9)) await visit(link.open);
    for (const link of links.slice(3, 7)) await visit(link.click);
    await visit(links[7].unsubscribe);
    const apple = { 'user-agent': 'Mozilla/5.0' };
    await visit(links[12].open, apple);
    await visit(links[4].open, apple);
    const buyer = mails[5].to.split('@')[0];
    await api.batch([track(buyer, 'Bought', {})]);
    await api.as(null).request('POST', pathOf(links[8].unsubscribe), {
      body: 'List-Unsubscribe=One-Click',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });

    const report = await until('the figures to be there', async () => {
      const now = await api.get(`/api/v1/campaigns/${draft.id}/report`);
      return now.opened === 9 && now.clicked === 4 && now.machine_opened === 2
        && now.converted >= 1 && now.unsubscribed >= 1 && now;
    });
    assert.ok(report.withheld > 0 && report.skipped > 0);
    const behind = (query) =>
      api.all(`/api/v1/messages?campaign_id=${draft.id}&${query}`, 7);
    for (const figure of ['queued', 'waiting', 'sent', 'delivered', 'bounced', 'complained',
      'failed', 'skipped', 'withheld', 'opened', 'machine_opened', 'clicked', 'machine_clicked',
      'unsubscribed', 'replied', 'converted']) {
      const list = await behind(`outcome=${figure}`);
      assert.equal(list.length, report[figure], figure);
      const newest = await behind(`outcome=${figure}&order=newest`);
      assert.deepEqual(ids(newest).sort(), ids(list).sort(), figure);
    }
    const opened = await behind('outcome=opened');
    assert.deepEqual(new Set(opened.map((m) => m.address)),
      new Set(mails.slice(0, 9).map((mail) => mail.to)));
    assert.ok(opened.some((m) => m.status === 'clicked'));
    for (const variant of report.variants) {
      for (const figure of ['sent', 'opened', 'withheld']) {
        const list = await behind(`variant=${variant.variant}&outcome=${figure}`);
        assert.equal(list.length, variant[figure], `${variant.variant} ${figure}`);
      }
    }
    for (const { url, people } of report.links) {
      assert.equal((await behind(`link=${encodeURIComponent(url)}`)).length, people, url);
    }
    for (const { reason, count } of report.reasons) {
      assert.equal((await behind(`reason_is=${encodeURIComponent(reason)}`)).length, count);
    }
    assert.equal((await behind('run=1')).length, report.queued + report.withheld);
    assert.equal((await behind('run=2')).length, 0);
    for (const bad of ['outcome=nonsense', 'variant=zz', 'run=x', 'order=up', 'kind=x',
      'from=x', 'until=x', 'cursor=x', 'order=newest&cursor=1.x']) {
      assertProblem(await api.request('GET', `/api/v1/messages?${bad}`), 400);
    }
    assertProblem(await api.request('GET', '/api/v1/messages?outcome=converted'), 400);
  });
});

describe('all messages', () => {
  test('newest first, by kind, channel and time, in pages', async () => {
    const segment = await audience('newest', 5);
    const campaign = await runCampaign(api, await makeCampaign(api, segment));
    const since = new Date().toISOString();
    const singles = [];
    for (const n of [1, 2, 3]) {
      singles.push(await api.post('/api/v1/messages', {
        to: { email: `single-${n}@x.example` }, from: 'Shop <a@shop.example>',
        template: { subject: 'Receipt {{ data.n }}', text: 'No. {{ data.n }}' }, data: { n },
      }));
    }
    const last = singles.at(-1);
    await until('the last to be sent', async () =>
      (await api.get(`/api/v1/messages/${last.id}`)).status !== 'queued');
    const all = await api.all('/api/v1/messages?order=newest', 3);
    assert.deepEqual(ids(all.slice(0, 3)), ids(singles).reverse());
    assert.ok(all.slice(3, 8).every((message) => message.campaign_id === campaign.id));
    assert.equal(new Set(ids(all)).size, all.length);
    const list = (query) => api.all(`/api/v1/messages?order=newest&${query}`, 2);
    assert.equal((await list('kind=single')).length, 3);
    assert.equal((await list('kind=campaign')).length, all.length - 3);
    assert.equal((await list('channel=email')).length, all.length);
    assert.equal((await list('channel=pigeon')).length, 0);
    assert.deepEqual(ids(await list(`from=${since}`)), ids(singles).reverse());
    assert.equal((await list(`until=${since}`)).length, all.length - 3);
    assert.deepEqual(ids(await list(`customer_id=${last.customer_id}`)), [last.id]);
  });

  test('what a message said: as the sandbox kept it', async () => {
    const segment = await audience('content', 1);
    const campaign = await runCampaign(api, await makeCampaign(api, segment));
    const [message] = await api.all(`/api/v1/messages?campaign_id=${campaign.id}`);
    const content = await api.get(`/api/v1/messages/${message.id}/content`);
    assert.equal(content.source, 'kept');
    assert.equal(content.subject, 'Hello content');
    assert.match(content.html, /Hi content/);
    assert.equal(content.to, 'content-0@x.example');
    assert.equal(content.as_of, null);
    for (const id of ['msg_1', 'nonsense']) {
      assertProblem(await api.request('GET', `/api/v1/messages/${id}/content`), 404);
    }
  });

  test('what it said, rendered again where nothing is kept', async () => {
    // One that never left, of a program that has never seen it in a mailbox.
    await api.put('/api/v1/providers/email',
      { type: 'smtp', host: '127.0.0.1', port: 9, security: 'none' });
    const single = await api.post('/api/v1/messages', {
      to: { email: 'held@x.example' }, from: 'Shop <a@shop.example>',
      template: { subject: 'Receipt {{ data.n }}', html: '<b>No. {{ data.n }}</b>' },
      data: { n: 77 },
    });
    const content = await until('the content', async () => {
      const answer = await api.request('GET', `/api/v1/messages/${single.id}/content`);
      return answer.status === 200 && answer.json;
    });
    assert.equal(content.source, 'rendered');
    assert.equal(content.subject, 'Receipt 77');
    assert.match(content.html, /No\. 77/);
    assert.match(content.html, /#unsubscribe/);
    assert.doesNotMatch(content.html, /\/t\/[a-z]+\//);
    assert.ok(content.as_of);
    await api.put('/api/v1/providers/email', { type: 'sandbox' });
  });
});

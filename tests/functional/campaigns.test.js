// A campaign from draft to done in the sandbox, and what its signed links do.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Api, assertProblem } from '../lib/api.js';
import {
  identify, linksOf, makeCampaign, makeSegment, pathOf, plainTemplate, runCampaign, track,
} from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

let program;
let api;
let visitor;
before(async () => {
  program = await Program.start();
  api = program.api;
  visitor = new Api(program.url);
});
after(() => program?.remove());

const trait = (name, value) => ({ trait: name, op: 'eq', value });
const nameOf = (event) => event.name;

/** People with e-mail addresses under one tag, and the segment of them. */
async function audience(tag, count) {
  await api.batch(Array.from({ length: count }, (_, index) => identify(`${tag}-${index}`, {
    tag, email: `${tag}-${index}@x.example`, first_name: `Tên ${index}`,
  })));
  return makeSegment(api, tag, trait('tag', tag));
}

/** One sandbox message to one address. */
async function sandboxMessage(address) {
  const items = await api.all(`/api/v1/sandbox/messages?to=${encodeURIComponent(address)}`);
  assert.equal(items.length, 1, `messages to ${address}`);
  return items[0];
}

describe('life of a campaign', () => {
  test('draft, start, one message each, done', async () => {
    const segment = await audience('life', 12);
    const draft = await makeCampaign(api, segment, { name: 'Đợt một' });
    assert.match(draft.id, /^cmp_/);
    assert.equal(draft.status, 'draft');
    assert.equal(draft.segment_id, segment.id);
    const done = await runCampaign(api, draft);
    assert.equal(done.audience, 12);
    assert.equal(done.sent, 12);
    assert.equal(done.failed + done.skipped + done.opened + done.clicked, 0);
    assert.ok(done.started_at && done.finished_at);

    const messages = await api.all(`/api/v1/messages?campaign_id=${draft.id}`, 5);
    assert.equal(messages.length, 12);
    assert.equal(new Set(messages.map((message) => message.address)).size, 12);
    for (const message of messages) {
      assert.equal(message.status, 'sent');
      assert.equal(message.channel, 'email');
      assert.deepEqual(message.history.map((entry) => entry.status), ['queued', 'sent']);
    }
    const received = await sandboxMessage('life-3@x.example');
    assert.equal(received.subject, 'Hello Tên 3');
    assert.match(received.html, /Hi Tên 3/);
    assert.match(received.text, /Hi Tên 3/);
    const events = (await api.timeline(await api.customer('user_id', 'life-3'))).map(nameOf);
    assert.ok(events.includes('Message Sent'), events.join());
  });

  test('started twice, at once or after, it still sends once', async () => {
    const draft = await makeCampaign(api, await audience('twice', 3));
    const answers = await Promise.all([1, 2, 3, 4].map(
      () => api.request('POST', `/api/v1/campaigns/${draft.id}/start`)));
    assert.equal(answers.filter(({ status }) => status === 202).length, 1);
    assert.equal(answers.filter(({ status }) => status === 409).length, 3);
    await until('done', async () =>
      (await api.get(`/api/v1/campaigns/${draft.id}`)).status === 'done');
    assertProblem(await api.request('POST', `/api/v1/campaigns/${draft.id}/start`), 409);
    for (const n of [0, 1, 2]) await sandboxMessage(`twice-${n}@x.example`);
  });

  test('a draft can be changed and removed, a started one cannot', async () => {
    const segment = await audience('edit', 1);
    const draft = await makeCampaign(api, segment);
    const body = {
      name: 'New name', segment_id: segment.id, channel: 'email', from: 'a@shop.example',
      template: { ...plainTemplate, subject: 'New subject' },
    };
    assert.equal((await api.put(`/api/v1/campaigns/${draft.id}`, body)).name, 'New name');
    const other = await makeCampaign(api, segment);
    await api.call('DELETE', `/api/v1/campaigns/${other.id}`, undefined, [200, 204]);
    assertProblem(await api.request('GET', `/api/v1/campaigns/${other.id}`), 404);
    await runCampaign(api, draft);
    assert.equal((await sandboxMessage('edit-0@x.example')).subject, 'New subject');
    assertProblem(await api.request('PUT', `/api/v1/campaigns/${draft.id}`, { body }), 409);
    assertProblem(await api.request('DELETE', `/api/v1/campaigns/${draft.id}`), 409);
  });

  test('customers without an address are skipped with a reason, merged ones get one', async () => {
    await api.batch([
      identify('mixed-none', { tag: 'mixed' }),
      identify('mixed-bad', { tag: 'mixed', email: 'not an address' }),
      identify('mixed-good', { tag: 'mixed', email: 'mixed-good@x.example' }),
    ]);
    const draft = await makeCampaign(api, await makeSegment(api, 'mixed', trait('tag', 'mixed')));
    const done = await runCampaign(api, draft);
    assert.equal(done.sent, 1);
    assert.equal(done.audience, done.sent + done.failed + done.skipped);
    for (const message of await api.all(`/api/v1/messages?campaign_id=${draft.id}`)) {
      if (message.status === 'sent') continue;
      assert.ok(message.history.at(-1).detail, JSON.stringify(message));
    }
  });

  test('an empty segment ends at once', async () => {
    const segment = await makeSegment(api, 'Nobody', trait('tag', 'nobody at all'));
    const done = await runCampaign(api, await makeCampaign(api, segment));
    assert.deepEqual([done.audience, done.sent], [0, 0]);
  });

  test('HTML is escaped, text is not, a missing trait takes its default', async () => {
    await api.batch([
      identify('esc-1', { tag: 'esc', email: 'esc-1@x.example', first_name: '<b>"Zoë" & Co</b>' }),
      identify('esc-2', { tag: 'esc', email: 'esc-2@x.example' }),
    ]);
    await runCampaign(api, await makeCampaign(api,
      await makeSegment(api, 'esc', trait('tag', 'esc'))));
    const message = await sandboxMessage('esc-1@x.example');
    assert.doesNotMatch(message.html, /<b>"Zoë"/);
    assert.match(message.html, /Hi &lt;b&gt;/);
    assert.match(message.text, /Hi <b>"Zoë" & Co<\/b>/);
    assert.equal((await sandboxMessage('esc-2@x.example')).subject, 'Hello there');
  });

  test('a header cannot be broken by a trait', async () => {
    await api.batch([identify('inject', {
      tag: 'inject', email: 'inject@x.example', first_name: 'A\r\nBcc: victim@x.example\r\n\r\nX',
    })]);
    await runCampaign(api, await makeCampaign(api,
      await makeSegment(api, 'inject', trait('tag', 'inject'))));
    const { raw } = await sandboxMessage('inject@x.example');
    assert.doesNotMatch(raw.slice(0, raw.indexOf('\r\n\r\n')), /^bcc:/im);
  });
});

describe('malformed campaigns name the field', () => {
  const good = (segment) => ({
    name: 'x', segment_id: segment.id, channel: 'email', from: 'Shop <a@shop.example>',
    template: plainTemplate,
  });
  const cases = {
    'no name': [{ name: undefined }, 'name'],
    'no segment': [{ segment_id: undefined }, 'segment_id'],
    'segment that is not there': [{ segment_id: 'seg_zzzzzzzzzzzzz' }, 'segment_id'],
    'another channel': [{ channel: 'pigeon' }, 'channel'],
    'from without address': [{ from: 'Shop' }, 'from'],
    'from with two lines': [{ from: 'Shop <a@shop.example>\r\nBcc: b@x.example' }, 'from'],
    'no subject': [{ template: { html: 'x', text: 'x' } }, 'template.subject'],
    'broken template': [{ template: { ...plainTemplate, html: '{{ customer.' } }, 'template.html'],
    'unknown tag': [{ template: { ...plainTemplate, text: '{% launch %}' } }, 'template.text'],
  };
  for (const [name, [change, field]] of Object.entries(cases)) {
    test(name, async () => {
      const segment = await makeSegment(api, name, trait('tag', 'x'));
      const answer = await api.request('POST', '/api/v1/campaigns',
        { body: { ...good(segment), ...change } });
      assert.ok([400, 404, 422].includes(answer.status), answer.text);
      assertProblem(answer, answer.status, { field });
    });
  }
});

describe('signed links', () => {
  let message;
  let links;
  let campaign;
  let customer;
  before(async () => {
    const draft = await makeCampaign(api, await audience('links', 2));
    campaign = await runCampaign(api, draft);
    message = await sandboxMessage('links-0@x.example');
    links = linksOf(message);
    customer = await api.customer('user_id', 'links-0');
  });
  const state = () => api.get(`/api/v1/campaigns/${campaign.id}`);
  const named = async (name) =>
    (await api.timeline(customer)).filter((event) => event.name === name);

  test('every message has its three links and the headers', () => {
    for (const name of ['open', 'click', 'unsubscribe']) assert.ok(links[name], name);
    const header = message.raw.replace(/\r?\n[ \t]+/g, ' ');
    assert.match(header, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/im);
    assert.match(header, /^Message-ID: <[^<>\s]+@[^<>\s]+>\r?$/im);
    assert.match(header, /^Date: \w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}\r?$/im);
    assert.match(header, /^MIME-Version: 1\.0\r?$/im);
    assert.match(header, /^Content-Type: multipart\/alternative/im);
  });

  test('an open counts and is on the timeline', async () => {
    const answer = await visitor.request('GET', pathOf(links.open));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'image/gif');
    await until('the open', async () => (await state()).opened === 1);
    const [event] = await named('Message Opened');
    assert.equal(event.properties.campaign_id, campaign.id);
    await visitor.request('GET', pathOf(links.open));
    await until('the second open', async () => (await named('Message Opened')).length >= 1);
    assert.equal((await state()).opened, 1, 'a recipient counts once');
  });

  test('a click redirects to the very address and counts', async () => {
    const answer = await visitor.request('GET', pathOf(links.click));
    assert.equal(answer.status, 302);
    assert.equal(answer.headers.get('location'), 'https://shop.example/sale?x=1&y=2');
    await until('the click', async () => (await state()).clicked === 1);
    const [event] = await named('Message Clicked');
    assert.equal(event.properties.url, 'https://shop.example/sale?x=1&y=2');
  });

  test('an altered link does nothing', async () => {
    const before = await state();
    for (const name of ['open', 'click', 'unsubscribe']) {
      const path = pathOf(links[name]);
      const start = path.lastIndexOf('/') + 1;
      for (const position of [start, Math.floor((start + path.length) / 2), path.length - 2]) {
        const flipped = path[position] === 'A' ? 'B' : 'A';
        const altered = path.slice(0, position) + flipped + path.slice(position + 1);
        const method = name === 'unsubscribe' ? 'POST' : 'GET';
        const answer = await visitor.request(method, altered);
        assert.notEqual(answer.status, 302, altered);
        assert.equal(answer.headers.get('location'), null);
        if (name !== 'open') assert.ok(answer.status >= 400, `${altered}: ${answer.status}`);
      }
    }
    // A token of one kind is not a token of another.
    const token = pathOf(links.open).split('/').at(-1);
    assert.ok((await visitor.request('GET', `/t/c/${token}`)).status >= 400);
    assert.ok((await visitor.request('POST', `/t/u/${token}`)).status >= 400);
    const now = await state();
    assert.deepEqual([now.opened, now.clicked, now.unsubscribed],
      [before.opened, before.clicked, before.unsubscribed]);
  });

  test('a link to anywhere else is not followed', async () => {
    const answer = await visitor.request('GET', `${pathOf(links.click)}&url=https://evil.example/`);
    if (answer.status === 302) {
      assert.equal(answer.headers.get('location'), 'https://shop.example/sale?x=1&y=2');
    }
    for (const path of ['/t/c/', '/t/c/x', '/t/c/https:%2F%2Fevil.example', '/t/o/x', '/t/u/x']) {
      assert.notEqual((await visitor.request('GET', path)).status, 302, path);
    }
  });

  test('looking at the unsubscribe page changes nothing; the POST does, once', async () => {
    const path = pathOf(links.unsubscribe);
    const page = await visitor.request('GET', path);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type'), /text\/html/);
    assert.match(page.text, /<form[^>]+method="?post/i);
    await visitor.request('HEAD', path);
    assert.equal((await state()).unsubscribed, 0);

    const answer = await visitor.request('POST', path, {
      body: 'List-Unsubscribe=One-Click',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.equal(answer.status, 200);
    await program.kill();  // What was answered is kept.
    await program.start();
    await until('the unsubscribe', async () => (await state()).unsubscribed === 1);
    assert.equal((await named('Unsubscribed')).length, 1);
    await visitor.request('POST', path, {
      body: 'List-Unsubscribe=One-Click',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.equal((await state()).unsubscribed, 1);
  });

  test('who unsubscribed gets nothing more', async () => {
    const segment = (await api.all('/api/v1/segments')).find(({ name }) => name === 'links');
    const done = await runCampaign(api, await makeCampaign(api, segment));
    assert.deepEqual([done.audience, done.sent, done.skipped], [2, 1, 1]);
    const skipped = (await api.all(`/api/v1/messages?campaign_id=${done.id}`))
      .find((item) => item.customer_id === customer.id);
    assert.equal(skipped.status, 'skipped');
    const items = await api.all('/api/v1/sandbox/messages?to=links-0%40x.example');
    assert.equal(items.length, 1);
  });
});

test('a campaign in the middle of a kill ends with one message each', async () => {
  const draft = await makeCampaign(api, await audience('killed', 300));
  assert.equal((await api.request('POST', `/api/v1/campaigns/${draft.id}/start`)).status, 202);
  await until('some to be sent', async () =>
    (await api.get(`/api/v1/campaigns/${draft.id}`)).sent > 20, { everyMs: 2 });
  await program.kill();
  await program.start();
  const done = await until('the rest', async () => {
    const now = await api.get(`/api/v1/campaigns/${draft.id}`);
    return now.status === 'done' && now;
  }, { timeoutMs: 30_000 });
  assert.deepEqual([done.audience, done.sent, done.failed], [300, 300, 0]);
  const messages = await api.all(`/api/v1/messages?campaign_id=${draft.id}`);
  assert.equal(new Set(messages.map((message) => message.customer_id)).size, 300);
  assert.equal(messages.length, 300);
});

test('the overview adds up', async () => {
  await api.batch([track('overview', 'E')]);
  const overview = await api.get('/api/v1/overview');
  assert.equal(overview.applied, overview.log_end);
  assert.ok(overview.customers > 300 && overview.events > 300 && overview.messages.sent > 300);
});

// Mail that really leaves: what a standard receiver gets, over plain, STARTTLS and TLS.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertProblem } from '../lib/api.js';
import {
  identify, linksOf, makeCampaign, makeSegment, pathOf, runCampaign,
} from '../lib/events.js';
import { Program } from '../lib/program.js';
import { Receiver, selfSigned } from '../lib/smtp.js';
import { until } from '../lib/wait.js';

const certificate = selfSigned();
let program;
let api;
before(async () => {
  program = await Program.start();
  api = program.api;
});
after(async () => {
  await program?.remove();
  certificate.remove();
});

const trait = (name, value) => ({ trait: name, op: 'eq', value });

function provider(receiver, more = {}) {
  return api.put('/api/v1/providers/email', {
    type: 'smtp', host: '127.0.0.1', port: receiver.port, security: 'none', ...more,
  });
}

async function audience(tag, count, traits = {}) {
  await api.batch(Array.from({ length: count }, (_, index) => identify(`${tag}-${index}`, {
    tag, email: `${tag}-${index}@x.example`, ...traits,
  })));
  return makeSegment(api, tag, trait('tag', tag));
}

async function withReceiver(options, use) {
  const receiver = await Receiver.start(options);
  try {
    await use(receiver);
  } finally {
    await receiver.stop();
  }
}

test('a message arrives as it was written, in every script', async () => {
  const long = 'Một chủ đề rất dài, dài hơn một dòng: 早安，世界，這是一個很長的主題 🎉 — and more of it';
  const template = {
    subject: `${long} {{ customer.traits.first_name }}`,
    html: '<p>Xin chào {{ customer.traits.first_name }} 您好 🎉</p>'
      + '<a href="https://shop.example/ưu-đãi?a=1&amp;b=%20x#top">Xem</a>'
      + `<p>${'chữ '.repeat(400)}</p>`,
    text: 'Xin chào {{ customer.traits.first_name }} 您好 🎉\n.\n..dots\nFrom here\n'
      + `${'x'.repeat(1500)}\nend\n`,
  };
  await withReceiver({}, async (receiver) => {
    await provider(receiver);
    const segment = await audience('script', 1, { first_name: 'Ánh 小明' });
    const done = await runCampaign(api, await makeCampaign(api, segment,
      { template, from: 'Cửa hàng, "số 1" <hello@shop.example>' }));
    assert.deepEqual([done.sent, done.failed], [1, 0]);
    const [message] = receiver.messages;
    const { parsed, raw } = message;
    assert.equal(parsed.subject, `${long} Ánh 小明`);
    assert.equal(parsed.from.value[0].name, 'Cửa hàng, "số 1"');
    assert.equal(parsed.from.value[0].address, 'hello@shop.example');
    assert.equal(parsed.to.value[0].address, 'script-0@x.example');
    assert.match(parsed.text, /Xin chào Ánh 小明 您好 🎉/);
    for (const line of ['.', '..dots', 'From here', 'x'.repeat(1500)]) {
      assert.ok(parsed.text.split('\n').includes(line), `the line ${line.slice(0, 20)}`);
    }
    assert.match(parsed.html, /Xin chào Ánh 小明 您好 🎉/);
    assert.ok(Math.abs(parsed.date - Date.now()) < 120e3);
    assert.match(parsed.messageId, /^<[^<>@\s]+@[^<>@\s]+>$/);
    const links = linksOf({ html: parsed.html, raw });
    assert.ok(links.open && links.click && links.unsubscribe);
    assert.match(raw.toString(), /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    const lines = raw.toString('latin1').split('\r\n');
    assert.ok(lines.every((line) => line.length <= 998), 'lines within the limit of the standard');
    assert.ok(!/[^\r]\n/.test(raw.toString('latin1')), 'lines end in CRLF');
    const head = raw.subarray(0, raw.indexOf('\r\n\r\n'));
    assert.ok(head.every((byte) => byte < 0x80), 'the header is ASCII');

    const click = await api.as(null).request('GET', pathOf(links.click));
    assert.equal(click.status, 302);
    assert.match(click.headers.get('location'), /^https:\/\/shop\.example\/.*b=%20x#top$/);
    await api.as(null).request('GET', pathOf(links.open));
    assert.equal((await api.as(null).request('POST', pathOf(links.unsubscribe), {
      body: 'List-Unsubscribe=One-Click',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })).status, 200);
    await until('open, click and unsubscribe', async () => {
      const now = await api.get(`/api/v1/campaigns/${done.id}`);
      return now.opened === 1 && now.clicked === 1 && now.unsubscribed === 1;
    });
  });
});

test('many messages share few connections and have ids of their own', async () => {
  await withReceiver({}, async (receiver) => {
    await provider(receiver);
    const done = await runCampaign(api, await makeCampaign(api, await audience('many', 200)));
    assert.equal(done.sent, 200);
    assert.equal(receiver.messages.length, 200);
    assert.equal(new Set(receiver.messages.map(({ to }) => to.join())).size, 200);
    assert.equal(new Set(receiver.messages.map(({ id }) => id)).size, 200);
    assert.ok(receiver.sessions <= 16, `${receiver.sessions} connections`);
  });
});

describe('security', () => {
  const cases = {
    'AUTH on plain': [{ user: 'u', password: 'pässword' }, { security: 'none' }],
    STARTTLS: [{ tls: certificate }, { security: 'starttls' }],
    'STARTTLS and AUTH': [{ tls: certificate, user: 'u', password: 'p' }, { security: 'starttls' }],
    'TLS and AUTH': [{ tls: certificate, secure: true, user: 'u', password: 'p' },
      { security: 'tls' }],
  };
  for (const [name, [options, settings]] of Object.entries(cases)) {
    test(name, async () => {
      await withReceiver(options, async (receiver) => {
        await provider(receiver, {
          ...settings, username: options.user ?? '', password: options.password ?? '',
          ca_file: options.tls ? certificate.certFile : '',
        });
        const tag = name.replaceAll(' ', '-').toLowerCase();
        const done = await runCampaign(api, await makeCampaign(api, await audience(tag, 3)));
        const messages = await api.all(`/api/v1/messages?campaign_id=${done.id}`);
        assert.deepEqual([done.sent, done.failed], [3, 0], JSON.stringify(messages[0]?.history));
        assert.equal(receiver.messages.length, 3);
        if (options.tls) assert.equal(receiver.secureSessions, 3);
        if (options.user) assert.ok(receiver.authenticated > 0);
      });
    });
  }

  test('STARTTLS that is not offered sends nothing in the clear', async () => {
    await withReceiver({}, async (receiver) => {
      await provider(receiver, { security: 'starttls' });
      const draft = await makeCampaign(api, await audience('no-tls', 1));
      await api.request('POST', `/api/v1/campaigns/${draft.id}/start`);
      await until('an attempt', () => receiver.sessions > 0);
      await until('the connection to end', () => receiver.server.connections.size === 0);
      assert.equal(receiver.messages.length, 0);
    });
  });

  test('a certificate of nobody known sends nothing', async () => {
    const stranger = selfSigned();
    try {
      await withReceiver({ tls: stranger, secure: true }, async (receiver) => {
        await provider(receiver, { security: 'tls' });
        const draft = await makeCampaign(api, await audience('stranger', 1));
        let tried = 0;
        receiver.server.server.on('connection', () => (tried += 1));
        await api.request('POST', `/api/v1/campaigns/${draft.id}/start`);
        await until('an attempt', () => tried > 0);
        await until('the connection to end', () => receiver.server.connections.size === 0);
        assert.equal(receiver.messages.length, 0);
      });
    } finally {
      stranger.remove();
    }
  });
});

test('a refused recipient fails alone and says why', async () => {
  const refuse = (address) => (address.startsWith('refused-1@') ? 550 : 0);
  await withReceiver({ refuse }, async (receiver) => {
    await provider(receiver);
    const done = await runCampaign(api, await makeCampaign(api, await audience('refused', 3)));
    assert.deepEqual([done.audience, done.sent, done.failed], [3, 2, 1]);
    const failed = (await api.all(`/api/v1/messages?campaign_id=${done.id}&status=failed`));
    assert.equal(failed.length, 1);
    assert.match(failed[0].history.at(-1).detail, /550/);
  });
});

test('a temporary refusal is tried again', async () => {
  let refusals = 2;
  const refuse = () => (refusals-- > 0 ? 451 : 0);
  await withReceiver({ refuse }, async (receiver) => {
    await provider(receiver);
    const done = await runCampaign(api, await makeCampaign(api, await audience('later', 1)),
      { timeoutMs: 60_000 });
    assert.deepEqual([done.sent, done.failed], [1, 0]);
    // Mail of earlier tests that could not be delivered then may arrive now as well.
    assert.equal(receiver.to('later-0@x.example').length, 1);
  });
});

describe('settings of the provider', () => {
  test('the password is written, never read', async () => {
    const set = await api.put('/api/v1/providers/email', {
      type: 'smtp', host: 'mail.example', port: 587, security: 'starttls', username: 'u',
      password: 'geheim-4711',
    });
    assert.equal(set.password_set, true);
    const read = await api.request('GET', '/api/v1/providers/email');
    assert.equal(read.json.host, 'mail.example');
    assert.doesNotMatch(read.text, /geheim-4711/);
  });

  test('wrong settings name the field', async () => {
    const good = { type: 'smtp', host: 'mail.example', port: 587, security: 'starttls' };
    const cases = [
      [{ type: 'pigeon' }, 'type'], [{ port: 0 }, 'port'], [{ port: 70000 }, 'port'],
      [{ port: 'x' }, 'port'], [{ host: '' }, 'host'], [{ host: 'a\r\nb' }, 'host'],
      [{ security: 'maybe' }, 'security'],
    ];
    for (const [change, field] of cases) {
      const answer = await api.request('PUT', '/api/v1/providers/email',
        { body: { ...good, ...change } });
      assertProblem(answer, 400, { field });
    }
  });
});

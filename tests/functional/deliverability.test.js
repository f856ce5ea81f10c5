// Several providers, and what comes back: bounces by SMTP, complaints, callbacks of providers.

import assert from 'node:assert/strict';
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { Api, assertProblem, basic } from '../lib/api.js';
import { identify, makeCampaign, makeSegment, runCampaign } from '../lib/events.js';
import { freePort, Program } from '../lib/program.js';
import { Receiver } from '../lib/smtp.js';
import { until } from '../lib/wait.js';

let program;
let api;
let inbound;
before(async () => {
  inbound = await freePort();
  program = await Program.start({
    args: ['--inbound-listen', `127.0.0.1:${inbound}`, '--inbound-name', 'mx.shop.example',
      '--public-url', 'https://mail.shop.example'],
  });
  api = program.api;
});
after(() => program?.remove());

async function audience(tag, count) {
  await api.batch(Array.from({ length: count }, (_, n) => identify(`${tag}-${n}`, {
    tag, email: `${tag}-${n}@x.example`,
  })));
  return makeSegment(api, tag, { trait: 'tag', op: 'eq', value: tag });
}

const from = 'Shop <hello@shop.example>';
const messagesOf = (campaign) => api.all(`/api/v1/messages?campaign_id=${campaign.id}`);
const providerAt = (receiver, name, more = {}) => api.post('/api/v1/providers', {
  name, host: '127.0.0.1', port: receiver.port, security: 'none', ...more,
});

/** Talks SMTP line by line; answers the reply codes. */
function talk(port, lines) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    const codes = [];
    let input = '';
    let next = 0;
    socket.on('data', (data) => {
      input += data;
      for (let end; (end = input.indexOf('\r\n')) >= 0; input = input.slice(end + 2)) {
        const line = input.slice(0, end);
        if (line[3] === '-') continue;
        codes.push(Number(line.slice(0, 3)));
        if (next < lines.length) socket.write(`${lines[next++]}\r\n`);
      }
    });
    socket.on('error', (error) => (codes.length ? resolve(codes) : reject(error)));
    socket.on('close', () => resolve(codes));
  });
}

function deliver(recipient, mail, sender = '') {
  return talk(inbound, ['EHLO mx.example', `MAIL FROM:<${sender}>`, `RCPT TO:<${recipient}>`,
    'DATA', `${mail.replace(/\r?\n/g, '\r\n')}\r\n.`, 'QUIT']);
}

const report = (status, diagnostic, action = 'failed') => `From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not work.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; somebody@x.example
Action: ${action}
Status: ${status}
Diagnostic-Code: smtp; ${diagnostic}

--b--`;

async function statusOf(message) {
  const found = (await api.all('/api/v1/messages')).find(({ id }) => id === message.id);
  return found.status;
}

describe('providers', () => {
  test('share by weight, take over when one is down, and come back', async () => {
    const receivers = [];
    for (let i = 0; i < 3; ++i) receivers.push(await Receiver.start({ parse: false }));
    const [heavy, light, reserve] = receivers;
    const made = [await providerAt(heavy, 'heavy', { weight: 3 }),
      await providerAt(light, 'light', { weight: 1 }),
      await providerAt(reserve, 'reserve', { priority: 1 })];
    const done = await runCampaign(api, await makeCampaign(api, await audience('weights', 40),
      { from }));
    assert.equal(done.sent, 40);
    assert.deepEqual(receivers.map(({ messages }) => messages.length), [30, 10, 0]);

    await heavy.stop();
    await light.stop();
    const second = await runCampaign(api, await makeCampaign(api, await audience('reserve', 20),
      { from }));
    assert.equal(second.sent, 20);
    assert.equal(reserve.messages.length, 20);
    for (const { id } of made) await api.delete(`/api/v1/providers/${id}`);
    await reserve.stop();
  });

  test('a domain is not written to faster than it may be', async () => {
    const receiver = await Receiver.start({ parse: false });
    const made = await providerAt(receiver, 'slow', {
      domains: [{ domain: 'x.example', per_minute: 600, connections: 1 }],
    });
    const begin = Date.now();
    const done = await runCampaign(api, await makeCampaign(api, await audience('slow', 25),
      { from }));
    assert.equal(done.sent, 25);
    // Ten at once, then one every tenth of a second.
    assert.ok(Date.now() - begin >= 1_400, `took ${Date.now() - begin} ms`);
    for (const message of await messagesOf(done)) {
      assert.deepEqual(message.history.map(({ status }) => status), ['queued', 'sent']);
    }
    await api.delete(`/api/v1/providers/${made.id}`);
    await receiver.stop();
  });

  test('a warm-up plan ends the day at its allowance', async () => {
    const [warming, other] = [await Receiver.start({ parse: false }),
      await Receiver.start({ parse: false })];
    const made = [
      await providerAt(warming, 'warming', {
        warm_up: { first_day: 7, growth_percent: 50, days: 30 },
      }),
      await providerAt(other, 'other', { priority: 1 })];
    assert.equal(made[0].warm_up.first_day, 7);
    const done = await runCampaign(api, await makeCampaign(api, await audience('warm', 20),
      { from }));
    assert.equal(done.sent, 20);
    assert.deepEqual([warming.messages.length, other.messages.length], [7, 13]);
    for (const { id } of made) await api.delete(`/api/v1/providers/${id}`);
    await Promise.all([warming.stop(), other.stop()]);
  });

  test('refuse what cannot be, and show no password', async () => {
    const body = {
      name: 'p', host: 'smtp.example', security: 'tls', username: 'u', password: 's3cret!',
    };
    const made = await api.post('/api/v1/providers', body);
    assert.equal(made.password_set, true);
    assert.ok(!JSON.stringify(made).includes('s3cret'));
    const changed = await api.put(`/api/v1/providers/${made.id}`,
      { ...body, password: undefined, weight: 5 });
    assert.deepEqual([changed.password_set, changed.weight], [true, 5]);
    for (const [more, field] of [
      [{ name: '' }, 'name'], [{ host: 'a b' }, 'host'], [{ port: 0 }, 'port'],
      [{ security: 'ssl' }, 'security'], [{ auth: 'magic' }, 'auth'], [{ weight: 0 }, 'weight'],
      [{ priority: -1 }, 'priority'], [{ connections: 0 }, 'connections'],
      [{ per_minute: -1 }, 'per_minute'], [{ password: 'a\r\nb' }, 'password'],
      [{ domains: [{ domain: 'x y', per_minute: 1, connections: 0 }] }, 'domains.domain'],
      [{ warm_up: { first_day: 0, growth_percent: 1, days: 1 } }, 'warm_up.first_day'],
    ]) {
      assertProblem(await api.request('POST', '/api/v1/providers', { body: { ...body, ...more } }),
        400, { field });
    }
    assert.ok((await api.get('/api/v1/providers')).items.some(({ id }) => id === made.id));
    await api.delete(`/api/v1/providers/${made.id}`);
    assertProblem(await api.request('GET', `/api/v1/providers/${made.id}`), 404);
  });
});

describe('what comes back', () => {
  let receiver;
  let provider;
  before(async () => {
    receiver = await Receiver.start({ parse: false });
    provider = await providerAt(receiver, 'back');
    await api.post('/api/v1/sending-domains', {
      domain: 'shop.example', return_domain: 'in.shop.example',
    });
  });
  after(async () => {
    await api.delete(`/api/v1/providers/${provider.id}`);
    await receiver.stop();
  });

  /** A message to one person: {message, returnPath, raw}. */
  async function sendTo(tag) {
    const done = await runCampaign(api, await makeCampaign(api, await audience(tag, 1), { from }));
    const [message] = await messagesOf(done);
    const received = receiver.to(`${tag}-0@x.example`)[0];
    return { message, returnPath: received.from, raw: received.raw.toString(), campaign: done };
  }

  test('a hard bounce ends the address, once', async () => {
    const { message, returnPath, campaign } = await sendTo('hard');
    assert.match(returnPath, /^bounce\+[a-z2-7]+@in\.shop\.example$/);
    const mail = report('5.1.1', '550 5.1.1 user unknown');
    for (let i = 0; i < 2; ++i) {
      assert.deepEqual(await deliver(returnPath.toUpperCase(), mail),
        [220, 250, 250, 250, 354, 250, 221]);
    }
    await until('the bounce', async () => (await statusOf(message)) === 'bounced');
    const again = await runCampaign(api, await makeCampaign(api,
      await makeSegment(api, 'hard again', { trait: 'tag', op: 'eq', value: 'hard' }), { from }));
    assert.deepEqual([again.sent, again.skipped], [0, 1]);
    const [first] = await messagesOf(campaign);
    assert.equal(first.history.filter(({ status }) => status === 'bounced').length, 1);
    assert.match(first.history.at(-1).detail, /5\.1\.1.*bad_mailbox/);
  });

  test('a full mailbox, a complaint and an answer are what they are', async () => {
    const soft = await sendTo('soft');
    await deliver(soft.returnPath, report('5.2.2', '552 5.2.2 mailbox full'));
    const complaint = await sendTo('complaint');
    await deliver(complaint.returnPath, `From: <abuse@isp.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: isp/1
Version: 1

--b
Content-Type: text/rfc822-headers

Subject: Spring

--b--`);
    const reply = await sendTo('reply');
    await deliver(reply.returnPath, `From: reply-0@x.example
Subject: Re: Hello
Message-ID: <r1@x.example>

Có, cảm ơn!`, 'reply-0@x.example');
    const away = await sendTo('away');
    await deliver(away.returnPath, 'From: away-0@x.example\nSubject: Out of office\n'
      + 'Auto-Submitted: auto-replied\n\nBack on Monday.');
    await until('all of them', async () => (await statusOf(reply.message)) === 'replied');
    assert.equal(await statusOf(soft.message), 'bounced');
    assert.equal(await statusOf(complaint.message), 'complained');
    assert.equal(await statusOf(away.message), 'sent');
    const timeline = await api.timeline(await api.customer('user_id', 'reply-0'));
    const answer = timeline.find(({ name }) => name === 'Message Replied');
    assert.match(JSON.stringify(answer), /cảm ơn/);
    // One full mailbox does not end an address.
    const again = await runCampaign(api, await makeCampaign(api,
      await makeSegment(api, 'soft again', { trait: 'tag', op: 'eq', value: 'soft' }), { from }));
    assert.equal(again.sent, 1);
  });

  test('the listener takes nothing for others and nothing beyond its bounds', async () => {
    const { message, returnPath } = await sendTo('bounds');
    const altered = returnPath.replace(/\+./, (found) => (found === '+a' ? '+b' : '+a'));
    for (const recipient of [altered, 'info@shop.example', 'bounce+@in.shop.example']) {
      assert.equal((await talk(inbound, ['EHLO x', 'MAIL FROM:<>', `RCPT TO:<${recipient}>`,
        'QUIT']))[3], 550);
    }
    assert.equal((await talk(inbound, ['EHLO x', 'MAIL FROM:<> SIZE=52428800', 'QUIT']))[2], 552);
    const parts = 'Content-Type: multipart/mixed; boundary=b\n\n' + '--b\n\nx\n'.repeat(10_000);
    assert.equal((await deliver(returnPath, parts))[5], 554);
    const large = await new Promise((resolve) => {
      const socket = net.connect(inbound, '127.0.0.1');
      let output = '';
      socket.on('data', (data) => (output += data));
      socket.on('error', () => resolve(output));
      socket.on('close', () => resolve(output));
      socket.write(`EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<${returnPath}>\r\nDATA\r\n`);
      const line = `${'x'.repeat(998)}\r\n`.repeat(1_000);
      let sent = 0;
      const more = () => {
        while (sent++ < 50) if (!socket.write(line)) return socket.once('drain', more);
        return socket.end('.\r\nQUIT\r\n');
      };
      more();
    });
    assert.ok(!/\r\n250 2\.0\.0 accepted/.test(large));
    assert.equal(await statusOf(message), 'sent');
    assert.ok((await program.residentMib()) < 400);
  });

  test('callbacks count when they are signed, and only once', async () => {
    const { message, campaign } = await sendTo('hook');
    const visitor = new Api(program.url);
    const secret = 'mailgun-signing-key';
    const hook = await api.put('/api/v1/provider-hooks/mailgun', { secret });
    assert.equal(hook.url, `https://mail.shop.example${hook.path}`);
    assert.ok(!JSON.stringify(hook).includes(secret));
    const body = (key, at = Math.floor(Date.now() / 1000)) => ({
      signature: { timestamp: String(at), token: 'abc',
        signature: createHmac('sha256', key).update(`${at}abc`).digest('hex') },
      'event-data': { event: 'failed', severity: 'permanent', recipient: message.address,
        message: { headers: { 'message-id': `${message.id}@shop.example` } },
        'delivery-status': { code: 550, message: 'no such user' } },
    });
    const call = (content, path = hook.path, headers = {}) =>
      visitor.request('POST', path, { body: content, headers });
    assertProblem(await call(body('guess')), 401);
    assertProblem(await call(body(secret, 1_600_000_000)), 401);
    const other = `${hook.path.slice(0, -1)}${hook.path.endsWith('a') ? 'b' : 'a'}`;
    assertProblem(await call(body(secret), other), 404);
    assertProblem(await call('{'), 400);
    assert.equal(await statusOf(message), 'sent');
    for (let i = 0; i < 2; ++i) {
      const answer = await call(body(secret));
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.recorded, 1);
    }
    await until('the bounce', async () => (await statusOf(message)) === 'bounced');
    const [stored] = await messagesOf(campaign);
    assert.equal(stored.history.filter(({ status }) => status === 'bounced').length, 1);
  });

  test('SendGrid and Postmark are known by their own signs', async () => {
    const visitor = new Api(program.url);
    const { message } = await sendTo('sendgrid');
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    assertProblem(await api.request('PUT', '/api/v1/provider-hooks/sendgrid',
      { body: { key: 'x' } }), 400, { field: 'key' });
    const hook = await api.put('/api/v1/provider-hooks/sendgrid', {
      key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    });
    const text = JSON.stringify([{ event: 'delivered', email: message.address,
      'smtp-id': `<${message.id}@shop.example>` }]);
    const at = String(Math.floor(Date.now() / 1000));
    const signature = createSign('sha256').update(at + text).sign(privateKey).toString('base64');
    const headers = { 'content-type': 'application/json',
      'x-twilio-email-event-webhook-timestamp': at,
      'x-twilio-email-event-webhook-signature': signature };
    assertProblem(await visitor.request('POST', hook.path, { body: `${text} `, headers }), 401);
    const answer = await visitor.request('POST', hook.path, { body: text, headers });
    assert.equal(answer.json.recorded, 1);
    await until('the delivery', async () => (await statusOf(message)) === 'delivered');

    const other = await sendTo('postmark');
    const postmark = await api.put('/api/v1/provider-hooks/postmark',
      { secret: 'user:long-password' });
    const complaint = { RecordType: 'SpamComplaint', Email: other.message.address,
      Metadata: {}, MessageID: 'x' };
    const call = (authorization) => visitor.request('POST', postmark.path,
      { body: complaint, headers: { authorization } });
    assertProblem(await call(basic('user', 'wrong-password')), 401);
    // Without our token nothing ties it to a message.
    assert.equal((await call(basic('user', 'long-password'))).json.recorded, 0);
    await api.delete('/api/v1/provider-hooks/postmark');
    assertProblem(await call(basic('user', 'long-password')), 404);
  });
});

test('records to copy, and a check that does not hang', async () => {
  const domain = await api.post('/api/v1/sending-domains', {
    domain: 'records.example', return_domain: 'in.records.example',
  });
  assert.deepEqual(domain.records.map(({ purpose }) => purpose),
    ['dkim', 'spf', 'dmarc', 'return_spf', 'return_mx']);
  assert.equal(domain.records.at(-1).value, '10 mx.shop.example');
  const begin = Date.now();
  const { items } = await api.post('/api/v1/sending-domains/records.example/check');
  assert.ok(Date.now() - begin < 8_000);
  for (const item of items) {
    assert.ok(['ok', 'missing', 'different', 'could_not_look_up'].includes(item.status),
      item.status);
  }
});

// Files and invitations that messages carry: what a real receiver took, read by Python's parser.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { assertProblem } from '../lib/api.js';
import { identify, makeSegment, plainTemplate, runCampaign } from '../lib/events.js';
import { Program, root } from '../lib/program.js';
import { Receiver } from '../lib/smtp.js';
import { until } from '../lib/wait.js';

let program;
let api;
let receiver;
before(async () => {
  program = await Program.start();
  api = program.api;
  receiver = await Receiver.start();
  await api.call('PUT', '/api/v1/providers/email', {
    type: 'smtp', host: '127.0.0.1', port: receiver.port, security: 'none',
  });
});
after(async () => {
  await program?.remove();
  await receiver?.stop();
});

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');
const read = (message) => JSON.parse(execFileSync('/usr/bin/python3',
  [path.join(root, 'tests/lib/read_mail.py')], { input: message.raw, encoding: 'utf8' }));
const field = (mail, name) => mail.calendar.filter((line) => line.split(/[:;]/)[0] === name)
  .map((line) => line.slice(name.length));
const mailTo = (address) => until(`mail to ${address}`,
  () => receiver.messages.find((message) => message.to.includes(address)));

const pdf = Buffer.concat([Buffer.from('%PDF-1.7\r\n.\r\n..\r\n'), randomBytes(200_000)]);
const addFile = (name, bytes, type = 'application/pdf') => api.post('/api/v1/files', {
  name, content_type: type, data: bytes.toString('base64'),
});
const webinar = {
  start: '2026-12-01T09:00', end: '2026-12-01T10:30', time_zone: 'Europe/Berlin',
  summary: 'Webinar, {{ customer.traits.first_name }}; part 1',
  description: 'Line one\nLine two for {{ customer.traits.first_name }}',
  location: 'https://meet.shop.example/{{ customer.traits.room }}',
  uid: 'webinar-1@shop.example', sequence: 2,
};

async function campaign(tag, more) {
  await api.batch([1, 2].map((n) => identify(`${tag}-${n}`, {
    tag, email: `${tag}-${n}@x.example`, first_name: `Ann${n}`, room: `r${n}`, name: `Ann Nº${n}`,
  })));
  const segment = await makeSegment(api, tag, { trait: 'tag', op: 'eq', value: tag });
  return api.post('/api/v1/campaigns', {
    name: tag, segment_id: segment.id, channel: 'email', from: 'Shop <a@shop.example>',
    template: plainTemplate, ...more,
  });
}

describe('files', () => {
  test('are kept once by what is in them, listed, read back, and removed', async () => {
    const bytes = randomBytes(1000);
    const first = await addFile('one.pdf', bytes);
    assert.deepEqual([first.name, first.size, first.content_type],
      ['one.pdf', 1000, 'application/pdf']);
    assert.equal((await addFile('two.pdf', bytes)).id, first.id);
    const listed = await api.all('/api/v1/files', 1);
    assert.equal(listed.filter(({ id }) => id === first.id).length, 1);
    const content = await api.request('GET', `/api/v1/files/${first.id}/content`);
    assert.equal(hash(content.bytes), hash(bytes));
    assert.match(content.headers.get('content-disposition'), /^attachment/);
    await api.call('DELETE', `/api/v1/files/${first.id}`);
    assertProblem(await api.request('DELETE', `/api/v1/files/${first.id}`), 404);
  });

  test('are refused by field', async () => {
    const cases = [
      [{ name: 'a/b.pdf' }, 'name'], [{ name: ' ' }, 'name'], [{ name: 'a\r\nb' }, 'name'],
      [{ content_type: 'multipart/mixed' }, 'content_type'],
      [{ content_type: 'pdf' }, 'content_type'],
      [{ content_type: 'text/plain\r\nX: y' }, 'content_type'],
      [{ data: '' }, 'data'], [{ data: '?' }, 'data'],
      [{ data: Buffer.alloc(5 * 1024 * 1024 + 1).toString('base64') }, 'data'],
    ];
    for (const [change, name] of cases) {
      const answer = await api.request('POST', '/api/v1/files', {
        body: { name: 'a.pdf', content_type: 'application/pdf', data: 'aGk=', ...change },
      });
      assertProblem(answer, 400);
      assert.equal(answer.json.errors[0].field, name, JSON.stringify(change).slice(0, 80));
    }
  });
});

describe('a campaign', () => {
  test('carries its files and the invitation of each recipient', async () => {
    const file = await addFile('Hóa đơn tháng 3.pdf', pdf);
    const other = await addFile('plain.csv', Buffer.from('a,b\r\n1,2\r\n'), 'text/csv');
    const draft = await campaign('carrier', {
      attachments: [{ file_id: file.id }, { file_id: other.id, name: 'your numbers.csv' }],
      invitation: webinar,
    });
    assert.deepEqual(draft.attachments,
      [{ file_id: file.id }, { file_id: other.id, name: 'your numbers.csv' }]);
    assert.equal(draft.invitation.uid, webinar.uid);
    assertProblem(await api.request('DELETE', `/api/v1/files/${file.id}`), 409);
    const done = await runCampaign(api, draft);
    assert.equal(done.sent, 2);
    for (const n of [1, 2]) {
      const mail = read(await mailTo(`carrier-${n}@x.example`));
      assert.deepEqual(mail.defects, []);
      assert.equal(mail.type, 'multipart/mixed');
      assert.deepEqual(mail.parts.map(({ type }) => type),
        ['text/plain', 'text/html', 'text/calendar', 'application/pdf', 'text/csv']);
      const [, , calendar, first, second] = mail.parts;
      assert.equal(calendar.method, 'REQUEST');
      assert.deepEqual([first.filename, first.disposition, first.sha256],
        ['Hóa đơn tháng 3.pdf', 'attachment', hash(pdf)]);
      assert.equal(second.filename, 'your numbers.csv');
      assert.deepEqual(field(mail, 'UID'), [':webinar-1@shop.example']);
      assert.deepEqual(field(mail, 'SEQUENCE'), [':2']);
      assert.deepEqual(field(mail, 'METHOD'), [':REQUEST']);
      assert.deepEqual(field(mail, 'SUMMARY'), [`:Webinar\\, Ann${n}\\; part 1`]);
      assert.deepEqual(field(mail, 'DESCRIPTION'), [`:Line one\\nLine two for Ann${n}`]);
      assert.deepEqual(field(mail, 'LOCATION'), [`:https://meet.shop.example/r${n}`]);
      assert.ok(field(mail, 'DTSTART').includes(';TZID=Europe/Berlin:20261201T090000'));
      assert.deepEqual(field(mail, 'DTEND'), [';TZID=Europe/Berlin:20261201T103000']);
      assert.deepEqual(field(mail, 'TZID'), [':Europe/Berlin']);
      // From the last change of the clocks on: 25 October 2026, 03:00 summer time.
      const change = mail.calendar.indexOf('DTSTART:20261025T030000');
      assert.deepEqual(mail.calendar.slice(change - 1, change + 4), ['BEGIN:STANDARD',
        'DTSTART:20261025T030000', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'END:STANDARD']);
      assert.match(field(mail, 'ORGANIZER')[0], /^;CN="Shop":mailto:a@shop\.example$/);
      assert.match(field(mail, 'ATTENDEE')[0],
        new RegExp(`^;CN="Ann Nº${n}";.*:mailto:carrier-${n}@x\\.example$`));
    }
  });

  test('gives an invitation without a uid one a recipient, and cancels it by uid', async () => {
    const { uid, sequence, ...rest } = webinar;
    delete rest.time_zone;
    // Told in UTC, the zone of the workspace; it ends when it starts.
    const draft = await campaign('own', {
      invitation: { ...rest, start: '2026-12-01T09:00:00Z',
        end: '2026-12-01T10:00:00+01:00' },
    });
    assert.equal(draft.invitation.sequence, 0);
    await runCampaign(api, draft);
    const mails = [];
    for (const n of [1, 2]) mails.push(read(await mailTo(`own-${n}@x.example`)));
    assert.notEqual(field(mails[0], 'UID')[0], field(mails[1], 'UID')[0]);
    for (const mail of mails) {
      assert.match(field(mail, 'UID')[0], /^:cmp_\w+-1-cus_\w+@shop\.example$/);
      assert.deepEqual(field(mail, 'DTSTART'), [':20261201T090000Z']);
      assert.equal(mail.calendar.includes('BEGIN:VTIMEZONE'), false);
    }
    await runCampaign(api, await campaign('gone', {
      invitation: { ...webinar, cancelled: true, sequence: sequence + 1 },
    }));
    const gone = read(await mailTo('gone-1@x.example'));
    assert.deepEqual([field(gone, 'METHOD'), field(gone, 'STATUS'), field(gone, 'UID')],
      [[':CANCEL'], [':CANCELLED'], [`:${uid}`]]);
    assert.equal(gone.parts.find(({ type }) => type === 'text/calendar').method, 'CANCEL');
  });

  test('records why an invitation came out unusable, and sends nothing', async () => {
    const done = await runCampaign(api, await campaign('broken', {
      invitation: { ...webinar, start: '{{ customer.traits.nothing }}' },
    }));
    assert.deepEqual([done.sent, done.failed], [0, 2]);
    const { items } = await api.get(`/api/v1/messages?campaign_id=${done.id}`);
    for (const { id } of items) {
      const { reason } = await api.get(`/api/v1/messages/${id}`);
      assert.match(reason, /start/);
    }
  });

  test('is refused by field', async () => {
    const file = await addFile('x.bin', randomBytes(10), 'application/octet-stream');
    const big = await Promise.all([1, 2, 3].map((n) =>
      addFile(`big${n}`, Buffer.alloc(4_000_000, n), 'application/octet-stream')));
    const cases = [
      [{ attachments: [{ file_id: 'fil_unknown' }] }, 'attachments[0].file_id'],
      [{ attachments: [{ file_id: file.id, name: '../x' }] }, 'attachments[0].name'],
      [{ attachments: Array(11).fill({ file_id: file.id }) }, 'attachments'],
      [{ attachments: big.map(({ id }) => ({ file_id: id })) }, 'attachments'],
      [{ invitation: { ...webinar, start: '' } }, 'invitation.start'],
      [{ invitation: { ...webinar, summary: '{% if %}' } }, 'invitation.summary'],
      [{ invitation: { ...webinar, location: 'x'.repeat(4001) } }, 'invitation.location'],
      [{ invitation: { ...webinar, sequence: -1 } }, 'invitation.sequence'],
    ];
    for (const [change, name] of cases) {
      const answer = await api.request('POST', '/api/v1/campaigns', {
        body: { name: 'x', kind: 'triggered', channel: 'email', from: 'Shop <a@shop.example>',
          template: plainTemplate, ...change },
      });
      assertProblem(answer, 400);
      assert.equal(answer.json.errors[0].field, name);
    }
  });
});

describe('a single message', () => {
  const send = (to, more, headers = {}) => api.request('POST', '/api/v1/messages', {
    headers,
    body: { to: { email: to }, from: 'Shop <a@shop.example>', template: plainTemplate, ...more },
  });

  test('brings its files along, once a key, and an invitation', async () => {
    const file = await addFile('terms.pdf', randomBytes(500));
    const receipt = randomBytes(3000);
    const body = {
      attachments: [
        { name: 'receipt 1007.pdf', content_type: 'application/pdf',
          data: receipt.toString('base64') },
        { file_id: file.id },
      ],
      invitation: { ...webinar, uid: 'visit-{{ data.visit }}@shop.example' },
      data: { visit: 7 },
    };
    const key = { 'idempotency-key': 'receipt-1007' };
    const first = await send('single@x.example', body, key);
    assert.equal(first.status, 202, first.text);
    assert.equal((await send('single@x.example', body, key)).json.id, first.json.id);
    const changed = structuredClone(body);
    changed.attachments[0].data = 'AAAA';
    assertProblem(await send('single@x.example', changed, key), 409);
    const mail = read(await mailTo('single@x.example'));
    assert.deepEqual(mail.defects, []);
    const carried = mail.parts.filter(({ disposition }) => disposition === 'attachment');
    assert.deepEqual(carried.map(({ filename }) => filename), ['receipt 1007.pdf', 'terms.pdf']);
    assert.equal(carried[0].sha256, hash(receipt));
    assert.deepEqual(field(mail, 'UID'), [':visit-7@shop.example']);
    // What came with a message is no file that a campaign could attach.
    const kept = await api.all('/api/v1/files', 50);
    assert.equal(kept.some(({ name }) => name === 'receipt 1007.pdf'), false);
  });

  test('takes its full measure and no more', async () => {
    const data = Buffer.alloc(5 * 1024 * 1024, 7).toString('base64');
    const file = (name, bytes = data) =>
      ({ name, content_type: 'application/zip', data: bytes });
    const full = await send('full@x.example', { attachments: [file('a.zip'), file('b.zip')] });
    assert.equal(full.status, 202, full.text);
    const mail = read(await mailTo('full@x.example'));
    assert.deepEqual(mail.parts.slice(2).map(({ size }) => size), [5242880, 5242880]);
    const refused = [
      [[file('a.zip'), file('b.zip'), file('c.zip', 'AAAA')], 'attachments'],
      [[{ name: 'a.zip' }], 'attachments[0]'],
      [[{ ...file('a.zip', 'AAAA'), file_id: 'fil_x' }], 'attachments[0]'],
      [[file('a.zip', '***')], 'attachments[0].data'],
      [[file('a.zip', 'AAAA'), file('../b', 'AAAA')], 'attachments[1].name'],
    ];
    for (const [attachments, name] of refused) {
      const answer = await send('no@x.example', { attachments });
      assertProblem(answer, 400);
      assert.equal(answer.json.errors[0].field, name);
    }
  });
});

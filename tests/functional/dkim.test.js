// DKIM: signatures of what the program sends, judged by verifiers that others wrote.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { assertProblem } from '../lib/api.js';
import { identify, makeCampaign, makeSegment, runCampaign } from '../lib/events.js';
import { Program, root } from '../lib/program.js';

const scripts = {
  latin: ['Grüße aus Zürich', 'Straße nach Reykjavík, žluťoučký kůň'],
  vietnamese: ['Ưu đãi dành cho bạn', 'Chữ Quốc ngữ: đường, nghĩa, Huỳnh'],
  chinese: ['給您的優惠 🎉', '早安，世界。这是简体，這是繁體。'],
  arabic: ['عرض خاص لك', 'السلام عليكم ورحمة الله وبركاته'],
};
const each = 50;

let program;
let api;
let folder;
before(async () => {
  program = await Program.start();
  api = program.api;
  folder = mkdtempSync(path.join(os.tmpdir(), 'rapport-dkim-'));
});
after(async () => {
  await program?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends `count` mails in one script and gives the files of their raw text. */
async function sendIn(script, count) {
  await api.batch(Array.from({ length: count }, (_, n) => identify(`${script}-${n}`, {
    script, email: `${script}-${n}@x.example`, word: scripts[script][1], n,
  })));
  const segment = await makeSegment(api, script, { trait: 'script', op: 'eq', value: script });
  const filler = `${scripts[script][1]}   two  spaces \t `.repeat(20);
  const done = await runCampaign(api, await makeCampaign(api, segment, {
    from: `${scripts[script][0]} <hello@mail.shop.example>`,
    template: {
      subject: `${scripts[script][0]} {{ customer.traits.n }}`,
      html: `<p>{{ customer.traits.word }} {{ customer.traits.n }}</p>\n\n\n<p>${filler}</p>\n`,
      text: `{{ customer.traits.word }}\n\n.\n..\nFrom {{ customer.traits.n }}  \n${filler}\n\n\n`,
    },
  }));
  assert.equal(done.sent, count);
  const mails = await api.all('/api/v1/sandbox/messages', 200);
  return mails.filter((mail) => mail.to.startsWith(`${script}-`)).map((mail) => {
    const file = path.join(folder, `${mail.to}.eml`);
    writeFileSync(file, mail.raw);
    return file;
  });
}

/** [signatures, verified] of each mail, by dkimpy. */
function byDkimpy(keys, files) {
  const out = execFileSync('/usr/bin/python3', [path.join(root, 'tests/lib/verify_dkim.py'), keys,
    ...files], { encoding: 'utf8' });
  return out.trim().split('\n').map((line) => line.split(' ').map(Number));
}

/** How many mails opendkim finds a good signature on. */
function byOpendkim(keys, files) {
  const configuration = path.join(folder, 'opendkim.conf');
  writeFileSync(configuration, `Mode v\nTestPublicKeys ${keys}\nSyslog no\n`);
  const run = spawnSync('/usr/sbin/opendkim', ['-x', configuration, '-vv', '-t', files.join(',')],
    { encoding: 'utf8' });
  return (run.stdout + run.stderr).split('\n')
    .filter((line) => /verification \(s=rapport-\w+, d=shop\.example.*succeeded/.test(line)).length;
}

test('200 mails in four scripts verify with dkimpy and opendkim', async () => {
  const domain = await api.post('/api/v1/sending-domains', {
    domain: 'Shop.Example', algorithms: ['rsa-sha256', 'ed25519-sha256'],
  });
  assert.equal(domain.domain, 'shop.example');
  const records = domain.records.filter((record) => record.purpose === 'dkim');
  assert.equal(records.length, 2);
  const keys = path.join(folder, 'keys');
  writeFileSync(keys, records.map(({ name, value }) => `${name} ${value}\n`).join(''));

  const files = [];
  for (const script of Object.keys(scripts)) files.push(...await sendIn(script, each));
  assert.equal(files.length, 4 * each);
  for (const [count, good] of byDkimpy(keys, files)) assert.deepEqual([count, good], [2, 2]);
  const rsaKey = path.join(folder, 'rsa-key');
  writeFileSync(rsaKey, records.filter(({ value }) => value.includes('k=rsa'))
    .map(({ name, value }) => `${name} ${value}\n`).join(''));
  assert.equal(byOpendkim(rsaKey, files), files.length);

  // The judges do judge: one changed letter, one added header, another key.
  const [file] = files;
  const raw = execFileSync('cat', [file], { encoding: 'utf8' });
  for (const [name, forged] of [
    ['body', raw.replace('Content-Type: text/html', 'Content-Type: text/htm1')],
    ['subject', raw.replace(/^Subject: /m, 'Subject: x')],
    ['second from', `From: evil@evil.example\r\n${raw}`],
    ['second cc', `Cc: evil@evil.example\r\n${raw}`],
  ]) {
    assert.notEqual(forged, raw, name);
    const altered = path.join(folder, 'altered.eml');
    writeFileSync(altered, forged);
    assert.deepEqual(byDkimpy(keys, [altered]), [[2, 0]], name);
    assert.equal(byOpendkim(rsaKey, [altered]), 0, name);
  }
});

test('a domain is made, shown, switched, renewed and removed', async () => {
  const made = await api.post('/api/v1/sending-domains', { domain: 'news.example' });
  assert.deepEqual(made.keys.map((key) => key.algorithm), ['rsa-sha256']);
  assert.equal(made.signing, true);
  assert.ok(!JSON.stringify(made).includes('PRIVATE'));
  const create = (body) => api.request('POST', '/api/v1/sending-domains', { body });
  assertProblem(await create({ domain: 'news.example' }), 409);
  for (const [body, field] of [
    [{ domain: 'a b' }, 'domain'], [{ domain: 'x\r\nBcc: y' }, 'domain'],
    [{ domain: '' }, 'domain'],
    [{ domain: 'ok.example', algorithms: ['rsa-sha1'] }, 'algorithms'],
    [{ domain: 'ok.example', return_domain: '@' }, 'return_domain'],
  ]) {
    assertProblem(await create(body), 400, { field });
  }
  const off = await api.put('/api/v1/sending-domains/news.example', {
    signing: false, return_domain: 'bounce.news.example',
  });
  assert.deepEqual([off.signing, off.return_domain], [false, 'bounce.news.example']);
  const renewed = await api.request('POST', '/api/v1/sending-domains/news.example/renew-keys');
  assert.equal(renewed.status, 200);
  assert.notEqual(renewed.json.keys[0].selector, made.keys[0].selector);
  assert.notEqual(renewed.json.records[0].value, made.records[0].value);
  const list = await api.get('/api/v1/sending-domains');
  assert.ok(list.items.some((item) => item.domain === 'news.example'));
  assert.equal((await api.request('DELETE', '/api/v1/sending-domains/news.example')).status, 204);
  assertProblem(await api.request('GET', '/api/v1/sending-domains/news.example'), 404);
});

// From an empty data folder to a delivered campaign, in the browser alone: the setup link, the
// checklist, a source, a segment, a campaign into a real SMTP receiver, and its report.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Api } from '../lib/api.js';
import { launch, noBrowser } from '../lib/browser.js';
import { accessibilityFaults, dist, openTab, settle, shots } from '../lib/console.js';
import { identify, linksOf, makeCampaign, makeSegment, pathOf, track } from '../lib/events.js';
import { binary, freePort } from '../lib/program.js';
import { Receiver } from '../lib/smtp.js';
import { until } from '../lib/wait.js';

const skip = noBrowser || (existsSync(path.join(dist, 'index.html'))
  ? false : 'console/dist is not built');
const email = 'first@shop.example';
const password = 'a long enough password';

describe('first run', { skip }, () => {
  let folder;
  let child;
  let output = '';
  let url;
  let browser;
  let receiver;

  before(async () => {
    mkdirSync(shots, { recursive: true });
    folder = await mkdtemp(path.join(os.tmpdir(), 'rapport-first-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    child = spawn(binary, ['serve', '--data', path.join(folder, 'data'), '--listen',
      `127.0.0.1:${port}`, '--console', dist], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, RAPPORT_MACHINE_CLICK_SECONDS: '0' },  // the reader here is quick
    });
    const keep = (data) => (output += data);
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    await until('the setup link', () => /\/setup#token=\w+/.test(output));
    browser = await launch();
    receiver = await Receiver.start();
  });
  after(async () => {
    await browser?.close();
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.on('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    await receiver?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const post = (body) => fetch(`${url}/api/v1/setup`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  });

  test('nobody sets up without the link, and nothing is left of a try', async () => {
    const good = { workspace: 'Shop', email, password, time_zone: 'Asia/Kolkata' };
    assert.equal((await fetch(`${url}/api/v1/session`)).status, 401);
    assert.deepEqual(await (await fetch(`${url}/api/v1/setup`)).json(), { needed: true });
    assert.equal((await post({ ...good, token: '' })).status, 403);
    assert.equal((await post({ ...good, token: 'x'.repeat(32) })).status, 403);
    const token = /token=(\w+)/.exec(output)[1];
    for (const [field, value] of [['email', 'nonsense'], ['password', 'short'],
      ['time_zone', 'Mars/Olympus'], ['workspace', ' ']]) {
      const answer = await post({ ...good, token, [field]: value });
      assert.equal(answer.status, 400, field);
    }
    assert.equal(existsSync(path.join(folder, 'data/control.db')), false);
  });

  test('from the link to the report of a delivered campaign', async () => {
    const { context, tab, wrong } = await openTab(browser);
    await tab.goto(url);
    await tab.waitForURL(/\/setup$/);
    await tab.locator('h1').waitFor();
    await tab.goto(/http:\S+#token=\w+/.exec(output)[0]);
    await tab.reload();
    await tab.getByLabel('Name of your business').fill('Phở 24 小店');
    await tab.getByLabel('Your e-mail').fill(email);
    await tab.getByLabel('Password', { exact: true }).fill(password);
    await tab.screenshot({ path: path.join(shots, 'setup.png') });
    assert.deepEqual(await accessibilityFaults(tab), []);
    await tab.getByRole('button', { name: 'Create workspace' }).click();
    await tab.getByText(/^wk_\w+$/).waitFor();
    const writeKey = await tab.getByText(/^wk_\w+$/).innerText();
    const adminKey = await tab.getByText(/^rk_\w+$/).innerText();
    await tab.screenshot({ path: path.join(shots, 'setup-done.png') });
    // While the program changes over from setup, a try to sign in may be answered by neither.
    await tab.getByRole('button', { name: 'Open the console' }).click();
    await tab.waitForURL(`${url}/`);
    await settle(tab);
    await tab.screenshot({ path: path.join(shots, 'home-empty.png') });
    wrong.length = 0;

    const api = new Api(url, { key: adminKey, writeKey });
    assert.equal((await post({
      token: 'x', workspace: 'Two', email, password, time_zone: 'UTC',
    })).status, 409);
    await api.batch([
      identify('u-1', { name: 'Ada', email: 'ada@x.example', country: 'VN' }),
      track('u-1', 'Order Completed', { total: 52.3, currency: 'USD' }),
    ]);
    // The checklist ticks by itself.
    await tab.waitForFunction(() => document.querySelectorAll('.step.is-done').length >= 2);

    await tab.goto(`${url}/settings/email`);
    await settle(tab);
    await api.put('/api/v1/providers/email', {
      type: 'smtp', host: '127.0.0.1', port: receiver.port, security: 'none',
    });
    const segment = await makeSegment(api, 'In Vietnam',
      { trait: 'country', op: 'eq', value: 'VN' });
    const draft = await makeCampaign(api, segment, { name: 'Hello' });
    await tab.goto(`${url}/campaigns/${draft.id}`);
    await settle(tab);
    await tab.getByRole('button', { name: /start|send now|send to/i }).first().click();
    await tab.locator('.ant-modal-confirm-btns .ant-btn-primary, .ant-modal .ant-btn-primary')
      .first().click();
    const mail = await until('the message to arrive', () => receiver.messages[0]);
    await until('the message to be read', () => mail.parsed);
    const links = linksOf({ html: mail.parsed.html, raw: mail.raw });
    for (const link of Object.values(links).slice(0, 2)) {
      await api.as(null).request('GET', pathOf(link));
    }
    await until('the open to be counted', async () =>
      (await api.get(`/api/v1/campaigns/${draft.id}`)).opened === 1);
    await tab.goto(`${url}/campaigns/${draft.id}`);
    await settle(tab);
    await tab.screenshot({ path: path.join(shots, 'first-report.png') });
    assert.match(await tab.locator('main').innerText(), /100\s?%/);
    assert.deepEqual(wrong, []);
    await context.close();
  });
});

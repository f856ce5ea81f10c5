// Work in the console: a file with faulty rows imported, a viewer who is not offered what a viewer
// may not do, a form that outlives the end of its session, and a server that restarts.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, noBrowser } from '../lib/browser.js';
import { accessibilityFaults, dist, openTab, settle, shots, signIn } from '../lib/console.js';
import { identify, makeCampaign, makeSegment } from '../lib/events.js';
import { Program } from '../lib/program.js';

const skip = noBrowser || (existsSync(path.join(dist, 'index.html'))
  ? false : 'console/dist is not built');
const viewer = { email: 'viewer@shop.example', password: 'only looks at things' };

describe('work', { skip }, () => {
  let program;
  let browser;

  before(async () => {
    mkdirSync(shots, { recursive: true });
    program = await Program.start({ args: ['--console', dist] });
    await program.api.post('/api/v1/users', { ...viewer, role: 'viewer' });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await program?.remove();
  });

  test('a CSV with faulty rows', async () => {
    const { context, tab, wrong } = await openTab(browser);
    await signIn(tab, program.url);
    await tab.goto(`${program.url}/import`);
    await settle(tab);
    const rows = Array.from({ length: 50 }, (_, n) =>
      `${n + 1};c${n + 1}@x.example;${['Ánh', '小明', 'محمد'][n % 3]};${n === 37 ? 'many' : n}`);
    rows.splice(3, 0, ';;nobody;1', '9;too;few');
    await tab.locator('input[type="file"]').setInputFiles({
      name: 'khách hàng.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`customer_id;email;name;points\n${rows.join('\n')}\n`),
    });
    await tab.getByRole('button', { name: 'Start the import' }).waitFor();
    await tab.locator('.preview-events .json').first().waitFor();
    assert.match(await tab.locator('.preview-events').innerText(), /c1@x\.example|Ánh/);
    await tab.screenshot({ path: path.join(shots, 'import-mapping.png'), fullPage: true });
    assert.deepEqual(await accessibilityFaults(tab), []);
    await tab.getByRole('button', { name: 'Start the import' }).click();
    await tab.getByText('khách hàng.csv is imported').waitFor();
    const report = await tab.locator('main').innerText();
    assert.match(report, /Rows read\s+52/);
    assert.match(report, /Customers\s+49/);
    assert.match(report, /Rows refused\s+3/);
    await tab.screenshot({ path: path.join(shots, 'import-report.png'), fullPage: true });
    const download = tab.waitForEvent('download');
    await tab.getByRole('link', { name: 'Download refused rows' }).first().click();
    const csv = await readFile(await (await download).path(), 'utf8');
    assert.equal(csv.trim().split('\n').length, 4);
    assert.match(csv, /many/);
    const customer = await program.api.customer('user_id', '1');
    assert.equal(customer.traits.name, 'Ánh');
    assert.equal(customer.traits.email, 'c1@x.example');
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('a viewer is neither offered nor able to send', async () => {
    const { api } = program;
    await api.batch([identify('v-1', { email: 'v-1@x.example', tag: 'viewer' })]);
    const segment = await makeSegment(api, 'Seen', { trait: 'tag', op: 'eq', value: 'viewer' });
    const draft = await makeCampaign(api, segment, { name: 'Not yours' });
    const { context, tab, wrong } = await openTab(browser);
    await signIn(tab, program.url, viewer);
    await settle(tab);
    assert.equal(await tab.getByRole('link', { name: 'Import' }).count(), 0);
    for (const target of ['/campaigns', `/campaigns/${draft.id}`, '/segments',
      `/segments/${segment.id}`]) {
      await tab.goto(program.url + target);
      await settle(tab);
      const offered = await tab.locator('main button, main a').allInnerTexts();
      assert.deepEqual(
        offered.filter((text) => /^(start|send|new|edit|delete|duplicate)/i.test(text.trim())),
        [], target);
    }
    await tab.keyboard.press('Control+k');
    await tab.locator('input[role="combobox"]').fill('new');
    assert.equal(await tab.getByRole('option', { name: 'New campaign' }).count(), 0);
    await tab.keyboard.press('Escape');
    const status = await tab.evaluate(async (id) => {
      const session = await (await fetch('/api/v1/session')).json();
      const answer = await fetch(`/api/v1/campaigns/${id}/start`, {
        method: 'POST', headers: { 'X-CSRF-Token': session.csrf_token },
      });
      return answer.status;
    }, draft.id);
    assert.equal(status, 403);
    assert.equal((await api.get(`/api/v1/campaigns/${draft.id}`)).status, 'draft');
    wrong.splice(0, wrong.length, ...wrong.filter((text) => !/403/.test(text)));
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('what was typed outlives the end of the session and a restart', async () => {
    const { context, tab } = await openTab(browser);
    await signIn(tab, program.url);
    await tab.goto(`${program.url}/settings/workspace`);
    await settle(tab);
    const name = tab.getByLabel('Name', { exact: true });
    await name.fill('Tên mới 🏪');
    // Every session of the user ends, as when an administrator ends them.
    await tab.evaluate(async () => {
      const { csrf_token: token } = await (await fetch('/api/v1/session')).json();
      await fetch('/api/v1/session', { method: 'DELETE', headers: { 'X-CSRF-Token': token } });
    });
    await tab.locator('form', { has: name }).getByRole('button', { name: 'Save' }).click();
    const dialog = tab.getByRole('dialog');
    await dialog.waitFor();
    await dialog.locator('input[type="password"]').fill(Program.password);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await name.inputValue(), 'Tên mới 🏪');

    await program.stop();
    await tab.locator('.live-note').waitFor();
    await program.start();
    await tab.locator('.live-note').waitFor({ state: 'detached', timeout: 60_000 });
    await tab.reload();
    await settle(tab);
    assert.equal(await name.inputValue(), 'Tên mới 🏪');
    await tab.locator('form', { has: name }).getByRole('button', { name: 'Save' }).click();
    await tab.waitForFunction(async () => {
      const workspace = await (await fetch('/api/v1/workspace')).json();
      return workspace.name === 'Tên mới 🏪';
    });
    await context.close();
  });
});

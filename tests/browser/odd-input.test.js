// What people and networks do to a console: names in any script and of any length, events of two
// hundred properties or thirty kilobytes, zones of half hours, and a network that drops.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, noBrowser } from '../lib/browser.js';
import { dist, openTab, overflow, settle, shots, signIn } from '../lib/console.js';
import { identify, track } from '../lib/events.js';
import { Program } from '../lib/program.js';

const skip = noBrowser || (existsSync(path.join(dist, 'index.html'))
  ? false : 'console/dist is not built');
const names = {
  arabic: 'محمد علي الأحمدي', family: 'Amélie 👩‍👩‍👧‍👦 Durand', long: `Năm${'ờ'.repeat(297)}`,
};

describe('odd input', { skip }, () => {
  let program;
  let browser;

  before(async () => {
    mkdirSync(shots, { recursive: true });
    program = await Program.start({ args: ['--console', dist] });
    await program.api.batch(Object.entries(names).map(([user, name]) =>
      identify(user, { name, email: `${user}@odd.example` })));
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await program?.remove();
  });

  async function signedIn(options) {
    const opened = await openTab(browser, options);
    await signIn(opened.tab, program.url);
    return opened;
  }

  for (const [user, name] of Object.entries(names)) {
    test(`a name that is ${user} stands whole and breaks no page`, async () => {
      const { context, tab, wrong } = await signedIn({ viewport: { width: 375, height: 800 } });
      const customer = await program.api.customer('user_id', user);
      await tab.goto(`${program.url}/customers/${customer.id}`);
      await settle(tab);
      const heading = tab.getByRole('heading', { level: 1 });
      assert.equal((await heading.innerText()).trim(), name);
      assert.equal(await overflow(tab), 0);
      await tab.goto(`${program.url}/customers?query=${user}%40odd`);
      await settle(tab);
      await tab.getByText(name).first().waitFor();
      assert.equal(await overflow(tab), 0);
      await tab.screenshot({ path: path.join(shots, `odd-${user}.png`) });
      assert.deepEqual(wrong, []);
      await context.close();
    });
  }

  test('an event of 200 properties and one of 30 KB open whole', async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 200 }, (_, n) => [`property_${n}`, `value ${n}`]));
    const text = `${'x'.repeat(29_000)}THE END`;
    await program.api.batch([track('long', 'Wide', properties), track('long', 'Heavy', { text })]);
    const { context, tab, wrong } = await signedIn({ viewport: { width: 375, height: 800 } });
    for (const [name, last] of [['Wide', 'value 199'], ['Heavy', 'THE END']]) {
      await tab.goto(`${program.url}/events?name=${name}`);
      await settle(tab);
      await tab.locator('.event-button').first().click();
      await tab.locator('.json').first().waitFor();
      assert.ok((await tab.locator('main').innerText()).includes(last), name);
      assert.equal(await overflow(tab), 0, name);
    }
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('times are told in a zone of half hours', async () => {
    const { id: _, created_at: __, ...workspace } = await program.api.get('/api/v1/workspace');
    await program.api.put('/api/v1/workspace', { ...workspace, time_zone: 'Asia/Kathmandu' });
    const at = new Date(Date.now() - 3_600_000);
    at.setUTCMinutes(10, 0, 0);
    await program.api.batch([
      { ...track('arabic', 'Quarter'), timestamp: at.toISOString() }]);
    const { context, tab, wrong } = await signedIn();
    await tab.goto(`${program.url}/events?name=Quarter`);
    await settle(tab);
    // Five hours and three quarters ahead of UTC: ten past is five to.
    await tab.locator('.event-time', { hasText: ':55' }).first().waitFor();
    await program.api.put('/api/v1/workspace', workspace);
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('what was typed outlives a network that drops', async () => {
    const { context, tab } = await signedIn();
    await tab.goto(`${program.url}/settings/workspace`);
    await settle(tab);
    const name = tab.getByLabel('Name', { exact: true });
    await name.fill('آنا 🏪');
    await context.setOffline(true);
    await tab.locator('form', { has: name }).getByRole('button', { name: 'Save' }).click();
    await tab.locator('.ant-message-error, [role="alert"]').first().waitFor();
    assert.equal(await name.inputValue(), 'آنا 🏪');
    await context.setOffline(false);
    await tab.locator('form', { has: name }).getByRole('button', { name: 'Save' }).click();
    await tab.waitForFunction(async () =>
      (await (await fetch('/api/v1/workspace')).json()).name === 'آنا 🏪');
    await context.close();
  });
});

// The main job in the browser: find a customer, understand them, make a segment, send a test and a
// campaign, read the result. Every step is checked against what the API stores.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, noBrowser } from '../lib/browser.js';
import { identify, linksOf, pathOf, track } from '../lib/events.js';
import { Program, root } from '../lib/program.js';
import { until } from '../lib/wait.js';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const dist = path.join(root, 'console/dist');
const shots = path.join(root, 'build/screenshots');
const skip = noBrowser || (existsSync(path.join(dist, 'index.html'))
  ? false : 'console/dist is not built');

describe('audience', { skip }, () => {
  let program;
  let api;
  let browser;
  let context;
  let tab;
  const wrong = [];

  before(async () => {
    mkdirSync(shots, { recursive: true });
    program = await Program.start({ args: ['--console', dist] });
    api = program.api;
    await api.batch([
      ...Array.from({ length: 12 }, (_, n) => identify(`s-${n}`, {
        first_name: ['Ánh', 'Zoë', 'José'][n % 3], last_name: ['Nguyễn', 'Baker', 'Ruiz'][n % 3],
        email: `s-${n}@x.example`, country: ['VN', 'GB'][n % 2], time_zone: 'Asia/Kolkata',
        language: 'vi', address: { city: 'Huế' },
      }, { anonymousId: `v-${n}` })),
      ...Array.from({ length: 18 }, (_, n) => track(`s-${n % 12}`, 'Order Completed', {
        total: 17.44 * (n + 1), currency: 'GBP', products: [{ quantity: 2 }, { quantity: 1 }],
      })),
    ]);
    browser = await launch();
    context = await browser.newContext(
      { viewport: { width: 1360, height: 860 }, reducedMotion: 'reduce' });
    tab = await context.newPage();
    tab.on('pageerror', (error) => wrong.push(String(error)));
    tab.on('response', (response) => {
      if (response.status() >= 400 && response.status() !== 401) {
        wrong.push(`${response.status()} ${response.url()}`);
      }
    });
    await tab.goto(`${program.url}/sign-in`);
    await tab.fill('input[autocomplete="username"]', Program.email);
    await tab.fill('input[autocomplete="current-password"]', Program.password);
    await tab.click('button[type="submit"]');
    await tab.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  });
  after(async () => {
    await browser?.close();
    await program?.remove();
  });

  const shot = (name) =>
    tab.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });

  async function isAccessible(name) {
    await tab.evaluate(axeSource);
    const result = await tab.evaluate(() => window.axe.run(document, {
      runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] },
    }));
    assert.deepEqual(result.violations.map(({ id, nodes }) =>
      `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`), [], name);
  }

  test('a customer is found by a name without accents and understood', async () => {
    await tab.goto(`${program.url}/customers`);
    await tab.getByRole('searchbox').fill('nguyen');
    await tab.waitForURL(/query=nguyen/);
    await tab.getByRole('link', { name: /s-9@x\.example/ }).waitFor();
    await until('the others to go', async () => await tab.locator('tbody tr').count() === 4);
    await isAccessible('customers');
    await tab.getByRole('link', { name: /s-0@x\.example/ }).click();
    await tab.getByRole('heading', { level: 1, name: 'Ánh Nguyễn' }).waitFor();
    const page = tab.locator('main');
    await page.getByText('Bought 3 items for').first().waitFor();
    await page.getByText(/there now/).waitFor();
    await page.getByText(/2 orders/).waitFor();
    await page.getByText('Made this profile').first().waitFor();
    await isAccessible('customer');
    await shot('audience-customer');
  });

  test('columns are chosen from what customers have, and kept', async () => {
    await tab.goto(`${program.url}/customers?columns=trait:address.city,events`);
    await tab.getByRole('columnheader', { name: 'address.city' }).waitFor();
    assert.ok((await tab.locator('tbody').innerText()).includes('Huế'));
    const [file] = await Promise.all([tab.waitForEvent('download'),
      tab.getByRole('link', { name: 'Export' }).click()]);
    const text = readFileSync(await file.path(), 'utf8');
    assert.match(text, /^\uFEFFid,name,email,trait:address\.city,event_count\r\n/);
    assert.equal(text.trim().split('\r\n').length, 13);
  });

  /** Types into an autocomplete and takes the first offer, by keyboard alone. */
  async function choose(field, text, offer) {
    await field.focus();
    await tab.keyboard.type(text);
    const option = tab.locator('.ant-select-item-option-active', { hasText: offer });
    await until(`${offer} to be offered first`, async () => {
      if (await option.count() > 0) return true;
      await tab.keyboard.press('ArrowDown');
      return false;
    });
    await tab.keyboard.press('Enter');
    assert.equal(await field.inputValue(), offer);
  }

  test('the builder stores the very condition that was built', async () => {
    await tab.goto(`${program.url}/segments/new`);
    await tab.getByLabel('Name', { exact: true }).fill('Buyers in Vietnam');
    await choose(tab.getByLabel('Trait, e.g. country'), 'coun', 'country');
    await choose(tab.getByLabel('Value', { exact: true }), 'V', 'VN');
    await tab.getByRole('button', { name: 'Event', exact: true }).click();
    await choose(tab.getByLabel('Event, e.g. Order Completed'), 'order', 'Order Completed');
    await tab.getByRole('button', { name: 'Only where a property fits' }).click();
    await choose(tab.getByLabel('Property, e.g. total'), 'tot', 'total');
    await tab.getByLabel('Comparison').nth(2).focus();
    await tab.keyboard.type('is at least');
    await tab.keyboard.press('Enter');
    await tab.getByLabel('Value', { exact: true }).nth(1).fill('20');
    await tab.locator('.preview-body:not(.is-dim) strong', { hasText: /^6$/ }).waitFor();
    await isAccessible('builder');
    await shot('audience-builder');
    await tab.getByRole('button', { name: 'Create segment' }).click();
    await tab.waitForURL(/\/segments\/seg_/);
    const [segment] = await api.all('/api/v1/segments');
    assert.deepEqual(segment.condition, { all: [
      { trait: 'country', op: 'eq', value: 'VN' },
      { event: 'Order Completed', where: [{ property: 'total', op: 'gte', value: 20 }] },
    ] });
  });

  test('a campaign is written in steps, tested, sent, and its result read', async () => {
    await tab.getByRole('link', { name: 'Send a campaign' }).click();
    await tab.getByLabel('Name of the campaign').fill('Tet greetings');
    await tab.getByRole('button', { name: 'Continue' }).click();
    await tab.getByLabel('From').fill('Shop <hello@shop.example>');
    await tab.getByLabel('Subject').fill('Hello ');
    await tab.getByLabel('Subject').focus();
    await tab.getByRole('button', { name: 'Personalise' }).click();
    await tab.getByLabel('If it is not known, write').fill('friend');
    await tab.keyboard.press('Enter');
    await tab.getByLabel('HTML', { exact: true }).last()
      .fill('<p>Hi</p><a href="https://shop.example/sale">Sale</a>');
    assert.equal(await tab.getByLabel('Subject').inputValue(),
      'Hello {{ customer.traits.first_name | default: "friend" }}');
    await tab.locator('.mail-head', { hasText: 'Hello Ánh' }).waitFor();
    await tab.getByText('There is no unsubscribe link').waitFor();
    await isAccessible('composer');
    await shot('audience-composer');
    await tab.reload();
    assert.equal(await tab.getByLabel('From').inputValue(), 'Shop <hello@shop.example>');
    for (const step of ['schedule', 'goal', 'review']) {
      await tab.getByRole('button', { name: 'Continue' }).click();
      await tab.waitForURL(new RegExp(`step=${step}`));
    }
    await tab.getByRole('button', { name: 'Send a test' }).click();
    await tab.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
    const mail = await until('the test to arrive', async () =>
      (await api.get(`/api/v1/sandbox/messages?to=${Program.email}`)).items[0]);
    assert.equal(mail.subject, 'Hello Ánh');
    await shot('audience-review');
    await tab.getByRole('button', { name: 'Send now' }).click();
    await tab.getByRole('dialog').getByRole('button', { name: 'Send now' }).click();
    await tab.waitForURL(/\/campaigns\/cmp_\w+$/);
    const [campaign] = await api.all('/api/v1/campaigns');
    await until('the campaign to be done', async () =>
      (await api.get(`/api/v1/campaigns/${campaign.id}`)).status === 'done');
    const mails = await api.all('/api/v1/sandbox/messages');
    assert.equal(mails.length, 7);
    for (const link of Object.values(linksOf(mails[0])).slice(0, 2)) {
      await api.as(null).request('GET', pathOf(link));
    }
    await tab.reload();
    await tab.getByText('100%').first().waitFor();
    await tab.getByText('16.7%').first().waitFor();
    await tab.getByRole('heading', { name: 'Over time' }).waitFor();
    const links = tab.getByRole('table', { name: 'Links' });
    await links.getByText('https://shop.example/sale').waitFor();
    await isAccessible('report');
    await shot('audience-report');
    const [file] = await Promise.all([tab.waitForEvent('download'),
      tab.getByRole('link', { name: 'Export recipients' }).click()]);
    assert.equal(readFileSync(await file.path(), 'utf8').trim().split('\r\n').length, 7);
    assert.deepEqual(wrong, []);
  });

  test('a campaign is paused, goes on, and is cancelled from its page', async () => {
    const [segment] = await api.all('/api/v1/segments');
    const campaign = await api.post('/api/v1/campaigns', {
      name: 'Next year', channel: 'email', from: 'shop@shop.example', kind: 'scheduled',
      segment_id: segment.id, schedule: { at: '2099-01-01T09:00:00Z' },
      template: { subject: 'Hello', text: 'Hello' },
    });
    const at = `/api/v1/campaigns/${campaign.id}`;
    await api.post(`${at}/start`);
    const becomes = (status) => until(`the campaign to be ${status}`, async () =>
      (await api.get(at)).status === status);
    await tab.goto(`${program.url}/campaigns/${campaign.id}`);
    await tab.getByRole('button', { name: 'Pause' }).focus();
    await tab.keyboard.press('Enter');
    await becomes('paused');
    await tab.setViewportSize({ width: 375, height: 800 });
    await tab.getByRole('button', { name: 'Resume' }).waitFor();
    await isAccessible('paused campaign');
    assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= 375));
    await shot('audience-paused-narrow');
    await tab.setViewportSize({ width: 1360, height: 860 });
    await tab.getByRole('button', { name: 'Resume' }).click();
    await becomes('scheduled');
    await tab.getByRole('button', { name: 'Cancel the rest' }).click();
    await tab.getByRole('dialog').getByRole('button', { name: 'Cancel the rest' }).click();
    await becomes('cancelled');
    await tab.getByText('Cancelled', { exact: true }).first().waitFor();
    assert.equal(await tab.getByRole('button', { name: 'Pause' }).count(), 0);
    assert.deepEqual(wrong, []);
  });
});

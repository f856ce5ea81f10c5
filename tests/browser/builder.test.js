// The segment builder speaks the whole language: every form that the API takes opens in the
// builder, not as JSON, and is stored again as the very same condition; the forms that need more
// than a field are built by hand. The sentence and the cost stand beside.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, noBrowser } from '../lib/browser.js';
import { accessibilityFaults, dist, openTab, overflow, shots, signIn } from '../lib/console.js';
import { identify, makeSegment, track } from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

const skip = noBrowser || (existsSync(path.join(dist, 'index.html'))
  ? false : 'console/dist is not built');
const where = [{ property: 'total', op: 'gte', value: 50 }];
const square = [{ lat: 10, lon: 106 }, { lat: 10, lon: 107 }, { lat: 11, lon: 107 }];

describe('builder', { skip }, () => {
  let program;
  let api;
  let browser;
  let tab;
  let wrong;
  let ids;

  before(async () => {
    mkdirSync(shots, { recursive: true });
    program = await Program.start({ args: ['--console', dist] });
    api = program.api;
    await api.batch([
      ...Array.from({ length: 6 }, (_, n) => identify(`b-${n}`, {
        first_name: 'Zoë', email: `b-${n}@x.example`, home: { lat: 10.2, lon: 106.5 + n },
      })),
      ...Array.from({ length: 12 }, (_, n) =>
        track(`b-${n % 6}`, 'Order Completed', { total: 20 * n, sku: `s-${n}` })),
    ]);
    const list = await api.post('/api/v1/lists', { name: 'Guests' });
    const other = await makeSegment(api, 'Others', { trait: 'email', op: 'exists' });
    const topic = await api.post('/api/v1/topics', { name: 'News', titles: { en: 'News' },
      channels: ['email'], default_consent: 'opt_in', message_class: 'marketing' });
    ids = { list: list.id, segment: other.id, topic: topic.id };
    browser = await launch();
    ({ tab, wrong } = await openTab(browser));
    await signIn(tab, program.url);
  });
  after(async () => {
    await browser?.close();
    await program?.remove();
  });

  const shot = (name) =>
    tab.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
  const stored = async (name) =>
    (await api.all('/api/v1/segments')).find((segment) => segment.name === name);

  test('every form opens in the builder and is stored as it was', async () => {
    const forms = [
      { trait: 'home.city', op: 'in', value: ['Huế', 1, true], case_insensitive: true },
      { trait: 'birthday', op: 'anniversary_within_next', value: '7d', zone: 'customer' },
      { not: { any: [{ trait: 'a', op: 'not_exists' }, { trait: 'b', op: 'matches',
        value: '^x' }] } },
      { event: 'Order Completed', count: { gte: 2, lt: 9 }, within: '90d', where },
      { event: ['A', 'B'], count: { between: [2, 4] }, in_period: 'last_week', zone: 'customer' },
      { event: { prefix: 'Order ' }, between_ago: ['60d', '30d'] },
      { event: 'A', sum: { property: 'total', gte: 1000, lt: 5000 }, within: '365d' },
      { event: 'A', avg: { property: 'total', gt: 1.5 }, distinct: { property: 'sku', gte: 3 },
        min: { property: 'x', ne: 0 }, max: { property: 'x', lte: 8 }, count: { gte: 3 } },
      { event: 'A', where, within: '365d', first: { older_than: '30d', where } },
      { event: 'A', last: { between: ['2026-01-01T00:00:00.000Z',
        '2026-02-01T00:00:00.000Z'] } },
      { event: 'A', within: '7d', not_followed_by: { event: 'B', within: '2d', where } },
      { sequence: [{ event: 'A' }, { event: 'B', max_gap: '1d', without: { event: 'X', where } },
        { event: 'C' }], within: '7d' },
      { message: 'opened', campaign: 'cmp_0000000000001', journey: 'jrn_0000000000001',
        channel: 'email', topic: ids.topic, count: { gte: 2 }, within: '30d' },
      { segment: ids.segment }, { list: ids.list },
      { topic: ids.topic, channel: 'email', subscribed: true },
      { location: 'home', near: { lat: 10.77, lon: 106.7, km: 5 } },
      { location: 'home', inside: square },
      { bucket: { salt: 'spring sale', from: 2.25, to: 12.5 } },
    ];
    const all = await makeSegment(api, 'Everything said', { any: forms });
    const before = (await api.get(`/api/v1/segments/${all.id}`)).condition;
    assert.deepEqual(before, { any: forms });
    await tab.goto(`${program.url}/segments/${all.id}/edit`);
    await tab.getByRole('img', { name: 'Area with 3 corners' }).waitFor();
    await tab.locator('.preview-body:not(.is-dim) .preview-sentence').waitFor();
    assert.equal(await tab.locator('.group-children > li.condition').count() >= forms.length, true);
    assert.deepEqual(await accessibilityFaults(tab), []);
    await shot('builder-everything');
    await tab.setViewportSize({ width: 375, height: 800 });
    assert.ok(await overflow(tab) <= 0);
    await shot('builder-everything-narrow');
    await tab.setViewportSize({ width: 1360, height: 860 });
    await tab.getByLabel('Name', { exact: true }).fill('Everything kept');
    await tab.getByRole('button', { name: 'Save' }).click();
    await tab.waitForURL((url) => !url.pathname.endsWith('/edit'));
    assert.deepEqual((await stored('Everything kept')).condition, { any: forms });
  });

  async function begin(name, form) {
    await tab.goto(`${program.url}/segments/new`);
    await tab.getByLabel('Name', { exact: true }).fill(name);
    await tab.getByRole('button', { name: 'Remove', exact: true }).click();
    if (!form) return;
    await tab.getByRole('button', { name: 'More' }).click();
    await tab.getByRole('menuitem', { name: form }).click();
  }
  /** Chooses by keyboard alone. */
  async function pick(field, name) {
    await field.focus();
    await tab.keyboard.press('Enter');
    const active = tab.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) '
      + '.ant-select-item-option-active', { hasText: name });
    await until(`${name} to be chosen`, async () => {
      if (await active.count() > 0) return true;
      await tab.keyboard.press('ArrowDown');
      return false;
    });
    await tab.keyboard.press('Enter');
  }
  async function create(name) {
    await tab.locator('.preview-body:not(.is-dim) .preview-sentence').waitFor();
    await tab.getByRole('button', { name: 'Create segment' }).click();
    await tab.waitForURL(/\/segments\/seg_/);
    return (await stored(name)).condition;
  }

  test('an area is written by its corners and drawn', async () => {
    await begin('In the area', /Near a point/);
    await pick(tab.getByLabel('Shape of the place'), 'an area');
    await tab.getByLabel('Trait, e.g. country').fill('home');
    const corners = tab.getByLabel(/^Corners/);
    await corners.fill('10, 106\nhere\n11, 107');
    await tab.getByText('Line 2 is no latitude and longitude.').waitFor();
    await corners.fill('10, 106\n10, 107\n11, 107');
    await tab.getByRole('img', { name: 'Area with 3 corners' }).waitFor();
    await tab.keyboard.press('Tab');
    await shot('builder-area');
    assert.deepEqual(await create('In the area'), { all: [{ location: 'home', inside: square }] });
  });

  test('a sum beside a count, with the sentence and the cost', async () => {
    await begin('Spenders');
    await tab.getByRole('button', { name: 'Event', exact: true }).click();
    await tab.getByLabel('Event, e.g. Order Completed').fill('Order Completed');
    await tab.getByRole('button', { name: 'And also' }).focus();
    await tab.keyboard.press('Enter');
    await tab.getByLabel('Property, e.g. total').fill('total');
    await until('the sum to be asked for', async () =>
      (await tab.locator('.preview-body:not(.is-dim)').allInnerTexts()).join().includes('total'));
    await tab.getByText(/^Reads about \d+ rows?, about .* sec\.$/).waitFor();
    assert.deepEqual(await create('Spenders'), { all: [{ event: 'Order Completed',
      count: { gte: 1 }, sum: { property: 'total', gte: 100 } }] });
  });

  test('steps with nothing in between; a share in hundredths', async () => {
    await begin('Steps', /Viewed, then bought/);
    const names = tab.getByLabel('Event, e.g. Order Completed');
    await names.nth(0).fill('Product Viewed');
    await names.nth(1).fill('Order Completed');
    await tab.getByRole('button', { name: 'Nothing in between' }).focus();
    await tab.keyboard.press('Enter');
    await names.nth(2).fill('Support Contacted');
    await tab.getByLabel('Name', { exact: true }).focus();
    await tab.getByRole('button', { name: 'More' }).click();
    await tab.getByRole('menuitem', { name: /stable part/ }).click();
    await tab.getByRole('spinbutton', { name: 'To' }).fill('12.25');
    await tab.keyboard.press('Tab');
    assert.deepEqual(await create('Steps'), { all: [
      { sequence: [{ event: 'Product Viewed' },
        { event: 'Order Completed', without: { event: 'Support Contacted' } }] },
      { bucket: { salt: 'sample', from: 0, to: 12.25 } },
    ] });
  });

  test('a message about a topic; the sentence follows the language', async () => {
    await begin('Readers', /Opened or clicked/);
    await pick(tab.getByRole('combobox', { name: 'Topic' }), 'News');
    await pick(tab.getByRole('combobox', { name: 'Channel' }), 'E-mail');
    assert.deepEqual(await create('Readers'), { all: [
      { message: 'opened', channel: 'email', topic: ids.topic, within: '30d' }] });
    const { context, tab: other } = await openTab(browser, { locale: 'vi' });
    await signIn(other, program.url);
    const { id, condition } = await stored('Spenders');
    await other.goto(`${program.url}/segments/${id}/edit`);
    const { sentence } = await api.post('/api/v1/segments/preview?language=vi', { condition });
    await other.locator('.preview-sentence', { hasText: sentence }).waitFor();
    await context.close();
    assert.deepEqual(wrong, []);
  });
});

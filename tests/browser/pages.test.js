// Every page of the console in real Chromium, in every language, narrow and zoomed, light and
// dark: no errors, no accessibility faults, no missing texts, nothing wider than the screen.
// Screenshots go to build/screenshots/.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, noBrowser } from '../lib/browser.js';
import {
  accessibilityFaults, dist, missingTextIn, openTab, overflow, settle, shots, signIn,
} from '../lib/console.js';
import {
  identify, linksOf, makeCampaign, makeSegment, pathOf, runCampaign, track,
} from '../lib/events.js';
import { Program } from '../lib/program.js';

const skip = noBrowser || (existsSync(path.join(dist, 'index.html'))
  ? false : 'console/dist is not built');
const shot = (tab, name, fullPage = false) =>
  tab.screenshot({ path: path.join(shots, `${name}.png`), fullPage });

/** Customers, events, a segment, campaigns and an odd event or two. */
async function furnish(api) {
  const names = ['Ánh', '小明', '陳美玲', 'Zoë', 'José', 'محمد علي', 'Amélie 🎉', 'X'.repeat(300)];
  const wide = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`p${n}`, n]));
  await api.batch([
    ...Array.from({ length: 40 }, (_, n) => identify(`shop-${n}`, {
      first_name: names[n % names.length], email: `shop-${n}@x.example`, tag: 'walk',
      country: ['VN', 'TW', 'CN', 'DE'][n % 4], address: { city: 'Huế' },
    }, { anonymousId: `visit-${n}` })),
    ...Array.from({ length: 120 }, (_, n) => track(`shop-${n % 40}`, 'Order Completed',
      { order_id: `o-${n}`, total: 10 + n, currency: 'USD' })),
    track('shop-1', 'Wide', wide),
    track('shop-1', 'Long', { text: 'x'.repeat(29_000) }),
    { type: 'track', userId: 'shop-1', messageId: 'without-event' },
  ]);
  const segment = await makeSegment(api, 'Người mua ở Việt Nam', {
    all: [{ trait: 'tag', op: 'eq', value: 'walk' }, { trait: 'country', op: 'in',
      value: ['VN', 'TW'] }, { event: 'Order Completed', count: { gte: 2 }, within: '90d' }],
  });
  const sent = await runCampaign(api, await makeCampaign(api, segment, { name: 'Khuyến mãi' }));
  const draft = await makeCampaign(api, segment, { name: '草稿' });
  const [message] = await api.all('/api/v1/sandbox/messages');
  const [sentMessage] = await api.all(`/api/v1/messages?campaign_id=${sent.id}&outcome=sent`);
  for (const link of Object.values(linksOf(message)).slice(0, 2)) {
    await api.as(null).request('GET', pathOf(link));
  }
  const customer = await api.customer('user_id', 'shop-1');
  const list = await api.post('/api/v1/lists', { name: 'Khách mời đêm khai trương' });
  await api.post(`/api/v1/lists/${list.id}/members`,
    { kind: 'user_id', values: ['shop-1', 'shop-7'] });
  await makeSegment(api, 'On the list', { list: list.id });
  return {
    home: '/', customers: '/customers', customer: `/customers/${customer.id}`,
    segments: '/segments', 'segment-new': '/segments/new', segment: `/segments/${segment.id}`,
    'segment-edit': `/segments/${segment.id}/edit`, campaigns: '/campaigns',
    'campaign-new': '/campaigns/new', campaign: `/campaigns/${sent.id}`,
    'campaign-draft': `/campaigns/${draft.id}`, 'campaign-edit': `/campaigns/${draft.id}/edit`,
    'campaign-schedule': `/campaigns/${draft.id}/edit?step=schedule`,
    'campaign-goal': `/campaigns/${draft.id}/edit?step=goal`,
    'campaign-review': `/campaigns/${draft.id}/edit?step=review`,
    lists: '/lists', list: `/lists/${list.id}`, 'list-add': `/lists/${list.id}?add=hand`,
    messages: '/messages', message: `/messages/${sentMessage.id}`,
    'campaign-recipients': `/campaigns/${sent.id}?tab=messages&outcome=sent`,
    'campaigns-draft': '/campaigns?status=draft',
    'customer-consent': `/customers/${customer.id}?tab=consent`, topics: '/topics',
    suppressions: '/suppressions', restraint: '/settings/restraint',
    deliverability: '/settings/deliverability', templates: '/templates', sandbox: '/sandbox',
    events: '/events', import: '/import', rejected: '/rejected',
    workspace: '/settings/workspace', email: '/settings/email', users: '/settings/users',
    keys: '/settings/keys', sources: '/settings/sources', system: '/settings/system',
    deliverability: '/settings/deliverability', account: '/settings/account',
    nowhere: '/no/such/page',
  };
}

/** Changes the system's appearance and waits until no text has its old colour any more. */
async function inScheme(tab, colorScheme) {
  const before = await tab.evaluate(() => getComputedStyle(document.querySelector('.app')).color);
  await tab.emulateMedia({ colorScheme });
  await tab.waitForFunction(([scheme, old]) =>
    document.documentElement.dataset.theme === scheme
      && [...document.querySelectorAll('.app, .app *')]
        .every((element) => getComputedStyle(element).color !== old), [colorScheme, before]);
}

describe('pages', { skip, concurrency: 4 }, () => {
  let program;
  let browser;
  let pages;

  before(async () => {
    mkdirSync(shots, { recursive: true });
    program = await Program.start({ args: ['--console', dist] });
    pages = await furnish(program.api);
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

  test('a wrong password is said, the right one leads to the page asked for', async () => {
    const { context, tab, wrong } = await openTab(browser);
    await tab.goto(`${program.url}/segments`);
    await tab.waitForURL(/sign-in/);
    await shot(tab, 'sign-in');
    assert.deepEqual(await accessibilityFaults(tab), []);
    await tab.fill('input[autocomplete="username"]', Program.email);
    await tab.fill('input[autocomplete="current-password"]', 'wrong password');
    await tab.click('button[type="submit"]');
    await tab.waitForSelector('[role="alert"]');
    await tab.fill('input[autocomplete="current-password"]', Program.password);
    await tab.click('button[type="submit"]');
    await tab.waitForURL(/\/segments$/);
    await settle(tab);
    assert.deepEqual(wrong, []);
    await context.close();
  });

  for (const half of [0, 1]) {
    test(`in English, light and dark, part ${half + 1}`, async () => {
      const { context, tab, wrong } = await signedIn();
      const faults = {};
      const mine = Object.entries(pages).filter((_, index) => index % 2 === half);
      for (const [name, target] of mine) {
        await tab.goto(program.url + target);
        await settle(tab);
        await shot(tab, name, true);
        const light = await accessibilityFaults(tab);
        await inScheme(tab, 'dark');
        if (name === 'home' || name === 'events') await shot(tab, `${name}-dark`);
        const dark = await accessibilityFaults(tab);
        await inScheme(tab, 'light');
        if (light.length + dark.length > 0) faults[name] = { light, dark };
        assert.deepEqual(wrong.splice(0), [], `errors on ${name}`);
      }
      assert.deepEqual(faults, {});
      await context.close();
    });
  }

  const shown = { en: 'campaign', 'zh-CN': 'home', 'zh-TW': 'customers', vi: 'campaigns' };
  for (const locale of Object.keys(shown)) {
    test(`in ${locale}, narrow and at twice the size`, async () => {
      const { context, tab, wrong } = await signedIn(
        { locale, viewport: { width: 375, height: 800 } });
      const faults = [];
      for (const [name, target] of Object.entries(pages)) {
        await tab.setViewportSize({ width: 375, height: 800 });
        await tab.goto(program.url + target);
        await settle(tab);
        const narrow = await overflow(tab);
        if (narrow > 0) faults.push(`${name} is ${narrow} pixels too wide at 375`);
        const missing = await missingTextIn(tab);
        if (missing) faults.push(`${name} lacks a text: ${missing}`);
        if (locale === 'en') await shot(tab, `${name}-telephone`);
        // Twice the size on a screen of 1280 leaves 640.
        await tab.setViewportSize({ width: 640, height: 800 });
        const zoomed = await overflow(tab);
        if (zoomed > 0) faults.push(`${name} is ${zoomed} pixels too wide at 200 %`);
        if (shown[locale] === name) {
          await tab.setViewportSize({ width: 1360, height: 860 });
          await shot(tab, `${name}-${locale}`);
        }
        assert.deepEqual(wrong.splice(0), [], `errors on ${name}`);
      }
      assert.deepEqual(faults, []);
      await context.close();
    });
  }

  test('the palette finds a customer with keys alone', async () => {
    const { context, tab, wrong } = await signedIn();
    await settle(tab);
    await tab.keyboard.press('Control+k');
    await tab.locator('input[role="combobox"]').waitFor();
    await tab.keyboard.type('shop-7@');
    await tab.locator('[role="option"]', { hasText: 'shop-7@x.example' }).waitFor();
    await shot(tab, 'palette');
    assert.deepEqual(await accessibilityFaults(tab), []);
    await tab.keyboard.press('Enter');
    await tab.waitForURL(/\/customers\/cus_/);
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('an event that arrives shows at once, and its way to the customer', async () => {
    const { context, tab, wrong } = await signedIn();
    await tab.goto(`${program.url}/events?name=Live%20Probe`);
    await settle(tab);
    await tab.locator('.stream-bar .pill-good').waitFor();
    await program.api.batch([track('shop-3', 'Live Probe', { n: 1 })]);
    const row = tab.locator('.event-button', { hasText: 'Live Probe' }).first();
    await row.waitFor();
    await row.click();
    await tab.locator('.way a').waitFor();
    await shot(tab, 'event-open');
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('a rejected event is repaired and sent again', async () => {
    const { context, tab, wrong } = await signedIn();
    await tab.goto(`${program.url}/rejected`);
    await settle(tab);
    await tab.locator('.event-button').first().click();
    await tab.getByRole('button', { name: 'Repair and send again' }).click();
    const field = tab.locator('.repair textarea').first();
    const event = { ...JSON.parse(await field.inputValue()), event: 'Repaired' };
    await field.fill(JSON.stringify(event));
    await tab.getByRole('button', { name: 'Send again', exact: true }).click();
    await tab.locator('.repair').waitFor({ state: 'detached' });
    const { items } = await program.api.get('/api/v1/events?name=Repaired');
    assert.equal(items.length, 1);
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('the consent tab tells proofs, suppressed addresses, and what was not sent', async () => {
    const { api } = program;
    const topic = await api.post('/api/v1/topics', { name: 'Tin khuyến mãi' });
    await api.batch([
      identify('quiet', { first_name: 'Quiet', email: 'Quiet@x.example', tag: 'q' })]);
    const customer = await api.customer('user_id', 'quiet');
    await api.post(`/api/v1/customers/${customer.id}/consent`, { topic_id: topic.id,
      status: 'given', source: 'counter', proof: { note: 'form 17' } });
    await api.post('/api/v1/suppressions',
      { address: 'quiet@x.example', reason: 'manual', detail: 'asked by letter' });
    await api.post('/api/v1/suppressions',
      { address: 'quiet@x.example.org', reason: 'manual', detail: 'somebody else' });
    const segment = await makeSegment(api, 'Quiet ones', { trait: 'tag', op: 'eq', value: 'q' });
    await runCampaign(api, await makeCampaign(api, segment, { name: 'Unheard' }));
    const { context, tab, wrong } = await signedIn();
    await tab.goto(`${program.url}/customers/${customer.id}`);
    await settle(tab);
    await tab.getByRole('tab', { name: 'Consent' }).click();
    await tab.getByText('Tin khuyến mãi').first().waitFor();
    await tab.getByText('the address is suppressed').waitFor();
    await settle(tab);
    const said = await tab.getByRole('tabpanel').innerText();
    assert.match(said, /asked by letter/);
    assert.match(said, /counter/);
    assert.doesNotMatch(said, /somebody else/);
    await tab.getByText('Show', { exact: true }).click();
    await tab.getByText('form 17').waitFor();
    await shot(tab, 'customer-consent-told', true);
    assert.deepEqual(await accessibilityFaults(tab), []);
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('text that looks like a page is shown as text', async () => {
    const { context, tab, wrong } = await signedIn();
    await program.api.batch([identify('evil', {
      first_name: '<img src=x onerror="window.hacked=1">', email: 'evil@x.example',
    }), track('evil', '<script>window.hacked=1</script>', { '<b>': '<i>x</i>' })]);
    const customer = await program.api.customer('user_id', 'evil');
    for (const target of [`/customers/${customer.id}`, '/customers', '/events']) {
      await tab.goto(program.url + target);
      await settle(tab);
      assert.equal(await tab.evaluate(() => window.hacked), undefined, target);
    }
    assert.deepEqual(wrong, []);
    await context.close();
  });
});

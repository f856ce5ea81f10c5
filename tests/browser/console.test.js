// The console in real Chromium: sign in, walk every page in every language, no errors, no
// accessibility faults. Screenshots go to build/screenshots/.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, noBrowser } from '../lib/browser.js';
import {
  identify, linksOf, makeCampaign, makeSegment, pathOf, runCampaign, track,
} from '../lib/events.js';
import { Program, root } from '../lib/program.js';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const dist = path.join(root, 'console/dist');
const shots = path.join(root, 'build/screenshots');
const skip = noBrowser || (existsSync(path.join(dist, 'index.html'))
  ? false : 'console/dist is not built');

describe('console', { skip }, () => {
  let program;
  let browser;
  let pages;

  before(async () => {
    mkdirSync(shots, { recursive: true });
    program = await Program.start({ args: ['--console', dist] });
    const { api } = program;
    const names = ['Ánh', '小明', '陳美玲', 'Zoë', 'José', 'Olga', 'Amélie', 'Jürgen'];
    await api.batch([
      ...Array.from({ length: 40 }, (_, n) => identify(`shop-${n}`, {
        first_name: names[n % names.length], email: `shop-${n}@x.example`, tag: 'walk',
        country: ['VN', 'TW', 'CN', 'DE'][n % 4], address: { city: 'Huế' },
      }, { anonymousId: `visit-${n}` })),
      ...Array.from({ length: 120 }, (_, n) => track(`shop-${n % 40}`, 'Order Completed',
        { order_id: `o-${n}`, total: 10 + n, currency: 'EUR' })),
      { type: 'track', userId: 'shop-1', messageId: 'without-event' },
    ]);
    const segment = await makeSegment(api, 'Người mua ở Việt Nam', {
      all: [{ trait: 'tag', op: 'eq', value: 'walk' }, { trait: 'country', op: 'in',
        value: ['VN', 'TW'] }, { event: 'Order Completed', count: { gte: 2 }, within: '90d' }],
    });
    const sent = await runCampaign(api, await makeCampaign(api, segment, { name: 'Khuyến mãi' }));
    const draft = await makeCampaign(api, segment, { name: '草稿' });
    const [message] = await api.all('/api/v1/sandbox/messages');
    for (const link of Object.values(linksOf(message)).slice(0, 2)) {
      await api.as(null).request('GET', pathOf(link));
    }
    const customer = await api.customer('user_id', 'shop-1');
    pages = {
      home: '/', customers: '/customers', customer: `/customers/${customer.id}`,
      segments: '/segments', 'segment-new': '/segments/new', segment: `/segments/${segment.id}`,
      'segment-edit': `/segments/${segment.id}/edit`, campaigns: '/campaigns',
      'campaign-new': '/campaigns/new', campaign: `/campaigns/${sent.id}`,
      'campaign-draft': `/campaigns/${draft.id}`, 'campaign-edit': `/campaigns/${draft.id}/edit`,
      sandbox: '/sandbox', events: '/events', rejected: '/rejected',
      workspace: '/settings/workspace', email: '/settings/email', users: '/settings/users',
      keys: '/settings/keys', account: '/settings/account', nowhere: '/no/such/page',
    };
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await program?.remove();
  });

  /** A tab that collects everything that goes wrong in it. */
  async function open(options = {}) {
    const context = await browser.newContext(
      { viewport: { width: 1360, height: 860 }, reducedMotion: 'reduce', ...options });
    const tab = await context.newPage();
    const wrong = [];
    tab.on('console', (message) => {
      // A session that is not there yet is asked for and answered 401; that is no error.
      if (message.type() === 'error' && !/401/.test(message.text())) wrong.push(message.text());
    });
    tab.on('pageerror', (error) => wrong.push(String(error)));
    tab.on('response', (response) => {
      if (response.status() >= 400 && response.status() !== 401) {
        wrong.push(`${response.status()} ${response.url()}`);
      }
    });
    tab.on('requestfailed', (request) => {
      // What a page leaves behind when it is left is no error.
      if (request.failure()?.errorText !== 'net::ERR_ABORTED') {
        wrong.push(`${request.url()} ${request.failure()?.errorText}`);
      }
    });
    return { context, tab, wrong };
  }

  async function signIn(tab, password = Program.password) {
    await tab.goto(`${program.url}/sign-in`);
    await tab.fill('input[autocomplete="username"]', Program.email);
    await tab.fill('input[autocomplete="current-password"]', password);
    await tab.click('button[type="submit"]');
  }

  async function settle(tab) {
    await tab.waitForLoadState('networkidle');
    await tab.locator('h1:visible, h2:visible').first().waitFor({ timeout: 10_000 });
  }

  async function accessibilityFaults(tab) {
    await tab.evaluate(axeSource);
    const result = await tab.evaluate(() => window.axe.run(document, {
      runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] },
    }));
    return result.violations.map(({ id, nodes }) =>
      `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
  }

  test('a wrong password is said, the right one leads to the page that was asked for', async () => {
    const { context, tab, wrong } = await open();
    await tab.goto(`${program.url}/segments`);
    await tab.waitForURL(/sign-in/);
    await tab.screenshot({ path: path.join(shots, 'sign-in.png') });
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

  test('every page, without errors and without accessibility faults', async () => {
    const { context, tab, wrong } = await open();
    await signIn(tab);
    await tab.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
    const faults = {};
    for (const [name, target] of Object.entries(pages)) {
      await tab.goto(program.url + target);
      await settle(tab);
      await tab.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
      const found = await accessibilityFaults(tab);
      if (found.length > 0) faults[name] = found;
      assert.deepEqual(wrong.splice(0), [], `errors on ${name}`);
    }
    assert.deepEqual(faults, {});
    await context.close();
  });

  for (const [locale, word] of [['zh-CN', /客户/], ['zh-TW', /客戶|顧客/], ['vi', /Khách hàng/]]) {
    test(`in ${locale}`, async () => {
      const { context, tab, wrong } = await open({ locale });
      await signIn(tab);
      await tab.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
      for (const name of ['home', 'customers', 'campaign', 'segment-edit']) {
        await tab.goto(program.url + pages[name]);
        await settle(tab);
        await tab.screenshot({ path: path.join(shots, `${name}-${locale}.png`) });
      }
      assert.match(await tab.locator('body').innerText(), word);
      assert.deepEqual(wrong, []);
      await context.close();
    });
  }

  test('on a telephone nothing is wider than the screen', async () => {
    const { context, tab, wrong } = await open({ viewport: { width: 390, height: 800 } });
    await signIn(tab);
    await tab.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
    for (const name of ['home', 'customers', 'customer', 'campaign', 'segment']) {
      await tab.goto(program.url + pages[name]);
      await settle(tab);
      await tab.screenshot({ path: path.join(shots, `${name}-telephone.png`) });
      const width = await tab.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 391, `${name} is ${width} wide`);
    }
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('text that looks like a page is shown as text', async () => {
    const { context, tab, wrong } = await open();
    await program.api.batch([identify('evil', {
      first_name: '<img src=x onerror="window.hacked=1">', email: 'evil@x.example',
    }), track('evil', '<script>window.hacked=1</script>', { '<b>': '<i>x</i>' })]);
    const customer = await program.api.customer('user_id', 'evil');
    await signIn(tab);
    await tab.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
    for (const target of [`/customers/${customer.id}`, '/customers', '/events']) {
      await tab.goto(program.url + target);
      await settle(tab);
      assert.equal(await tab.evaluate(() => window.hacked), undefined, target);
    }
    assert.deepEqual(wrong, []);
    await context.close();
  });
});

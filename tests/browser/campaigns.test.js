// Campaigns in the console, by mouse: the list by status, the numbers of a report that open their
// recipients, all messages, and what one of them said.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, noBrowser } from '../lib/browser.js';
import {
  accessibilityFaults, dist, openTab, overflow, settle, shots, signIn,
} from '../lib/console.js';
import {
  identify, linksOf, makeCampaign, makeSegment, pathOf, plainTemplate, runCampaign,
} from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

const skip = noBrowser || (existsSync(path.join(dist, 'index.html'))
  ? false : 'console/dist is not built');
const shot = (tab, name, fullPage = true) =>
  tab.screenshot({ path: path.join(shots, `${name}.png`), fullPage });

describe('campaigns', { skip }, () => {
  let program;
  let api;
  let browser;
  let segment;

  before(async () => {
    mkdirSync(shots, { recursive: true });
    program = await Program.start({ args: ['--console', dist] });
    api = program.api;
    await api.batch(Array.from({ length: 40 }, (_, n) => identify(`reader-${n}`, {
      tag: 'reader', email: n < 2 ? '' : `reader-${n}@x.example`, first_name: `Ánh ${n}`,
      country: n % 2 ? 'VN' : 'TW',
    })));
    segment = await makeSegment(api, 'Readers', { trait: 'tag', op: 'eq', value: 'reader' });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await program?.remove();
  });

  /** At its end, where nothing lies under the bar that follows the composer. */
  async function isAccessible(tab) {
    await tab.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    assert.deepEqual(await accessibilityFaults(tab), []);
  }

  async function signedIn(options) {
    const opened = await openTab(browser, options);
    await signIn(opened.tab, program.url);
    return opened;
  }

  test('numbers open exactly their recipients, and a message what it said', async () => {
    const draft = await api.post('/api/v1/campaigns', {
      name: 'Lối tắt', segment_id: segment.id, channel: 'email', from: 'Shop <a@shop.example>',
      control_percent: 10,
      experiment: { variants: [{ name: 'Short', share: 50, template: plainTemplate },
        { name: 'Long', share: 50, template: plainTemplate }] },
    });
    await runCampaign(api, draft);
    const mails = await api.all('/api/v1/sandbox/messages');
    const links = mails.map(linksOf);
    for (const link of links.slice(0, 7)) await api.as(null).request('GET', pathOf(link.open));
    for (const link of links.slice(0, 3)) await api.as(null).request('GET', pathOf(link.click));
    const figures = await until('the figures', async () => {
      const now = await api.get(`/api/v1/campaigns/${draft.id}/report`);
      return now.opened === 7 && now.clicked === 3 && now;
    });
    const { context, tab, wrong } = await signedIn();
    const report = `${program.url}/campaigns/${draft.id}`;
    for (const [label, figure] of [['Sent', 'sent'], ['Opened', 'opened'],
      ['Clicked', 'clicked'], ['Skipped', 'skipped'], ['Control group', 'withheld']]) {
      await tab.goto(report);
      await settle(tab);
      const number = tab.locator('.meter', { hasText: label }).getByRole('link').first();
      assert.equal(Number(await number.innerText()), figures[figure], label);
      await number.click();
      await tab.waitForURL(new RegExp(`outcome=${figure}`));
      await tab.locator('.message-list > li').first().waitFor();
      await settle(tab);
      assert.equal(await tab.locator('.message-list > li').count(), figures[figure], label);
    }
    await tab.goto(report);
    await settle(tab);
    await shot(tab, 'campaign-report-variants');
    const { url, people } = figures.links[0];
    await tab.getByRole('link', { name: `${url}: ${people}` }).click();
    await tab.waitForURL(/link=/);
    await settle(tab);
    assert.equal(await tab.locator('.message-list > li').count(), people);
    await shot(tab, 'campaign-recipients');
    assert.deepEqual(await accessibilityFaults(tab), []);

    await tab.locator('.message-list .event-button').first().click();
    await tab.getByRole('link', { name: 'Open message' }).click();
    await tab.waitForURL(/\/messages\/msg_/);
    await settle(tab);
    const frame = tab.frameLocator('.mail-frame iframe');
    await frame.getByText(/Hi Ánh \d+/).waitFor();
    assert.equal(await tab.locator('.mail-frame iframe').getAttribute('sandbox'),
      'allow-popups allow-popups-to-escape-sandbox');
    assert.equal(await frame.locator('img[src*="/t/"], a[href*="/t/"]').count(), 0);
    assert.equal((await api.get(`/api/v1/campaigns/${draft.id}`)).opened, 7);
    assert.match(await tab.locator('.message-history').innerText(), /Sent[\s\S]*Opened/);
    await shot(tab, 'message');
    assert.deepEqual(await accessibilityFaults(tab), []);
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('a campaign that is over is sent again to those who did not open it', async () => {
    const sent = await runCampaign(api, await makeCampaign(api, segment, { name: 'Unopened' }));
    const { context, tab, wrong } = await signedIn();
    await tab.goto(`${program.url}/campaigns/${sent.id}`);
    await settle(tab);
    await tab.getByRole('button', { name: 'Resend to those who did not open' }).click();
    await tab.getByRole('button', { name: 'Make the draft' }).click();
    await tab.getByText('Write a subject.').waitFor();
    await tab.getByLabel('New subject').fill('Did you see this?');
    await shot(tab, 'campaign-resend', false);
    await tab.getByRole('button', { name: 'Make the draft' }).click();
    await tab.waitForURL((url) => /\/campaigns\/cmp_/.test(url) && !`${url}`.includes(sent.id));
    const draft = await api.get(`/api/v1/campaigns/${path.basename(new URL(tab.url()).pathname)}`);
    assert.equal(draft.status, 'draft');
    assert.equal(draft.resend_of, sent.id);
    assert.equal(draft.template.subject, 'Did you see this?');
    await settle(tab);
    assert.deepEqual(await accessibilityFaults(tab), []);
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('how sure a sequential test must be is chosen in percent', async () => {
    const variant = { name: '', share: 50, template: plainTemplate };
    const draft = await api.post('/api/v1/campaigns', {
      name: 'Sure', segment_id: segment.id, channel: 'email', from: 'Shop <a@shop.example>',
      experiment: { variants: [variant, variant], winner: 'open', decide: 'sequential',
        test_percent: 50, after_minutes: 60 },
    });
    const { context, tab, wrong } = await signedIn();
    await tab.goto(`${program.url}/campaigns/${draft.id}/edit?step=content`);
    await settle(tab);
    await tab.getByLabel('How sure').click({ timeout: 8000 });
    await tab.locator('.ant-select-item-option', { hasText: '99 %' }).click();
    await until('the choice', async () =>
      (await api.get(`/api/v1/campaigns/${draft.id}`)).experiment.alpha === 0.01);
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('a part of all customers is set aside in the settings', async () => {
    const { context, tab, wrong } = await signedIn();
    await tab.goto(`${program.url}/settings/workspace`);
    await settle(tab);
    const form = tab.locator('form#control-group');
    await form.getByLabel('Share of all customers').fill('5');
    await form.getByRole('button', { name: 'Save' }).click();
    await until('the share', async () =>
      (await api.get('/api/v1/control-group')).percent === 5);
    await api.put('/api/v1/control-group', { percent: 0 });
    assert.deepEqual(await accessibilityFaults(tab), []);
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('all messages, filtered in the address', async () => {
    const sent = await runCampaign(api, await makeCampaign(api, segment, { name: 'Filtered' }));
    const single = await api.post('/api/v1/messages', {
      to: { user_id: 'reader-7' }, from: 'Shop <a@shop.example>',
      template: { subject: 'Receipt 7', text: 'Thank you' },
    });
    await until('the receipt', async () =>
      (await api.get(`/api/v1/messages/${single.id}`)).status !== 'queued');
    const { context, tab, wrong } = await signedIn();
    await tab.goto(`${program.url}/`);
    await settle(tab);
    await tab.getByRole('link', { name: 'Messages', exact: true }).click();
    await tab.waitForURL(/\/messages$/);
    await tab.locator('.message-list > li').first().waitFor();
    assert.match(await tab.locator('.message-list > li').first().innerText(), /Receipt 7/);
    await shot(tab, 'messages', false);
    assert.deepEqual(await accessibilityFaults(tab), []);
    const count = async (query, n) => {
      await tab.goto(`${program.url}/messages?${query}`);
      await settle(tab);
      assert.equal(await tab.locator('.message-list > li').count(), n, query);
    };
    await count('kind=single', 1);
    await count(`campaign=${sent.id}&outcome=skipped`, 2);
    await count(`campaign=${sent.id}&outcome=sent`, 38);
    await count(`customer=${single.customer_id}&kind=single`, 1);
    await count('from=2031-01-01', 0);
    await count('until=2031-01-01&kind=single', 1);
    await count('channel=email&kind=single', 1);
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('a campaign with a control group and a limit is scheduled by mouse', async () => {
    const others = await makeSegment(api, 'In Taiwan', { trait: 'country', op: 'eq', value: 'TW' });
    await api.batch([{ type: 'track', userId: 'reader-3', event: 'Order Completed',
      properties: { total: 5 } }]);
    const { context, tab, wrong } = await signedIn();
    await tab.goto(`${program.url}/campaigns`);
    await settle(tab);
    const go = (name) => tab.getByRole('button', { name, exact: true }).click();
    const pick = async (label, option) => {
      await tab.getByLabel(label, { exact: true }).click();
      await tab.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: option })
        .first().click();
      await tab.keyboard.press('Escape');
    };
    await tab.getByRole('link', { name: 'New campaign' }).click();
    await tab.getByLabel('Name of the campaign').fill('Morning');
    await pick('Segments', 'Readers');
    await tab.locator('.preview-count', { hasText: '40' }).waitFor();
    await pick('Without segments', 'In Taiwan');
    await tab.locator('.preview-count', { hasText: '20' }).waitFor();
    await tab.getByLabel('Control group', { exact: true }).fill('10');
    await tab.getByLabel('Control group', { exact: true }).blur();
    await shot(tab, 'composer-audience');
    await isAccessible(tab);
    await go('Continue');
    await tab.getByLabel('From').fill('Shop <hello@shop.example>');
    await tab.getByLabel('Subject').fill('Good morning');
    await tab.getByLabel('HTML', { exact: true }).last()
      .fill('<p>Hi <a href="{{ unsubscribe_url }}">out</a></p>');
    await tab.getByRole('switch', { name: 'Compare variants' }).click();
    await tab.locator('.composer-bar').getByText('B', { exact: true }).click();
    await tab.getByLabel('Subject').fill('Rise and shine');
    await pick('Winner', 'more clicks');
    await shot(tab, 'composer-variants');
    await isAccessible(tab);
    await go('Continue');
    await tab.getByText('At the hour of each recipient').click();
    await tab.getByLabel('Their date and time').fill('2031-03-04T09:00');
    await tab.getByLabel('Messages a minute').fill('600');
    await tab.getByLabel('Messages a minute').blur();
    await shot(tab, 'composer-schedule');
    await isAccessible(tab);
    await go('Continue');
    await tab.getByRole('switch', { name: 'Measure success' }).click();
    await tab.getByLabel('Event', { exact: true }).fill('Order Completed');
    await tab.keyboard.press('Escape');
    await go('Only where a property fits');
    await tab.getByLabel('Property').fill('total');
    await tab.getByLabel('Value', { exact: true }).fill('3');
    await shot(tab, 'composer-goal');
    await isAccessible(tab);
    await tab.reload();
    await settle(tab);
    assert.equal(await tab.getByLabel('Event', { exact: true }).inputValue(), 'Order Completed');
    await go('Continue');
    await tab.locator('.review-lead', { hasText: '20 customers' }).waitFor();
    assert.match(await tab.locator('.review-words').innerText(),
      /Goes to 20 customers on Mar 4, 2031.* 9:00.*their time, 10% kept out\.[\s\S]*600/);
    await shot(tab, 'composer-review');
    await isAccessible(tab);
    await tab.setViewportSize({ width: 375, height: 800 });
    for (const step of ['audience', 'content', 'schedule', 'goal', 'review']) {
      await tab.goto(`${new URL(tab.url()).origin}/campaigns/new?step=${step}`);
      await settle(tab);
      await shot(tab, `composer-${step}-telephone`);
      assert.ok(await overflow(tab) <= 0, `${step} is too wide`);
    }
    await tab.setViewportSize({ width: 1360, height: 860 });
    await go('Start');
    await tab.getByRole('dialog').getByRole('button', { name: 'Start', exact: true }).click();
    await tab.waitForURL(/\/campaigns\/cmp_\w+$/);
    await settle(tab);
    const [made] = await api.all('/api/v1/campaigns?status=scheduled');
    assert.equal(made.name, 'Morning');
    assert.equal(made.control_percent, 10);
    assert.equal(made.throttle_per_minute, 600);
    assert.deepEqual(made.recipients, { segments: [segment.id], lists: [],
      exclude_segments: [others.id], exclude_lists: [], mode: 'frozen' });
    assert.equal(made.schedule.local_time, '2031-03-04T09:00');
    assert.deepEqual(made.goal, { event: 'Order Completed', window_hours: 72, value_property: '',
      where: [{ property: 'total', op: 'eq', value: 3 }] });
    const { variants, winner, test_percent: percent } = made.experiment;
    assert.deepEqual(variants.map((one) => [one.share, one.template.subject]),
      [[50, 'Good morning'], [50, 'Rise and shine']]);
    assert.deepEqual([winner, percent], ['click', 20]);
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('limits, a warm-up, callbacks and their addresses are set by mouse', async () => {
    const { context, tab, wrong } = await signedIn();
    await tab.goto(`${program.url}/settings/deliverability`);
    await settle(tab);
    const go = (name) => tab.getByRole('button', { name, exact: true }).click();
    await go('Add a provider');
    const dialog = tab.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Relay');
    await dialog.getByLabel('Server', { exact: true }).fill('smtp.relay.example');
    await dialog.getByLabel('Weight').fill('3');
    await dialog.getByRole('button', { name: 'Add a limit' }).click();
    await dialog.getByLabel('Domain', { exact: true }).fill('gmail.com');
    await dialog.getByLabel('Messages a minute').last().fill('50');
    await dialog.getByLabel('Name in the greeting').fill('mail.shop.example');
    await dialog.getByRole('switch', { name: 'In use' }).click();
    await dialog.getByRole('switch', { name: 'Warm up' }).click();
    await dialog.getByLabel('First day').fill('200');
    await shot(tab, 'provider-form', false);
    assert.deepEqual(await accessibilityFaults(tab), []);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    const [made] = (await api.get('/api/v1/providers')).items;
    assert.equal(made.weight, 3);
    assert.equal(made.helo_name, 'mail.shop.example');
    assert.equal(made.auth, 'password');
    assert.equal(made.enabled, false);
    await tab.getByText('smtp.relay.example:587 · not in use').waitFor();
    assert.deepEqual(made.domains.map((one) => [one.domain, one.per_minute]), [['gmail.com', 50]]);
    assert.equal(made.warm_up.first_day, 200);
    await tab.getByLabel('Key', { exact: true }).fill('arn:aws:sns:eu-west-1:123456789012:mail');
    await go('Connect');
    await tab.getByRole('heading', { name: 'Amazon SES' }).waitFor();
    await settle(tab);
    await shot(tab, 'deliverability');
    assert.deepEqual(await accessibilityFaults(tab), []);
    await tab.setViewportSize({ width: 375, height: 800 });
    assert.ok(await overflow(tab) <= 0);
    await api.delete(`/api/v1/providers/${made.id}`);
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test('the list by status', async () => {
    const draft = await makeCampaign(api, segment, { name: 'Still a draft' });
    const { context, tab, wrong } = await signedIn();
    await tab.goto(`${program.url}/campaigns`);
    await settle(tab);
    await tab.locator('.tab-row').getByText('Drafts').click();
    await tab.waitForURL(/status=draft/);
    await tab.getByRole('link', { name: draft.name }).waitFor();
    await settle(tab);
    assert.equal(await tab.locator('.pill-good').count(), 0);
    await tab.locator('.tab-row').getByText('Cancelled').click();
    await tab.getByText('No campaign is in this state').waitFor();
    await shot(tab, 'campaigns-none', false);
    assert.deepEqual(await accessibilityFaults(tab), []);
    assert.deepEqual(wrong, []);
    await context.close();
  });
});

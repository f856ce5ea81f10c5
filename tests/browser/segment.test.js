// The page of a segment: what uses it, who entered and left between two moments, who was in at a
// moment, and how far a membership that is being computed is.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, noBrowser } from '../lib/browser.js';
import { accessibilityFaults, dist, openTab, overflow, shots, signIn } from '../lib/console.js';
import { identify, makeCampaign, makeSegment } from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

const skip = noBrowser || (existsSync(path.join(dist, 'index.html'))
  ? false : 'console/dist is not built');

describe('segment page', { skip }, () => {
  let program;
  let api;
  let browser;
  let tab;
  let wrong;
  let segment;

  before(async () => {
    mkdirSync(shots, { recursive: true });
    program = await Program.start({ args: ['--console', dist] });
    api = program.api;
    await api.batch(Array.from({ length: 3 }, (_, n) =>
      identify(`p-${n}`, { first_name: 'Zoë', email: `p-${n}@x.example`, level: n })));
    segment = await makeSegment(api, 'High', { trait: 'level', op: 'gte', value: 1 });
    await until('the membership to be live', async () =>
      (await api.get(`/api/v1/segments/${segment.id}`)).status === 'live');
    await makeSegment(api, 'Higher', { segment: segment.id });
    await makeCampaign(api, segment, { name: 'To the high' });
    browser = await launch();
    ({ tab, wrong } = await openTab(browser));
    await signIn(tab, program.url);
  });
  after(async () => {
    await browser?.close();
    await program?.remove();
  });

  test('says what uses it, who came and went, and who was in', async () => {
    await tab.goto(`${program.url}/segments/${segment.id}`);
    const uses = tab.getByRole('region', { name: 'Used by' });
    await uses.getByRole('link', { name: 'To the high' }).waitFor();
    await uses.getByRole('link', { name: 'Higher' }).waitFor();
    const movements = tab.getByRole('table', { name: 'Who entered and left' });
    const shown = (count) => until(`${count} movements`, async () =>
      await movements.locator('tbody tr').count() === count);
    await shown(2);
    assert.equal(await movements.getByText('The segment was created').count(), 2);
    await api.batch([identify('p-2', { level: 0 })]);
    await tab.locator('.page-note', { hasText: /^1 customer$/ }).waitFor();
    await tab.reload();
    await movements.getByText('A trait changed').waitFor();
    await tab.getByText('Left', { exact: true }).first().click();
    await shown(1);
    await tab.goto(`${program.url}/segments/${segment.id}?as_of=2020-01-01T00:00:00Z`);
    await tab.getByText('0 customers then').waitFor();
    await tab.getByText('Nobody was in at that moment').waitFor();
    assert.deepEqual(await accessibilityFaults(tab), []);
    await tab.getByRole('button', { name: 'Back to now' }).click();
    await tab.getByRole('table', { name: 'Members' }).waitFor();
    await tab.screenshot({ path: path.join(shots, 'segment-page.png'), fullPage: true });
    await tab.setViewportSize({ width: 375, height: 800 });
    assert.ok(await overflow(tab) <= 0);
    await tab.screenshot({ path: path.join(shots, 'segment-page-narrow.png'), fullPage: true });
    assert.deepEqual(wrong, []);
  });
});

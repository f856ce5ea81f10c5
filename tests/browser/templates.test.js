// The template editor in real Chromium: a message made in the visual editor, seen as a customer
// reads it, saved, changed, compared and restored; nothing blocked by the page's own policy.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, noBrowser } from '../lib/browser.js';
import { identify } from '../lib/events.js';
import { Program, root } from '../lib/program.js';
import { until } from '../lib/wait.js';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const dist = path.join(root, 'console/dist');
const shots = path.join(root, 'build/screenshots');
const skip = noBrowser || (existsSync(path.join(dist, 'index.html'))
  ? false : 'console/dist is not built');

describe('templates in the console', { skip }, () => {
  let program;
  let browser;
  let page;
  const problems = [];

  before(async () => {
    mkdirSync(shots, { recursive: true });
    program = await Program.start({ args: ['--console', dist] });
    await program.api.batch([identify('ann', { first_name: 'Ánh', email: 'anh@x.example' })]);
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1440, height: 1100 }, locale: 'en-US' });
    await page.goto(`${program.url}/sign-in`);
    await page.fill('input[type=email], input[autocomplete=username]', Program.email);
    await page.fill('input[type=password]', Program.password);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => !url.pathname.includes('sign-in'));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (line) => {
      if (line.type() === 'error') problems.push(line.text());
    });
  });
  after(async () => {
    await browser?.close();
    await program?.remove();
  });

  async function faults() {
    await page.evaluate(axeSource);
    const found = await page.evaluate(() => window.axe.run(document, { iframes: false }));
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].target} ${nodes[0].html}`);
  }
  const button = (name) => page.getByRole('button', { name, exact: true });
  const preview = () => page.frameLocator('iframe[title="Preview"]');

  test('a message is made visually and seen as a customer reads it', async () => {
    await page.goto(`${program.url}/templates`);
    await page.getByRole('link', { name: 'New template' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Autumn');
    await page.getByLabel('Subject', { exact: true })
      .fill('Hi {{ customer.first_name | default: "there" }}');
    await button('Message').waitFor();
    // By keyboard alone: a heading, its text, and a button's colour.
    await button('Heading').focus();
    await page.keyboard.press('Enter');
    const text = page.getByRole('textbox', { name: 'Text', exact: true });
    await text.fill('Autumn for {{ customer.first_name }}');
    await page.getByLabel('Font size', { exact: true }).fill('30px');
    await button('Two columns').click();
    await page.getByLabel('As which customer').click();
    await page.getByTitle('Ánh').click();
    await preview().getByText('Autumn for Ánh').waitFor();
    await page.getByText('Hi Ánh', { exact: true }).waitFor();
    assert.equal(await preview().getByText('Autumn for Ánh')
      .evaluate((element) => getComputedStyle(element).fontSize), '30px');
    await page.screenshot({ path: path.join(shots, 'template-visual.png') });
    assert.deepEqual(await faults(), []);
  });

  test('it is saved as MJML and HTML, in two languages', async () => {
    await page.getByLabel('Add a language').click();
    await page.getByTitle('Vietnamese').click();
    await page.getByLabel('Subject', { exact: true }).fill('Chào {{ customer.first_name }}');
    await button('Save version').click();
    await page.waitForURL(/\/templates\/tpl_/);
    const [saved] = await program.api.all('/api/v1/templates');
    const whole = await program.api.get(`/api/v1/templates/${saved.id}`);
    assert.equal(whole.editor, 'mjml');
    assert.deepEqual(whole.variants.map((one) => one.language), ['', 'vi']);
    assert.match(whole.variants[0].source, /<mj-text[^>]*font-size="30px"[^>]*>Autumn for/);
    assert.match(whole.variants[0].html, /\[if mso \| IE\]/);
    assert.match(whole.variants[0].html, /Autumn for \{\{ customer.first_name \}\}/);
  });

  test('code, checks, versions and the way back', async () => {
    const [saved] = await program.api.all('/api/v1/templates');
    await page.getByRole('heading', { level: 1, name: 'Autumn' }).waitFor();
    await button('Message').waitFor();
    await page.getByText('Code', { exact: true }).click();
    const code = page.locator('.cm-content');
    await code.click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('<!-- end -->');
    await page.getByRole('tab', { name: 'Checks' }).click();
    await page.getByText('There is no text part of your own', { exact: false }).first().waitFor();
    assert.deepEqual(await faults(), []);
    await button('Save version').click();
    await until('the second version', async () =>
      (await program.api.get(`/api/v1/templates/${saved.id}`)).version === 2);
    await page.getByRole('tab', { name: 'Versions' }).click();
    await button('Compare with the latest').click();
    await page.locator('.diff .is-added', { hasText: '<!-- end -->' }).first().waitFor();
    await button('Restore').click();
    await until('the third version', async () =>
      (await program.api.get(`/api/v1/templates/${saved.id}`)).version === 3);
  });

  test('brand, blocks and layouts have their pages', async () => {
    for (const place of ['brand', 'content-blocks', 'layouts', 'content-blocks/new']) {
      await page.goto(`${program.url}/templates/${place}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      assert.deepEqual(await faults(), [], place);
    }
    assert.deepEqual(problems, []);
  });
});

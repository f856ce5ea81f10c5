// A tab on the console: signs in, waits for pages, and gathers everything that goes wrong in it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { Program, root } from './program.js';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export const dist = path.join(root, 'console/dist');
export const shots = path.join(root, 'build/screenshots');
const texts = JSON.parse(readFileSync(path.join(root, 'console/src/locales/en.json'), 'utf8'));
const missingText = new RegExp(`(^|\\s)(${Object.keys(texts).join('|')})\\.[a-z_.]+(\\s|$)`);

/** A tab that collects everything that goes wrong in it. */
export async function openTab(browser, options = {}) {
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

export async function signIn(tab, url, who = {}) {
  const { email = Program.email, password = Program.password } = who;
  await tab.goto(`${url}/sign-in`);
  await tab.fill('input[autocomplete="username"]', email);
  await tab.fill('input[autocomplete="current-password"]', password);
  await tab.click('button[type="submit"]');
  await tab.waitForURL((at) => !at.pathname.startsWith('/sign-in'));
}

/** The page has its heading, and no skeleton is left. */
export async function settle(tab) {
  await tab.locator('h1:visible, h2:visible').first().waitFor({ timeout: 30_000 });
  await tab.waitForFunction(() => !document.querySelector('.bones, .boot'), null,
    { timeout: 30_000 });
  // A frame that is inserted later keeps this state from ever being reached: do not insist.
  await tab.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => {});
}

export async function accessibilityFaults(tab) {
  await tab.evaluate(axeSource);
  const result = await tab.evaluate(() => window.axe.run(document, {
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] },
  }));
  return result.violations.map(({ id, nodes }) =>
    `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
}

/** What a reader would see in place of a text that is missing, or null. */
export async function missingTextIn(tab) {
  return missingText.exec(await tab.locator('body').innerText())?.[0].trim() ?? null;
}

/** By how many pixels the page is wider than the screen. */
export function overflow(tab) {
  return tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

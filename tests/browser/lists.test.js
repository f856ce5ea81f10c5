// Lists in the browser: made by hand, from a file that is dropped, and from a segment; what is not
// found is told; the segment builder chooses a list by its name. Each is checked against the API.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, noBrowser } from '../lib/browser.js';
import { accessibilityFaults, dist, openTab, shots, signIn } from '../lib/console.js';
import { identify, makeSegment } from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

const skip = noBrowser || (existsSync(path.join(dist, 'index.html'))
  ? false : 'console/dist is not built');

describe('lists', { skip }, () => {
  let program;
  let api;
  let browser;
  let tab;
  let wrong;
  let list;

  before(async () => {
    mkdirSync(shots, { recursive: true });
    program = await Program.start({ args: ['--console', dist] });
    api = program.api;
    await api.batch(Array.from({ length: 9 }, (_, n) => identify(`g-${n}`, {
      first_name: ['Ánh', 'Zoë', '小明'][n % 3], email: `g-${n}@x.example`, vip: n > 6,
    })));
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
  const members = async () => (await api.all(`/api/v1/lists/${list.id}/members`))
    .map(({ email }) => email).sort();
  /** Chooses by keyboard alone. */
  async function pick(field, name) {
    await tab.getByRole('combobox', { name: field }).focus();
    await tab.keyboard.type(name);
    await tab.locator('.ant-select-item-option-active', { hasText: name }).waitFor();
    await tab.keyboard.press('Enter');
  }
  const mails = (...numbers) => numbers.map((n) => `g-${n}@x.example`);

  test('a list is made and filled from a file; what is not found is told', async () => {
    await tab.goto(`${program.url}/lists`);
    await tab.getByRole('heading', { name: 'No lists yet' }).waitFor();
    await shot('lists-empty');
    await tab.getByRole('button', { name: 'New list' }).click();
    await tab.getByLabel('Name', { exact: true }).fill('Guests');
    await tab.keyboard.press('Enter');
    await tab.waitForURL(/\/lists\/lst_\w+\?add=file/);
    [list] = await api.all('/api/v1/lists');
    const csv = 'Name;Mail\n"Ánh; one";G-0@x.example\nZoë;g-1@x.example\n'
      + 'None;nobody@x.example\nEmpty;\nNone;"=1+1"\n';
    await tab.locator('.drop').waitFor();
    const transfer = await tab.evaluateHandle((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'guests.csv', { type: 'text/csv' }));
      return data;
    }, csv);
    await tab.dispatchEvent('.drop', 'drop', { dataTransfer: transfer });
    const preview = tab.getByRole('region', { name: 'First rows of the file' });
    await preview.getByText('Ánh; one').waitFor();
    assert.equal(await preview.locator('th.is-chosen').innerText(), 'Mail');
    assert.deepEqual(await accessibilityFaults(tab), []);
    await shot('lists-file');
    await tab.getByRole('button', { name: 'Add to the list' }).click();
    await tab.getByText('2 customers are on the list.').waitFor();
    await tab.getByText('2 values are nobody’s').waitFor();
    await tab.getByText('Line 4').waitFor();
    assert.deepEqual(await accessibilityFaults(tab), []);
    await shot('lists-outcome');
    const [file] = await Promise.all([tab.waitForEvent('download'),
      tab.getByRole('button', { name: 'Download' }).click()]);
    assert.equal(readFileSync(await file.path(), 'utf8'),
      "\uFEFFLine,Value\r\n4,nobody@x.example\r\n6,'=1+1\r\n");
    assert.deepEqual(await members(), mails(0, 1));
    await tab.getByRole('button', { name: 'Done' }).click();
    await tab.getByRole('link', { name: /g-1@x\.example/ }).waitFor();
  });

  test('members come by hand and from a segment, and go one by one with undo', async () => {
    await makeSegment(api, 'Important guests', { trait: 'vip', op: 'eq', value: true });
    await tab.getByRole('button', { name: 'Add or remove customers' }).click();
    await tab.getByText('By hand', { exact: true }).click();
    await tab.getByLabel('Identifiers', { exact: true }).fill('g-3@x.example, g-4@x.example\n');
    await tab.getByRole('button', { name: 'Add to the list' }).click();
    await tab.getByText('2 customers are on the list.').waitFor();
    assert.deepEqual(await members(), mails(0, 1, 3, 4));
    await tab.getByLabel('Identifiers', { exact: true }).fill('g-4@x.example\nnobody');
    await tab.getByRole('dialog').getByRole('button', { name: 'Remove from the list' }).click();
    await tab.getByText('1 customer was removed.').waitFor();
    assert.deepEqual(await members(), mails(0, 1, 3));
    await tab.getByText('From a segment', { exact: true }).click();
    await pick('Choose a segment', 'Important guests');
    await tab.locator('.list-segment').getByText('2 customers').waitFor();
    await shot('lists-segment');
    await tab.getByRole('button', { name: 'Add to the list' }).click();
    await tab.getByText('2 customers are on the list.').waitFor();
    assert.deepEqual(await members(), mails(0, 1, 3, 7, 8));
    await tab.getByRole('button', { name: 'Done' }).click();
    await tab.getByRole('row', { name: /g-3@x/ })
      .getByRole('button', { name: /from the list/ }).click();
    await until('the member to be gone', async () => (await members()).length === 4);
    await tab.getByRole('button', { name: 'Undo' }).click();
    await until('the member to be back', async () => (await members()).length === 5);
    await shot('lists-list');
  });

  test('the builder chooses a list by name; the list says what uses it and is kept', async () => {
    await tab.goto(`${program.url}/segments/new`);
    await tab.getByLabel('Name', { exact: true }).fill('Invited');
    await tab.getByRole('button', { name: 'Remove', exact: true }).click();
    await tab.getByRole('button', { name: 'More' }).click();
    await tab.getByRole('menuitem', { name: /made by hand/ }).click();
    await pick('Choose a list', 'Guests');
    await tab.locator('.preview-body:not(.is-dim) strong', { hasText: /^5$/ }).waitFor();
    await tab.getByRole('button', { name: 'Create segment' }).click();
    await tab.waitForURL(/\/segments\/seg_/);
    const stored = (await api.all('/api/v1/segments')).find(({ name }) => name === 'Invited');
    assert.deepEqual(stored.condition, { all: [{ list: list.id }] });
    assert.deepEqual((await api.get(`/api/v1/lists/${list.id}/uses`)).items,
      [{ kind: 'segment', id: stored.id, name: 'Invited' }]);
    await tab.goto(`${program.url}/lists/${list.id}`);
    await tab.getByRole('region', { name: 'Used by' }).getByRole('link', { name: 'Invited' })
      .waitFor();
    assert.equal(await tab.getByRole('button', { name: 'Delete' }).isDisabled(), true);
    await api.delete(`/api/v1/segments/${stored.id}`);
    await tab.reload();
    await tab.getByText('Nothing uses it yet.').waitFor();
    await tab.getByRole('button', { name: 'Delete' }).click();
    await tab.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await tab.getByRole('heading', { name: 'No lists yet' }).waitFor();
    assert.deepEqual(await api.all('/api/v1/lists'), []);
    assert.deepEqual(wrong, []);
  });
});

// The importer through the running program: the Online Retail data with its known figures, twice.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Program, root, run, sharedFile } from '../lib/program.js';

const retail = sharedFile('online-retail/online-retail.csv.gz');
const mapping = path.join(root, 'mappings/online-retail.json');

let program;
let dir;
before(async () => {
  program = await Program.start();
  dir = await mkdtemp(path.join(os.tmpdir(), 'rapport-import-'));
});
after(async () => {
  await program?.remove();
  await rm(dir, { recursive: true, force: true });
});

const load = (file, map, ...more) => run(
  ['import', file, '--mapping', map, '--url', program.url, '--key', program.adminKey, ...more],
  { timeoutMs: 120_000 });
const plain = (text) => text.replaceAll(/[,.'](?=\d{3}\b)/g, '');

describe('Online Retail', { skip: retail ? false : 'the shared data is not beside the repository' },
  () => {
    test('imports the whole file, in time, with every row accounted for', async () => {
      const started = Date.now();
      const answer = await load(retail, mapping);
      const seconds = (Date.now() - started) / 1000;
      assert.equal(answer.code, 0, answer.stderr);
      const report = plain(answer.stdout);
      for (const figure of ['541909', '135080', '4372']) {
        assert.match(report, new RegExp(`\\b${figure}\\b`));
      }
      assert.ok(seconds < 15 * Number(process.env.RAPPORT_SLOW ?? 2), `${seconds} s`);
      await check();
    });

    test('a second import changes nothing', async () => {
      const before = await program.api.get('/api/v1/overview');
      const answer = await load(retail, mapping);
      assert.equal(answer.code, 0, answer.stderr);
      assert.deepEqual(await program.api.get('/api/v1/overview'), before);
      await check();
    });
  });

async function check() {
  const { api } = program;
  const overview = await api.get('/api/v1/overview');
  assert.equal(overview.customers, 4372);
  const counts = await eventCounts();
  assert.equal(counts.get('Order Completed'), 18536);
  assert.equal(counts.get('Order Refunded'), 3654);
  // 12347 bought seven times; their first order had 31 lines and came to 711.79.
  const customer = await api.customer('user_id', '12347');
  assert.equal(customer.traits.country, 'Iceland');
  const orders = (await api.timeline(customer)).filter(({ name }) => name === 'Order Completed');
  assert.equal(orders.length, 7);
  const first = orders.at(-1);
  assert.equal(first.properties.order_id, '537626');
  assert.equal(first.properties.products.length, 31);
  assert.ok(Math.abs(first.properties.total - 711.79) < 0.005, `${first.properties.total}`);
  assert.equal(first.properties.currency, 'GBP');
}

/** How many events of each name there are, counted over every page. */
async function eventCounts() {
  const counts = new Map();
  for (const event of await program.api.all('/api/v1/events?type=track', 1000)) {
    counts.set(event.name, (counts.get(event.name) ?? 0) + 1);
  }
  return counts;
}

describe('input that is not as expected', () => {
  const own = {
    'mapping.json that is missing': ['rows.csv', '/nonexistent.json'],
    'file that is missing': ['/nonexistent.csv', mapping],
  };
  for (const [name, [file, map]] of Object.entries(own)) {
    test(`a ${name}`, async () => {
      const answer = await load(file, map);
      assert.notEqual(answer.code, 0);
      assert.match(answer.stderr + answer.stdout, /nonexistent|rows\.csv/);
    });
  }

  test('a wrong key, a wrong address, a mapping that is no mapping', async () => {
    const file = path.join(dir, 'few.csv');
    await writeFile(file, `${header}\n`);
    const bad = path.join(dir, 'bad.json');
    await writeFile(bad, '{"nonsense": true}');
    const key = (url, value, map = mapping) => run(
      ['import', file, '--mapping', map, '--url', url, '--key', value], { timeoutMs: 30_000 });
    assert.notEqual((await key(program.url, program.adminKey, bad)).code, 0);
    await writeFile(file, `${header}\n${sampleRow}\n`);
    const wrongKey = await key(program.url, 'rk_wrong');
    assert.notEqual(wrongKey.code, 0);
    const nobody = await key('http://127.0.0.1:9', program.adminKey);
    assert.notEqual(nobody.code, 0);
    assert.equal(nobody.signal, null);
  });
});

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const sampleRow = '536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850,United Kingdom';

// analytics-next as published, in real Chromium, from another origin: preflight, settings, every
// call, batching, a retry; what it sends is what the timeline shows.

import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, noBrowser, serveStatic } from '../lib/browser.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

const require = createRequire(import.meta.url);
const umd = path.join(path.dirname(require.resolve('@segment/analytics-next/package.json')),
  'dist/umd');
const page = '<!doctype html><meta charset="utf-8"><title>Cửa hàng 商店</title>'
  + '<script src="/files/index.js"></script><p>shop</p>';

describe('analytics-next in Chromium', { skip: noBrowser }, () => {
  let program;
  let browser;
  let site;
  before(async () => {
    program = await Program.start();
    site = await serveStatic(umd, { '/': page, '/next': page });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await program?.remove();
  });

  /** A tab with the client loaded; `requests` fills with what the network really saw. */
  async function open({ api = program.url, deliveryStrategy } = {}) {
    const context = await browser.newContext();
    const tab = await context.newPage();
    const requests = [];
    const devtools = await context.newCDPSession(tab);
    await devtools.send('Network.enable');
    devtools.on('Network.requestWillBeSent', ({ type, request }) =>
      requests.push({ type, method: request.method, url: request.url, headers: request.headers }));
    const errors = [];
    tab.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    tab.on('pageerror', (error) => errors.push(String(error)));
    await tab.goto(`${site.url}/`);
    await tab.evaluate(async ([writeKey, cdnURL, apiHost, strategy]) => {
      const [analytics] = await window.AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL }, {
        integrations: {
          'Segment.io': { apiHost, protocol: 'http', deliveryStrategy: strategy },
        },
      });
      window.client = analytics;
    }, [program.writeKey, api, `${new URL(api).host}/v1`, deliveryStrategy]);
    return { context, tab, requests, errors };
  }

  async function timeline(user, count) {
    const events = await until(`${count} events of ${user}`, async () => {
      const customer = await program.api.customer('user_id', user);
      if (!customer) return null;
      const found = await program.api.timeline(customer);
      return found.length >= count && found;
    }, { timeoutMs: 20_000 });
    const shown = JSON.stringify(events.map(({ type, name }) => [type, name]));
    assert.equal(events.length, count, shown);
    return events;
  }

  test('settings from the program, then every call, each after its preflight', async () => {
    const { context, tab, requests, errors } = await open();
    const anonymous = await tab.evaluate(async () => {
      await window.client.track('Looked', { before: true });
      await window.client.identify('browser-1', { first_name: 'Ánh', email: 'anh@x.example' });
      await window.client.track('Order Completed', { total: 12.5, 名: '值' });
      await window.client.page('Docs', 'Start', { extra: 1 });
      await window.client.group('acme', { name: 'Acme' });
      await window.client.screen('Main');
      return window.client.user().anonymousId();
    });
    const events = await timeline('browser-1', 6);
    const byType = (type, name) => events.find(
      (event) => event.type === type && (!name || event.name === name));
    assert.equal(byType('track', 'Looked').anonymous_id, anonymous);
    assert.deepEqual(byType('track', 'Order Completed').properties, { total: 12.5, 名: '值' });
    assert.equal(byType('identify').traits.first_name, 'Ánh');
    assert.equal(byType('page').properties.title, 'Cửa hàng 商店');
    assert.equal(byType('page').properties.extra, 1);
    assert.ok(byType('group') && byType('screen'));
    assert.equal(byType('page').context.ip, '127.0.0.1');
    assert.match(byType('page').context.userAgent, /Chrom/);
    const customer = await program.api.customer('user_id', 'browser-1');
    assert.equal((await program.api.customer('anonymous_id', anonymous)).id, customer.id);

    const sent = requests.filter(({ url, method }) =>
      url.startsWith(`${program.url}/v1/`) && method === 'POST');
    const preflights = requests.filter(({ type, method }) =>
      type === 'Preflight' || method === 'OPTIONS');
    assert.ok(sent.length >= 6, `${sent.length} posts`);
    assert.ok(preflights.length >= 1, 'the browser asked first');
    const settings = `/v1/projects/${program.writeKey}/settings`;
    assert.ok(requests.some(({ url }) => url.includes(settings)));
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('batching', async () => {
    const { context, tab, requests, errors } = await open({
      deliveryStrategy: { strategy: 'batching', config: { size: 10, timeout: 300 } },
    });
    await tab.evaluate(async () => {
      window.client.identify('browser-batch', { a: 1 });
      for (let n = 0; n < 24; n += 1) window.client.track('Counted', { n });
    });
    const events = await timeline('browser-batch', 25);
    assert.equal(new Set(events.filter(({ type }) => type === 'track')
      .map(({ properties }) => properties.n)).size, 24);
    assert.ok(requests.some(({ url, method }) => url.includes('/v1/b') && method === 'POST'));
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('a refusal is read across origins and sent again with its retry count', async (t) => {
    const proxy = await shedding(program.port);
    t.after(() => proxy.close());
    const { context, tab } = await open({ api: `http://127.0.0.1:${proxy.port}` });
    await tab.evaluate(async () => {
      window.client.identify('browser-retry', { a: 1 });
      window.client.track('Sent again', {});
    });
    await until('retries that tell their number, which takes a preflight',
      () => proxy.retries >= 2, { timeoutMs: 20_000 });
    assert.equal(proxy.refused, 2);
    // The refused posts had been stored all the same; sent again they count once.
    const events = await timeline('browser-retry', 2);
    assert.ok(events.some(({ name }) => name === 'Sent again'));
    await context.close();
  });
});

/** Passes everything on, but refuses the first two posts as an overloaded server does. */
async function shedding(port) {
  const proxy = { refused: 0, retries: 0 };
  const server = http.createServer((request, response) => {
    if (request.headers['x-retry-count']) proxy.retries += 1;
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const onward = http.request(
        { port, host: '127.0.0.1', method: request.method, path: request.url,
          headers: request.headers },
        (answer) => {
          if (request.method === 'POST' && proxy.refused < 2) {
            proxy.refused += 1;
            answer.resume();
            const headers = Object.fromEntries(Object.entries(answer.headers)
              .filter(([name]) => name.startsWith('access-control-')));
            response.writeHead(503, headers);
            response.end('{}');
            return;
          }
          response.writeHead(answer.statusCode, answer.headers);
          answer.pipe(response);
        });
      onward.end(Buffer.concat(chunks));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.port = server.address().port;
  proxy.close = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return proxy;
}

// Published server-side clients, unchanged: what they send is what the timeline shows.

import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';

import { Analytics } from '@segment/analytics-node';

import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

const require = createRequire(import.meta.url);
const RudderAnalytics = require('@rudderstack/rudder-sdk-node').default
  ?? require('@rudderstack/rudder-sdk-node');

let program;
before(async () => {
  program = await Program.start();
});
after(() => program?.remove());

/** The timeline of a user once it has `count` events, oldest first. */
async function timeline(user, count) {
  const events = await until(`${count} events of ${user}`, async () => {
    const customer = await program.api.customer('user_id', user);
    if (!customer) return null;
    const found = await program.api.timeline(customer);
    return found.length >= count && found;
  });
  assert.equal(events.length, count);
  return events.reverse();
}

const properties = { total: 12.5, currency: 'VND', products: [{ sku: 'a', quantity: 2 }], 名: '值' };
const traits = { first_name: 'Ánh', plan: 'pro', address: { city: 'Huế' } };

describe('@segment/analytics-node', () => {
  const client = (more = {}) => new Analytics({
    writeKey: program.writeKey, host: program.url, flushAt: 5, flushInterval: 200, ...more,
  });

  test('every call arrives as it was made', async () => {
    const analytics = client();
    const failures = [];
    analytics.on('error', (error) => failures.push(error));
    const userId = 'segment-node';
    const timestamp = new Date(Date.now() - 3600e3);
    analytics.identify({ userId, traits });
    analytics.track({ userId, event: 'Order Completed', properties, timestamp });
    analytics.page({ userId, name: 'Start', properties: { url: 'https://x.example/' } });
    analytics.screen({ userId, name: 'Main', properties: { a: 1 } });
    analytics.group({ userId, groupId: 'acme', traits: { name: 'Acme' } });
    analytics.track({ userId, event: 'With own id', messageId: 'own-message-id' });
    analytics.track({ userId, event: 'With context', context: { locale: 'vi' } });
    await analytics.closeAndFlush();
    assert.deepEqual(failures, []);
    const events = await timeline(userId, 7);
    const byType = (type, name) => events.find(
      (event) => event.type === type && (!name || event.name === name));
    assert.deepEqual(byType('identify').traits, traits);
    const order = byType('track', 'Order Completed');
    assert.deepEqual(order.properties, properties);
    assert.ok(Math.abs(new Date(order.timestamp) - timestamp) < 5000, order.timestamp);
    assert.equal(byType('page').name, 'Start');
    assert.equal(byType('screen').properties.a, 1);
    assert.ok(byType('group'));
    assert.equal(byType('track', 'With own id').message_id, 'own-message-id');
    assert.equal(byType('track', 'With context').context.locale, 'vi');
    for (const event of events) {
      assert.equal(event.user_id, userId);
      assert.match(event.context.library.name, /analytics/i);
    }
    const customer = await program.api.customer('user_id', userId);
    assert.equal(customer.traits.first_name, 'Ánh');
  });

  test('alias joins what an anonymous visitor did', async () => {
    const analytics = client();
    analytics.track({ anonymousId: 'segment-before', event: 'Looked' });
    analytics.identify({ userId: 'segment-after', traits: { a: 1 } });
    analytics.alias({ userId: 'segment-after', previousId: 'segment-before' });
    await analytics.closeAndFlush();
    await until('the alias', async () => {
      const customer = await program.api.customer('user_id', 'segment-after');
      const types = customer ? (await program.api.timeline(customer)).map(({ type }) => type) : [];
      return types.includes('alias');
    });
  });

  test('hundreds of events in many batches arrive once each', async () => {
    const analytics = client({ flushAt: 20, maxEventsInBatch: 20 });
    for (let n = 0; n < 400; n += 1) {
      analytics.track({ userId: 'segment-many', event: 'Counted', properties: { n } });
    }
    await analytics.closeAndFlush();
    const events = await timeline('segment-many', 400);
    assert.equal(new Set(events.map((event) => event.properties.n)).size, 400);
  });

  test('a batch whose answer is lost is sent again and stored once', async (t) => {
    const proxy = await lossyProxy(program.port, 2);
    t.after(() => proxy.close());
    const analytics = client({ host: `http://127.0.0.1:${proxy.port}`, maxRetries: 5 });
    analytics.track({ userId: 'segment-retry', event: 'Sent again' });
    await analytics.closeAndFlush({ timeout: 20_000 });
    assert.ok(proxy.requests.length >= 3);
    assert.ok(proxy.requests.some(({ headers }) => headers['x-retry-count']));
    await timeline('segment-retry', 1);
  });
});

describe('@rudderstack/rudder-sdk-node', () => {
  for (const gzip of [true, false]) {
    test(`every call arrives as it was made, gzip ${gzip}`, async () => {
      const client = new RudderAnalytics(program.writeKey,
        { dataPlaneUrl: program.url, gzip, flushAt: 3, flushInterval: 200, logLevel: 'error' });
      const userId = `rudder-${gzip}`;
      const done = [];
      const call = (name, message) => done.push(new Promise((resolve, reject) => {
        client[name](message, (error) => (error ? reject(error) : resolve()));
      }));
      call('identify', { userId, traits });
      call('track', { userId, event: 'Order Completed', properties });
      call('page', { userId, name: 'Start', properties: { url: 'https://x.example/' } });
      call('screen', { userId, name: 'Main', properties: {} });
      call('group', { userId, groupId: 'acme', traits: { name: 'Acme' } });
      call('track', { anonymousId: `rudder-anonymous-${gzip}`, event: 'Looked' });
      await client.flush();
      await Promise.all(done);
      const events = await timeline(userId, 5);
      const byType = (type) => events.find((event) => event.type === type);
      assert.deepEqual(byType('identify').traits, traits);
      assert.deepEqual(byType('track').properties, properties);
      assert.equal(byType('page').name, 'Start');
      assert.equal(byType('screen').name, 'Main');
      assert.ok(byType('track').original_timestamp && byType('track').sent_at);
      for (const event of events) {
        assert.ok(Math.abs(new Date(event.timestamp) - Date.now()) < 30_000, event.timestamp);
      }
      await until('the anonymous event',
        () => program.api.customer('anonymous_id', `rudder-anonymous-${gzip}`));
    });
  }
});

/** Passes requests on but cuts the connection instead of passing the first `lost` answers back. */
async function lossyProxy(port, lost) {
  const requests = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ headers: request.headers });
      const drop = requests.length <= lost;
      const onward = http.request(
        { port, host: '127.0.0.1', method: request.method, path: request.url,
          headers: request.headers },
        (answer) => {
          if (drop) {
            answer.resume();
            answer.on('end', () => request.socket.destroy());
            return;
          }
          response.writeHead(answer.statusCode, answer.headers);
          answer.pipe(response);
        });
      onward.end(Buffer.concat(chunks));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    requests,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

// Every operation of the OpenAPI document with every kind of caller, against a table of its own.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Api, assertProblem } from '../lib/api.js';
import { identify, makeCampaign, makeSegment, runCampaign, track } from '../lib/events.js';
import { Program } from '../lib/program.js';

// What each role and each scope may do; written here, not read from the program.
const everyone = ['owner', 'admin', 'marketer', 'agent', 'analyst', 'viewer'];
const reading = [...everyone, 'key:read', 'key:admin'];
const marketing = ['owner', 'admin', 'marketer', 'key:admin'];
const administration = ['owner', 'admin', 'key:admin'];
const table = {
  signed_in: reading,
  'customers.read': reading,
  'customers.export': ['owner', 'admin', 'marketer', 'analyst', 'key:admin'],
  'events.read': reading,
  'events.import': marketing,
  'segments.read': reading,
  'segments.write': marketing,
  'campaigns.read': reading,
  'campaigns.write': marketing,
  'consent.write': ['owner', 'admin', 'marketer', 'agent', 'key:admin'],
  'settings.read': ['owner', 'admin', 'marketer', 'analyst', 'key:read', 'key:admin'],
  'settings.write': administration,
  'access.read': administration,
  'access.write': administration,
  operations: administration,
};
const open = ['public', 'ingest'];
const password = 'a long enough password';

let program;
let other;
let document;
let ids;
const callers = {};

// A caller beyond this machine: what operations let pass on loopback is not meant here.
const far = { 'x-forwarded-for': '203.0.113.9' };

before(async () => {
  program = await Program.create();
  other = await program.addWorkspace('Other', 'owner@other.example');
  await program.start();
  const { api } = program;
  await api.batch([
    identify('secret-user', { email: 'secret@x.example', tag: 'secret' }),
    track('secret-user', 'Secret Event'),
    { type: 'track', userId: 'secret-user', messageId: 'rejected-secret' },
  ]);
  const segment = await makeSegment(api, 'Secret segment',
    { trait: 'tag', op: 'eq', value: 'secret' });
  const sent = await runCampaign(api, await makeCampaign(api, segment, { name: 'Secret one' }));
  const draft = await makeCampaign(api, segment, { name: 'Secret draft' });
  for (const role of everyone) {
    if (role !== 'owner') {
      await api.post('/api/v1/users', { email: `${role}@shop.example`, role, password });
    }
  }
  const keys = {};
  for (const scope of ['ingest', 'read', 'admin']) {
    keys[scope] = await api.post('/api/v1/keys', { name: `Secret ${scope}`, scope });
    callers[`key:${scope}`] = async () => api.as(keys[scope].key);
  }
  for (const role of everyone) {
    callers[role] = () => api.signIn(role === 'owner' ? Program.email : `${role}@shop.example`,
      role === 'owner' ? Program.password : password);
  }
  const users = await api.all('/api/v1/users');
  ids = {
    customers: (await api.customer('user_id', 'secret-user')).id,
    segments: segment.id,
    campaigns: draft.id,
    sent: sent.id,
    users: users.find(({ role }) => role === 'viewer').id,
    keys: keys.read.id,
  };
  document = await api.get('/api/openapi.json');
});
after(() => program?.remove());

/** [method, path, operation] of everything in the document. */
function operations() {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ['get', 'put', 'post', 'delete'].includes(method))
      .map(([method, operation]) => [method.toUpperCase(), path, operation]));
}

/** A path with ids of nobody in it, so that being let through changes nothing. */
const harmless = (path) => path.replace(/\{kind\}/, 'user_id').replace(/\{[^}]+\}/g, 'nobody');

const isSignIn = (method, path) => path === '/api/v1/session' && method === 'POST';

test('the document lists what there is, each with a known permission', () => {
  assert.match(document.openapi, /^3\./);
  const all = operations();
  assert.ok(all.length >= 40, `${all.length} operations`);
  const seen = new Set();
  for (const [method, path, operation] of all) {
    const permission = operation['x-permission'];
    assert.ok(permission in table || open.includes(permission), `${method} ${path}: ${permission}`);
    assert.ok(operation.operationId && !seen.has(operation.operationId), `${method} ${path}`);
    seen.add(operation.operationId);
  }
  for (const expected of ['/v1/batch', '/api/v1/customers', '/api/v1/customers/{id}/events',
    '/api/v1/segments/preview', '/api/v1/campaigns/{id}/start', '/api/v1/messages',
    '/api/v1/sandbox/messages', '/api/v1/session', '/api/v1/users', '/api/v1/keys',
    '/api/v1/overview', '/healthz', '/readyz', '/metrics']) {
    assert.ok(document.paths[expected], expected);
  }
});

async function attempt(caller, method, path) {
  return caller.request(method, harmless(path), {
    body: ['POST', 'PUT'].includes(method) ? {} : undefined, headers: far,
  });
}

const everyCaller = [...everyone, 'key:ingest', 'key:read', 'key:admin'];
for (const name of everyCaller) {
  test(`every operation as ${name}`, async () => {
    let caller = await callers[name]();
    for (const [method, path, operation] of operations()) {
      const permission = operation['x-permission'];
      if (open.includes(permission)) continue;
      const answer = await attempt(caller, method, path);
      const what = `${method} ${path} (${permission}) as ${name}: ${answer.status} ${answer.text}`;
      if (table[permission].includes(name)) {
        assert.ok(![401, 403].includes(answer.status), what);
        assert.ok(answer.status < 500, what);
      } else {
        assert.equal(answer.status, 403, what);
        assertProblem(answer, 403, { code: 'permission_denied' });
      }
      // Signing out is one of the operations.
      if (path.startsWith('/api/v1/session') && method !== 'GET') caller = await callers[name]();
    }
  });
}

test('every operation without a key, with a wrong one, with a wrong session', async () => {
  const nobodies = [
    new Api(program.url), new Api(program.url, { key: 'rk_wrong' }),
    new Api(program.url, { key: program.writeKey.replace('wk_', 'rk_') }),
    new Api(program.url, { session: { cookie: 'rapport_session=wrong', csrf: 'wrong' } }),
  ];
  for (const [method, path, operation] of operations()) {
    if (open.includes(operation['x-permission'])) continue;
    for (const nobody of nobodies) {
      const answer = await attempt(nobody, method, path);
      assert.equal(answer.status, 401, `${method} ${path}: ${answer.status}`);
      assertProblem(answer, 401, { code: 'unauthenticated' });
    }
  }
});

test('a key that was revoked and a user who was removed are nobody', async () => {
  const { api } = program;
  const key = await api.post('/api/v1/keys', { name: 'Short', scope: 'read' });
  assert.equal((await api.as(key.key).request('GET', '/api/v1/customers')).status, 200);
  await api.call('DELETE', `/api/v1/keys/${key.id}`, undefined, [200, 204]);
  assert.equal((await api.as(key.key).request('GET', '/api/v1/customers')).status, 401);

  const user = await api.post('/api/v1/users',
    { email: 'short@shop.example', role: 'viewer', password });
  const session = await api.signIn('short@shop.example', password);
  assert.equal((await session.request('GET', '/api/v1/customers')).status, 200);
  await api.call('DELETE', `/api/v1/users/${user.id}`, undefined, [200, 204]);
  assert.equal((await session.request('GET', '/api/v1/customers')).status, 401);
});

test('a role that changes counts at once', async () => {
  const { api } = program;
  const user = await api.post('/api/v1/users',
    { email: 'rising@shop.example', role: 'viewer', password });
  const session = await api.signIn('rising@shop.example', password);
  const make = () => session.request('POST', '/api/v1/segments',
    { body: { name: 'x', condition: { trait: 'a', op: 'eq', value: 1 } } });
  assert.equal((await make()).status, 403);
  await api.put(`/api/v1/users/${user.id}`, { role: 'marketer' });
  assert.equal((await make()).status, 201);
});

test('nobody lifts themselves or removes the last owner', async () => {
  const { api } = program;
  const admin = await callers.admin();
  const users = await api.all('/api/v1/users');
  const owner = users.find(({ role }) => role === 'owner');
  const self = users.find(({ role }) => role === 'admin');
  for (const [method, id, body] of [
    ['PUT', self.id, { role: 'owner' }], ['PUT', owner.id, { role: 'viewer' }],
    ['DELETE', owner.id, undefined]]) {
    const answer = await admin.request(method, `/api/v1/users/${id}`, { body });
    assert.ok([403, 409, 422].includes(answer.status), `${method}: ${answer.status}`);
  }
  const answer = await api.request('DELETE', `/api/v1/users/${owner.id}`);
  assert.ok([403, 409, 422].includes(answer.status), `last owner: ${answer.status}`);
});

describe("another workspace's key", () => {
  const names = ['secret', 'Secret', 'nobody@nowhere'];
  const condition = { trait: 'tag', op: 'eq', value: 'secret' };
  const bodies = {
    '/api/v1/segments/{id}': { name: 'Taken', condition },
    '/api/v1/campaigns/{id}': {
      name: 'Taken', channel: 'email', from: 'a@other.example',
      template: { subject: 's', html: 'h', text: 't' },
    },
    '/api/v1/users/{id}': { role: 'viewer' },
  };

  test('reads nothing of this one in any list', async () => {
    const foreign = program.api.as(other.admin_key);
    for (const [method, path, operation] of operations()) {
      if (method !== 'GET' || path.includes('{') || open.includes(operation['x-permission'])) {
        continue;
      }
      if (operation['x-permission'] === 'operations') continue;
      const answer = await foreign.request('GET', path);
      for (const name of [...names, ...Object.values(ids)]) {
        assert.ok(!answer.text.includes(name), `${path} shows ${name}`);
      }
    }
  });

  test('finds, changes and removes nothing of this one by id', async () => {
    const foreign = program.api.as(other.admin_key);
    const own = await makeSegment(foreign, 'Own', condition);
    for (const [method, path, operation] of operations()) {
      const domain = path.split('/')[3];
      if (!path.includes('{') || open.includes(operation['x-permission'])) continue;
      const values = domain === 'campaigns' ? [ids.campaigns, ids.sent] : [ids[domain]];
      for (const value of values) {
        const target = path.replace('{kind}', 'user_id').replace('{value}', 'secret-user')
          .replace(/\{[^}]+\}/, value ?? 'nobody');
        const body = method === 'PUT'
          ? { ...bodies[path], ...(domain === 'campaigns' ? { segment_id: own.id } : {}) }
          : undefined;
        const needed = (operation.parameters ?? []).filter((p) => p.in === 'query' && p.required)
          .map((p) => `${p.name}=1`).join('&');
        const answer = await foreign.request(method, `${target}?${needed}`, { body });
        assert.equal(answer.status, 404, `${method} ${target}: ${answer.status} ${answer.text}`);
      }
    }
    for (const domain of ['customers', 'segments', 'campaigns']) {
      assert.equal((await program.api.request('GET', `/api/v1/${domain}/${ids[domain]}`)).status,
        200);
    }
  });

  test('cannot send to a segment of this one', async () => {
    const answer = await program.api.as(other.admin_key).request('POST', '/api/v1/campaigns',
      { body: { ...bodies['/api/v1/campaigns/{id}'], segment_id: ids.segments } });
    assert.ok([400, 404, 422].includes(answer.status), answer.text);
  });

  test('the same ids mean other people there', async () => {
    const foreign = new Api(program.url, { key: other.admin_key, writeKey: other.write_key });
    const shared = track('twin', 'Here', {}, { messageId: 'twin-message' });
    await program.api.batch([shared]);
    await foreign.batch([{ ...shared, event: 'There' }]);
    const here = await program.api.customer('user_id', 'twin');
    const there = await foreign.customer('user_id', 'twin');
    assert.deepEqual((await program.api.timeline(here)).map(({ name }) => name), ['Here']);
    assert.deepEqual((await foreign.timeline(there)).map(({ name }) => name), ['There']);
    assert.equal(await foreign.customer('user_id', 'secret-user'), null);
  });

  test('a user of one workspace sees that one only', async () => {
    const session = await program.api.signIn('owner@other.example', Program.password);
    const me = await session.get('/api/v1/session');
    assert.equal(me.workspace.id, other.workspace);
    assert.equal((await session.request('GET', `/api/v1/customers/${ids.customers}`)).status, 404);
  });
});

test('a key is shown once and never again', async () => {
  const { api } = program;
  const made = await api.post('/api/v1/keys', { name: 'Once', scope: 'admin' });
  assert.match(made.key, /^rk_/);
  const ingest = await api.post('/api/v1/keys', { name: 'In', scope: 'ingest' });
  assert.match(ingest.key, /^wk_/);
  const list = await api.request('GET', '/api/v1/keys?limit=1000');
  for (const key of [made.key, ingest.key, program.adminKey]) assert.ok(!list.text.includes(key));
  const answer = await api.collect('/v1/track', track('by-new-key', 'E'), { key: ingest.key });
  assert.equal(answer.status, 200);
  assert.ok(await api.customer('user_id', 'by-new-key'));
});

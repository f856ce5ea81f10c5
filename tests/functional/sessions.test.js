// Signing in and out: cookies, CSRF, passwords, throttling.

import assert from 'node:assert/strict';
import https from 'node:https';
import { after, before, describe, test } from 'node:test';

import { Api, assertProblem } from '../lib/api.js';
import { Program } from '../lib/program.js';
import { selfSigned } from '../lib/smtp.js';
import { until } from '../lib/wait.js';

const password = 'a long enough password';
let program;
let api;
before(async () => {
  program = await Program.start();
  api = program.api;
});
after(() => program?.remove());

const signIn = (email, secret) => new Api(program.url).request('POST', '/api/v1/session',
  { body: { email, password: secret } });

async function makeUser(name, role = 'viewer') {
  const email = `${name}@shop.example`;
  return { ...(await api.post('/api/v1/users', { email, role, password })), email };
}

describe('session', () => {
  test('sign in, who am I, sign out', async () => {
    const answer = await signIn(Program.email, Program.password);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.user.email, Program.email);
    assert.equal(answer.json.user.role, 'owner');
    assert.equal(answer.json.workspace.id, program.workspace);
    assert.ok(!answer.text.includes(Program.password));
    const [cookie] = answer.headers.getSetCookie();
    assert.match(cookie, /^rapport_session=[^;]{20,}/);
    for (const attribute of ['HttpOnly', 'SameSite=Lax', 'Path=/']) {
      assert.ok(cookie.includes(attribute), attribute);
    }
    assert.doesNotMatch(cookie, /domain=/i);
    const session = await api.signIn(Program.email, Program.password);
    assert.deepEqual((await session.get('/api/v1/session')).user, answer.json.user);
    await session.call('DELETE', '/api/v1/session', undefined, 204);
    assertProblem(await session.request('GET', '/api/v1/session'), 401);
    assertProblem(await session.request('GET', '/api/v1/customers'), 401);
  });

  test('it survives a restart', async () => {
    const session = await api.signIn(Program.email, Program.password);
    await program.stop();
    await program.start();
    assert.equal((await session.get('/api/v1/session')).user.email, Program.email);
  });

  test('on TLS the cookie has the __Host- name and is Secure', async () => {
    const certificate = selfSigned();
    const secure = await Program.create({
      args: ['--tls-certificate', certificate.certFile, '--tls-key', certificate.keyFile],
    });
    secure.scheme = 'https';
    const ask = (method, path, body) => new Promise((resolve, reject) => {
      const request = https.request(`${secure.url}${path}`,
        { method, ca: certificate.cert, headers: { 'content-type': 'application/json' } },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response));
        });
      request.on('error', reject);
      request.end(body);
    });
    secure.isReady = async () => (await ask('GET', '/readyz')).statusCode === 200;
    try {
      await secure.start();
      const answer = await ask('POST', '/api/v1/session',
        JSON.stringify({ email: Program.email, password: Program.password }));
      assert.equal(answer.statusCode, 200);
      const [cookie] = answer.headers['set-cookie'];
      assert.match(cookie, /^__Host-rapport_session=/);
      assert.match(cookie, /; Secure/);
      assert.match(answer.headers['strict-transport-security'] ?? '', /max-age=\d+/);
    } finally {
      await secure.remove();
      certificate.remove();
    }
  });
});

describe('CSRF', () => {
  test('a change needs the token of this very session', async () => {
    const session = await api.signIn(Program.email, Program.password);
    const second = await api.signIn(Program.email, Program.password);
    const body = { name: 'x', condition: { trait: 'a', op: 'eq', value: 1 } };
    for (const token of [undefined, '', 'wrong', second.session.csrf]) {
      const answer = await session.request('POST', '/api/v1/segments',
        { body, headers: { 'x-csrf-token': token } });
      assertProblem(answer, 403);
    }
    assert.equal((await session.request('POST', '/api/v1/segments', { body })).status, 201);
    assert.equal((await session.request('GET', '/api/v1/segments',
      { headers: { 'x-csrf-token': undefined } })).status, 200);
  });

  test('reading never changes anything', async () => {
    const session = await api.signIn(Program.email, Program.password);
    for (const path of ['/api/v1/campaigns/x/start', '/api/v1/segments/preview']) {
      assert.ok([404, 405].includes((await session.request('GET', path)).status));
    }
  });
});

describe('passwords', () => {
  test('a change ends the other sessions and the old password', async () => {
    const user = await makeUser('changer');
    const session = await api.signIn(user.email, password);
    const elsewhere = await api.signIn(user.email, password);
    const change = (current, next) => session.request('POST', '/api/v1/session/password',
      { body: { current, new: next } });
    assert.ok([400, 401, 403, 422].includes((await change('wrong', 'another password')).status));
    assertProblem(await change(password, 'short'), 400, { field: 'new' });
    assert.equal((await change(password, 'another password')).status, 204);
    assert.equal((await elsewhere.request('GET', '/api/v1/session')).status, 401);
    assert.equal((await signIn(user.email, password)).status, 401);
    assert.equal((await signIn(user.email, 'another password')).status, 200);
  });

  test('weak or wrong input is refused by field', async () => {
    const cases = [
      [{ email: 'nonsense', role: 'viewer', password }, 'email'],
      [{ email: 'a@x.example', role: 'king', password }, 'role'],
      [{ email: 'a@x.example', role: 'viewer', password: 'short' }, 'password'],
      [{ email: 'a@x.example', role: 'viewer', password: 'x'.repeat(1000) }, 'password'],
      [{ role: 'viewer', password }, 'email'],
    ];
    for (const [body, field] of cases) {
      assertProblem(await api.request('POST', '/api/v1/users', { body }), 400, { field });
    }
    const body = { email: Program.email, role: 'viewer', password };
    assertProblem(await api.request('POST', '/api/v1/users', { body }), 409);
  });
});

describe('guessing', () => {
  test('an unknown user and a wrong password look alike', async () => {
    await makeUser('alike');
    const wrong = await signIn('alike@shop.example', 'wrong password');
    const unknown = await signIn('nobody@shop.example', 'wrong password');
    const plain = ({ status, json }) => ({ ...json, status, request_id: 0, instance: 0 });
    assert.equal(wrong.status, 401);
    assert.deepEqual(plain(wrong), plain(unknown));
  });

  test('many wrong passwords are slowed down, also after a restart', async () => {
    await makeUser('target');
    const statuses = [];
    let last;
    for (let attempt = 0; attempt < 12 && last?.status !== 429; attempt += 1) {
      last = await signIn('target@shop.example', `guess ${attempt}`);
      statuses.push(last.status);
    }
    assertProblem(last, 429);
    assert.ok(statuses.length <= 12 && statuses.length >= 4, statuses.join());
    assert.match(last.headers.get('retry-after'), /^\d+$/);
    // The right password does not pass either while the wait lasts.
    await program.kill();
    await program.start();
    let answer;
    await until('to be let in after the wait', async () => {
      answer = await signIn('target@shop.example', password);
      return answer.status === 200;
    }, { timeoutMs: 15_000, everyMs: 250 });
  });

  test('signing in with anything but two texts names the field', async () => {
    for (const body of [{}, { email: 5, password }, { email: 'a@x.example' }, []]) {
      const answer = await new Api(program.url).request('POST', '/api/v1/session', { body });
      assertProblem(answer, 400);
    }
  });
});

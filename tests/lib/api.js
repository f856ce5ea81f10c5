// A small client of the API: requests as plain calls, pages walked to their end.

import assert from 'node:assert/strict';

export class Api {
  constructor(url, { key, writeKey, session } = {}) {
    this.url = url;
    this.key = key;
    this.writeKey = writeKey;
    this.session = session;
  }

  /** The same server with another API key; null for none. */
  as(key) {
    return new Api(this.url, { key, writeKey: this.writeKey });
  }

  /** {status, headers, text, json} of any request; `body` is sent as JSON unless it is a string. */
  async request(method, path, { body, headers = {}, redirect = 'manual' } = {}) {
    const sent = { ...headers };
    if (this.key && !('authorization' in sent)) sent.authorization = `Bearer ${this.key}`;
    if (this.session) {
      sent.cookie = this.session.cookie;
      if (method !== 'GET' && !('x-csrf-token' in sent)) sent['x-csrf-token'] = this.session.csrf;
    }
    let payload;
    if (body !== undefined) {
      const raw = typeof body === 'string' || body instanceof Uint8Array;
      payload = raw ? body : JSON.stringify(body);
      if (!('content-type' in sent)) sent['content-type'] = 'application/json';
    }
    for (const name of Object.keys(sent)) if (sent[name] === undefined) delete sent[name];
    const response = await fetch(this.url + path,
      { method, headers: sent, body: payload, redirect }).catch((error) => {
      // fetch keeps what went wrong in the cause, which a test report does not print
      const { code = '', message = error } = error.cause ?? {};
      throw new Error(`${method} ${path}: ${code} ${message}`, { cause: error });
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString('utf8');
    let json;
    if ((response.headers.get('content-type') ?? '').includes('json')) json = JSON.parse(text);
    return { status: response.status, headers: response.headers, bytes, text, json };
  }

  /** The JSON of a request that must answer `status`. */
  async call(method, path, body, status = method === 'POST' ? [200, 201, 202, 204] : [200, 204]) {
    const answer = await this.request(method, path, { body });
    const allowed = [status].flat();
    assert.ok(allowed.includes(answer.status),
      `${method} ${path}: ${answer.status} ${answer.text.slice(0, 500)}`);
    return answer.json;
  }

  get(path) {
    return this.call('GET', path);
  }

  post(path, body) {
    return this.call('POST', path, body);
  }

  put(path, body) {
    return this.call('PUT', path, body);
  }

  delete(path) {
    return this.call('DELETE', path);
  }

  /** Every item of a list, page by page. */
  async all(path, limit = 500) {
    const items = [];
    let cursor;
    do {
      const join = path.includes('?') ? '&' : '?';
      const page = await this.get(
        `${path}${join}limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
      assert.ok(Array.isArray(page.items), `${path} answers items`);
      assert.ok(page.items.length <= limit, `${path} keeps to the limit`);
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor);
    return items;
  }

  /** Sends to collect with the write key as Basic user name; the answer as it came. */
  collect(path, body, { key = this.writeKey, headers = {}, wait = true } = {}) {
    const authorization = key === null ? undefined : basic(key);
    return new Api(this.url).request('POST', `${path}${wait ? '?wait=true' : ''}`, {
      body, headers: { authorization, ...headers },
    });
  }

  /** Sends a batch that must be accepted whole and applied before this returns. */
  async batch(events, extra = {}) {
    const answer = await this.collect('/v1/batch', { batch: events, ...extra });
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  /** The customer of a user_id, or null. */
  async customer(kind, value) {
    const answer = await this.request(
      'GET', `/api/v1/customers/by/${kind}/${encodeURIComponent(value)}`);
    if (answer.status === 404) return null;
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  /** The whole timeline of a customer, newest first. */
  timeline(customer) {
    return this.all(`/api/v1/customers/${customer.id}/events`);
  }

  /** Signs in; the answer is an Api that carries the session. */
  async signIn(email, password) {
    const answer = await new Api(this.url).request('POST', '/api/v1/session',
      { body: { email, password } });
    assert.equal(answer.status, 200, answer.text);
    return new Api(this.url, {
      writeKey: this.writeKey,
      session: {
        cookie: answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; '),
        csrf: answer.json.csrf_token,
      },
    });
  }
}

export function basic(user, password = '') {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Asserts an RFC 9457 problem with this status; answers it. */
export function assertProblem(answer, status, { code, field } = {}) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const problem = answer.json;
  assert.equal(problem.status, status);
  for (const name of ['type', 'title', 'code', 'request_id']) {
    assert.equal(typeof problem[name], 'string', `problem has ${name}: ${answer.text}`);
  }
  if (code) assert.equal(problem.code, code);
  if (field) {
    assert.ok((problem.errors ?? []).some((error) => error.field === field),
      `names ${field}: ${answer.text}`);
  }
  return problem;
}

// Journeys as they are drawn: kept, checked, versioned, carried elsewhere, and nobody else's.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import Ajv2020 from 'ajv/dist/2020.js';

import { assertProblem } from '../lib/api.js';
import { Program } from '../lib/program.js';

const data = (name) =>
  JSON.parse(readFileSync(new URL(`../data/journeys/${name}`, import.meta.url), 'utf8'));
const at = '/api/v1/journeys';
const short = {
  name: 'Welcome',
  entry: { on: 'event', event: 'Signed Up' },
  again: 'never',
  start: 'rest',
  steps: {
    hello: { type: 'send', content: { subject: 'Hello', text: 'Good to see you' } },
    rest: { type: 'wait', for: '1d', next: 'hello' },
  },
};

let program;
let api;
before(async () => {
  program = await Program.start();
  api = program.api;
});
after(() => program?.remove());

const draw = (document) => api.post(at, { document });

describe('a draft', () => {
  test('reads back as it was drawn, is replaced, and is gone when removed', async () => {
    const made = await draw(short);
    assert.match(made.id, /^jrn_/);
    assert.deepEqual(made.document, short);
    assert.deepEqual(
      [made.name, made.entry, made.steps, made.revision, made.version],
      ['Welcome', 'event', 2, 1, null]);
    assert.deepEqual(await api.get(`${at}/${made.id}`), made);
    const other = { ...short, name: 'Welcome back' };
    const saved = await api.call('PUT', `${at}/${made.id}`, { document: other, revision: 1 });
    assert.equal(saved.revision, 2);
    assert.equal(saved.name, 'Welcome back');
    const late = await api.request('PUT', `${at}/${made.id}`,
      { body: { document: short, revision: 1 } });
    assertProblem(late, 409, { field: 'revision' });
    assert.deepEqual((await api.get(`${at}/${made.id}`)).document, other);
    await api.delete(`${at}/${made.id}`);
    assertProblem(await api.request('GET', `${at}/${made.id}`), 404);
    assertProblem(await api.request('DELETE', `${at}/${made.id}`), 404);
  });

  test('is kept through a restart', async () => {
    const made = await draw(data('whole.json'));
    await program.kill();
    await program.start();
    api = program.api;
    assert.deepEqual(await api.get(`${at}/${made.id}`), made);
  });

  test('is listed, newest first, page by page, without its document', async () => {
    const made = [];
    for (let i = 0; i < 3; ++i) made.unshift((await draw({ ...short, name: `Page ${i}` })).id);
    const first = await api.get(`${at}?limit=2`);
    assert.deepEqual(first.items.map(({ id }) => id), made.slice(0, 2));
    assert.ok(first.items.every((item) => !('document' in item)));
    const next = await api.get(`${at}?limit=2&cursor=${first.next_cursor}`);
    assert.equal(next.items[0].id, made[2]);
    assertProblem(await api.request('GET', `${at}?cursor=cus_1`), 400, { field: 'cursor' });
  });

  test('is refused where it is wrong, naming the place', async () => {
    for (const [what, document, field] of data('refused.json')) {
      const answer = await api.request('POST', at, { body: { document } });
      assertProblem(answer, 400, { field });
      assert.ok(what);
    }
  });
});

describe('the published schema', () => {
  test('takes what the program takes, and refuses another type of step', async () => {
    const takes = new Ajv2020({ strict: false }).compile(await api.get(`${at}/schema`));
    for (const document of [data('whole.json'), short, (await draw(data('whole.json'))).document]) {
      assert.ok(takes(document), JSON.stringify(takes.errors));
    }
    for (const [what, part] of data('faults.json')) {
      assert.ok(takes({ name: 'A', ...part }), `${what}: ${JSON.stringify(takes.errors)}`);
    }
    assert.ok(!takes({ ...short, steps: { a: { type: 'webhook' } } }));
    assert.ok(!takes({ ...short, colour: 'red' }));
    assert.ok(!takes({ ...short, entry: { on: 'event' } }));
  });
});

describe('the check', () => {
  test('names what hinders, and what may surprise', async () => {
    const made = await draw({ ...short, start: 'nowhere' });
    const check = await api.get(`${at}/${made.id}/check`);
    assert.equal(check.ok, false);
    assert.equal(check.revision, 1);
    assert.deepEqual(check.faults.map(({ step, member, severity, code }) =>
      [step, member, severity, code]), [['', 'start', 'error', 'dangling_edge']]);
    const island = { ...short, steps: { ...short.steps, island: { type: 'exit' } } };
    await api.call('PUT', `${at}/${made.id}`, { document: island });
    const again = await api.get(`${at}/${made.id}/check`);
    assert.deepEqual([again.ok, again.faults.map(({ severity, code }) => `${severity} ${code}`)],
      [true, ['warning unreachable_step']]);
  });

  test('knows the segments, templates and topics of the workspace', async () => {
    const made = await draw(data('whole.json'));
    const codes = (await api.get(`${at}/${made.id}/check`)).faults.map(({ code }) => code).sort();
    assert.ok(codes.includes('template_missing'), codes.join());
    assert.ok(codes.includes('topic_missing'), codes.join());
    const reads = (name) => api.post('/api/v1/segments',
      { name, condition: { trait: 'reads', op: 'exists' } });
    await reads('The first, which drafts of other tests name');
    const segment = await reads('Readers');
    const entry = { on: 'segment', segment: segment.id, change: 'entered' };
    await api.call('PUT', `${at}/${made.id}`, { document: { ...short, entry } });
    assert.deepEqual((await api.get(`${at}/${made.id}/check`)).faults, []);
    assertProblem(await api.request('DELETE', `/api/v1/segments/${segment.id}`), 409);
    await api.delete(`${at}/${made.id}`);
    await api.delete(`/api/v1/segments/${segment.id}`);
  });
});

describe('versions', () => {
  test('never change, and are kept once for the same draft', async () => {
    const made = await draw(short);
    const versions = `${at}/${made.id}/versions`;
    const first = await api.post(versions);
    assert.deepEqual([first.version, first.document], [1, short]);
    assert.equal((await api.post(versions)).version, 1);
    await api.call('PUT', `${at}/${made.id}`, { document: { ...short, name: 'Second' } });
    assert.equal((await api.post(versions)).version, 2);
    assert.deepEqual((await api.get(`${versions}/1`)).document, short);
    assert.deepEqual((await api.get(versions)).items.map(({ version }) => version), [2, 1]);
    assert.equal((await api.get(`${at}/${made.id}`)).version, 2);
    assertProblem(await api.request('GET', `${versions}/3`), 404);
    await api.delete(`${at}/${made.id}`);
    assertProblem(await api.request('GET', `${versions}/1`), 404);
  });

  test('are not made of a draft that could not run', async () => {
    const made = await draw({ ...short, start: 'nowhere' });
    const answer = await api.request('POST', `${at}/${made.id}/versions`);
    assertProblem(answer, 422, { field: 'document.start' });
    assert.deepEqual((await api.get(`${at}/${made.id}/versions`)).items, []);
  });
});

describe('a file', () => {
  test('carries a journey elsewhere', async () => {
    const made = await draw(data('whole.json'));
    const file = await api.get(`${at}/${made.id}/export`);
    const copy = await api.post(`${at}/import`, file);
    assert.notEqual(copy.id, made.id);
    assert.deepEqual(copy.document, made.document);
    const other = await api.request('POST', `${at}/import`,
      { body: { ...file, format: 'another-1' } });
    assertProblem(other, 400, { field: 'format' });
  });
});

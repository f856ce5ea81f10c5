// `rapport render`: the template language from the command line, its errors and exit codes.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { run, sharedFile } from '../lib/program.js';

let dir;
const file = (name) => path.join(dir, name);
const render = (source, ...args) => run(['render', '-', ...args], { input: source });

before(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'rapport-render-'));
  await mkdir(file('blocks/layouts'), { recursive: true });
  await mkdir(file('blocks/shop'), { recursive: true });
  await writeFile(file('blocks/who.liquid'), '[{{ customer.name }}{{ x }}]');
  await writeFile(file('blocks/shop/card.liquid'), '({{ card }})');
  await writeFile(file('blocks/broken.liquid'), 'a\nb {% nosuch %}');
  await writeFile(file('blocks/layouts/page.liquid'), '<p>{{ content_for_layout }}</p>');
  await writeFile(file('secret.liquid'), 'secret');
  await symlink(file('secret.liquid'), file('blocks/link.liquid'));
  await writeFile(file('data.json'), '{"customer":{"name":"Ánh & Bình"},"list":[1,2]}');
});
after(() => rm(dir, { recursive: true, force: true }));

describe('rapport render', () => {
  test('prints the result, escaped only when asked', async () => {
    const source = 'Hello {{ customer.name }}';
    await writeFile(file('t.liquid'), source);
    const plain = await run(['render', file('t.liquid'), '--data', file('data.json')]);
    assert.deepEqual([plain.code, plain.stdout, plain.stderr], [0, 'Hello Ánh & Bình', '']);
    const html = await render(source, '--data', file('data.json'), '--html');
    assert.equal(html.stdout, 'Hello Ánh &amp; Bình');
    assert.equal((await render('{{ nothing }}x')).stdout, 'x');
  });

  test('finds partials and layouts in their folder, and nothing outside', async () => {
    const inside = await render(
      "{% layout 'page' %}{% render 'who', x: 1 %}{% include 'shop/card' for list %}",
      '--data', file('data.json'), '--partials', file('blocks'));
    assert.equal(inside.stdout, '<p>[Ánh & Bình1](1)(2)</p>', inside.stderr);
    for (const name of ['../secret', 'link', '/etc/passwd', 'shop/../who', 'who.liquid', '', '.']) {
      const answer = await render(`x{% include '${name}' %}`, '--partials', file('blocks'));
      assert.equal(answer.code, 1, name);
      assert.match(answer.stderr, /line 1, column 2/);
      assert.equal(answer.stdout, '');
    }
  });

  test('tells the place of an error and exits with 1', async () => {
    const cases = [
      ['a\n {{ x | nosuch }}', 'line 2, column 9'],
      ['{% if x %}', 'line 1, column 1'],
      ['x\n{{ 1 | divided_by: 0 }}', 'line 2, column 8'],
      ["{% render 'broken' %}", "in 'broken', line 2, column 3"],
      ['{% for i in (1..1000000) %}{% endfor %}', 'line 1, column 1'],
      ["{% assign a = 'xxxx' %}{% for i in (1..40) %}{% assign a = a | append: a %}{% endfor %}",
        'line 1, column'],
    ];
    for (const [source, place] of cases) {
      const answer = await render(source, '--partials', file('blocks'));
      assert.equal(answer.code, 1, source);
      assert.ok(answer.stderr.includes(place), `${source}: ${answer.stderr}`);
      assert.equal(answer.stdout, '');
    }
  });

  test('wrong use exits with 2', async () => {
    await writeFile(file('bad.json'), '{');
    await writeFile(file('list.json'), '[]');
    for (const args of [
      [],
      [file('absent.liquid')],
      [dir],
      [file('secret.liquid'), '--data', file('absent.json')],
      [file('secret.liquid'), '--data', file('bad.json')],
      [file('secret.liquid'), '--data', file('list.json')],
      [file('secret.liquid'), '--partials', file('absent')],
      [file('secret.liquid'), '--nonsense'],
    ]) {
      const answer = await run(['render', ...args]);
      assert.equal(answer.code, 2, args.join(' '));
      assert.notEqual(answer.stderr, '');
    }
  });

  const golden = sharedFile('liquid/liquid-cases.json');
  test('answers published cases as their reference does',
    { skip: golden ? false : 'the shared data is not beside the repository' }, async () => {
      const { tests } = JSON.parse(await readFile(golden, 'utf8'));
      const chosen = tests.filter((one, index) => one.templates || index % 25 === 0);
      for (const one of chosen) {
        const blocks = await mkdtemp(path.join(dir, 'case-'));
        for (const [name, source] of Object.entries(one.templates ?? {})) {
          await writeFile(path.join(blocks, `${name}.liquid`), source);
        }
        await writeFile(path.join(blocks, 'data.json'), JSON.stringify(one.data ?? {}));
        const answer = await render(one.template, '--data', path.join(blocks, 'data.json'),
          '--partials', blocks);
        assert.equal(answer.code, one.invalid ? 1 : 0, one.name);
        if (!one.invalid) {
          assert.ok((one.results ?? [one.result]).includes(answer.stdout), one.name);
        }
      }
    });
});

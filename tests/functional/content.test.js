// Templates, content blocks, layouts, brand and pictures through the API.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { deflateSync, crc32 } from 'node:zlib';

import { identify, makeSegment, runCampaign } from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

let program;
let api;
let other;
before(async () => {
  program = await Program.create();
  other = await program.addWorkspace('Other', 'other@shop.example');
  await program.start();
  ({ api } = program);
  await api.batch([
    identify('ann', { first_name: 'Ann', email: 'ann@x.example', language: 'en' }),
    identify('mei', { first_name: '美玲', email: 'mei@x.example', locale: 'zh_HK' }),
  ]);
});
after(() => program?.remove());

const variant = (language, subject, html, more = {}) => ({ language, subject, html, ...more });
const template = (name, ...variants) => ({ name, variants });
const block = (name, html) => ({ name, variants: [{ language: '', html }] });
const status = async (method, path, body) =>
  (await api.request(method, path, { body })).status;

describe('templates', () => {
  test('every save is a version that can be compared and restored', async () => {
    const made = await api.post('/api/v1/templates',
      template('Versions', variant('', 'One', '<p>1</p>\n')));
    assert.match(made.id, /^tpl_/);
    assert.equal(made.version, 1);
    const path = `/api/v1/templates/${made.id}`;
    const changed = { ...template('Versions', variant('', 'Two', '<p>2</p>\n')), version: 1,
      comment: 'second' };
    assert.equal((await api.put(path, changed)).version, 2);
    assert.equal(await status('PUT', path, changed), 409);
    const versions = await api.all(`${path}/versions`, 1);
    assert.deepEqual(versions.map((one) => one.version), [2, 1]);
    assert.equal(versions[0].comment, 'second');
    const diff = await api.get(`${path}/diff?from=1&to=2`);
    assert.deepEqual(diff.differences.map((one) => one.part), ['subject', 'html']);
    assert.ok(diff.differences[1].diff.includes('-<p>1</p>\n+<p>2</p>\n'));
    assert.equal((await api.get(`${path}/versions/1`)).variants[0].subject, 'One');
    const restored = await api.post(`${path}/versions/1/restore`, {});
    assert.equal(restored.version, 3);
    assert.equal(restored.variants[0].subject, 'One');
    assert.equal(await status('GET', `${path}/versions/9`), 404);
    assert.equal(await status('GET', `${path}/diff?from=1&to=x`), 400);
    assert.equal(await status('GET', `${path}/diff?from=1`), 400);
  });

  test('what is used cannot be removed, and tells where', async () => {
    const footer = await api.post('/api/v1/content-blocks',
      block('footer', '<p>{{ brand.address }}</p>'));
    const layout = await api.post('/api/v1/layouts',
      block('page', '<html><body>{{ content_for_layout }}</body></html>'));
    const made = await api.post('/api/v1/templates', {
      ...template('Uses', variant('', 'x', "{% render 'footer' %}")), layout: 'page' });
    for (const [kind, item] of [['content-blocks', footer], ['layouts', layout]]) {
      const uses = await api.get(`/api/v1/${kind}/${item.id}/uses`);
      assert.deepEqual(uses.items.map((use) => use.id), [made.id]);
      assert.equal(await status('DELETE', `/api/v1/${kind}/${item.id}`), 409);
    }
    assert.equal(await status('DELETE', `/api/v1/templates/${made.id}`), 204);
    assert.equal(await status('DELETE', `/api/v1/content-blocks/${footer.id}`), 204);
    assert.equal(await status('DELETE', `/api/v1/layouts/${layout.id}`), 204);
    assert.equal(await status('GET', `/api/v1/templates/${made.id}`), 404);
  });

  test('the customer\'s language chooses the variant', async () => {
    const made = await api.post('/api/v1/templates', template('Languages',
      variant('', 'Hello {{ customer.first_name }}', '<p>{{ 2 | plural: "cup", "cups" }}</p>'),
      variant('zh-Hant', '{{ customer.first_name }}，您好', '<p>{{ 199900 | money: "TWD" }}</p>')));
    const preview = async (customer, language) => api.post('/api/v1/templates/preview', {
      template_id: made.id, customer_id: customer?.id, language });
    const ann = await api.customer('user_id', 'ann');
    const mei = await api.customer('user_id', 'mei');
    assert.equal((await preview(ann)).subject, 'Hello Ann');
    assert.equal((await preview(ann)).html, '<p>cups</p>');
    assert.equal((await preview(ann)).text, 'cups\n');
    const chinese = await preview(mei);
    assert.deepEqual([chinese.language, chinese.subject, chinese.html],
      ['zh-Hant', '美玲，您好', '<p>$1,999.00</p>']);
    assert.equal((await preview(ann, 'zh-TW')).subject, 'Ann，您好');
    assert.equal((await preview(null, 'vi')).subject, 'Hello');
  });

  test('a preview of a draft has its CSS in place and tells where it fails', async () => {
    const draft = template('Draft', variant('', 'S',
      '<style>p{color:red}</style><p>{{ data.x | default: "<i>" }}</p>'));
    const answer = await api.post('/api/v1/templates/preview',
      { template: draft, data: { data: { x: 'a & b' } } });
    assert.equal(answer.html, '<style></style><p style="color:red">a &amp; b</p>');
    assert.equal(answer.error, null);
    const failing = await api.post('/api/v1/templates/preview',
      { template: template('Draft', variant('', 'S', 'a\n {{ 1 | divided_by: 0 }}')) });
    assert.deepEqual([failing.error.line, failing.error.column], [2, 9]);
    const forever = await api.post('/api/v1/templates/preview', { template: template('Draft',
      variant('', 'S', '{% for i in (1..9999) %}{% for j in (1..9999) %}{% endfor %}{% endfor %}')),
    });
    assert.ok(forever.error.message);
  });

  test('checks find what is wrong in any language', async () => {
    const { findings } = await api.post('/api/v1/templates/check', { template: template('Checked',
      variant('', 'Fine', '<p>x</p><a href="{{ unsubscribe_url }}">Leave</a>', { text: 'x' }),
      variant('vi', 'Chào {{ customer.traits.ten }}',
        '<img src="http://localhost/a.png"><a href="/x">x</a>'
        + '<p style="color:#aaa">y</p>{{ 1 | divided_by: x }}')) });
    assert.deepEqual(findings.map((one) => [one.language, one.code]), [['vi', 'cannot_render']]);
    const more = await api.post('/api/v1/templates/check', { template: template('Checked',
      variant('', 'Hi {{ customer.traits.name }}', '<img src="http://localhost/a.png">'
        + '<a href="/x">x</a><p style="color:#aaa">y</p>')) });
    assert.deepEqual(new Set(more.findings.map((one) => one.code)), new Set(['missing_fallback',
      'no_text_part', 'no_unsubscribe', 'local_link', 'image_without_alt', 'relative_link',
      'low_contrast', 'mostly_images']));
  });

  test('bad input is refused by field', async () => {
    const cases = [
      [template('', variant('', 'x', 'y')), 'name'],
      [template('A'), 'variants'],
      [template('A', variant('vi', 'x', 'y')), 'variants'],
      [template('A', variant('', 'x', '{{ y')), 'variants[0].html'],
      [template('A', variant('', 'x', 'y'), variant('../x', 'x', 'y')), 'variants[1].language'],
      [template('A', variant('', 'x', "{% render 'absent' %}")), 'variants'],
      [{ ...template('A', variant('', 'x', 'y')), layout: 'absent' }, 'layout'],
      [{ ...template('A', variant('', 'x', 'y')), editor: 'word' }, 'editor'],
      [template('A', variant('', 'x', 'y'.repeat(1024 * 1024 + 1))), 'variants[0].html'],
    ];
    for (const [body, field] of cases) {
      const answer = await api.request('POST', '/api/v1/templates', { body });
      assert.equal(answer.status, 400, field);
      assert.equal(answer.json.errors[0].field, field);
    }
    assert.equal(await status('POST', '/api/v1/content-blocks', block('../a', 'x')), 400);
  });

  test('workspaces do not see each other\'s', async () => {
    const made = await api.post('/api/v1/templates', template('Own', variant('', 'x', 'y')));
    const theirs = api.as(other.admin_key);
    assert.equal((await theirs.request('GET', `/api/v1/templates/${made.id}`)).status, 404);
    assert.deepEqual(await theirs.all('/api/v1/templates'), []);
  });
});

test('the brand is in every template', async () => {
  const brand = await api.get('/api/v1/brand');
  await api.put('/api/v1/brand', { ...brand, name: 'Tea & co', address: '1 Street' });
  const answer = await api.post('/api/v1/templates/preview',
    { template: template('B', variant('', '{{ brand.name }}', '<p>{{ brand.name }}</p>')) });
  assert.deepEqual([answer.subject, answer.html], ['Tea & co', '<p>Tea &amp; co</p>']);
  assert.equal(await status('PUT', '/api/v1/brand', { ...brand, link_color: 'red;x' }), 400);
});

describe('sending', () => {
  const from = 'Shop <hello@shop.example>';
  const received = async (address) =>
    api.all(`/api/v1/sandbox/messages?to=${encodeURIComponent(address)}`);
  const signature = (en, zh) => ({ name: 'signature', variants: [
    { language: '', html: `<p class="s">${en} {{ brand.name }}</p>` },
    { language: 'zh-Hant', html: `<p class="s">${zh} {{ brand.name }}</p>` }] });
  let segment;
  let made;
  before(async () => {
    await api.put('/api/v1/brand', { ...await api.get('/api/v1/brand'), name: 'Leaf & co' });
    await api.batch([
      identify('eva', { first_name: 'Eva', email: 'eva@x.example', language: 'en', sent: true }),
      identify('lin', { first_name: '林', email: 'lin@x.example', locale: 'zh_TW', sent: true }),
    ]);
    segment = await makeSegment(api, 'Sent to', { trait: 'sent', op: 'eq', value: true });
    await api.post('/api/v1/content-blocks', signature('Yours,', '敬上'));
    const style = '<style>b{color:red}</style>';
    made = await api.post('/api/v1/templates', template('Sent',
      variant('', 'Hello {{ customer.first_name }}', `${style}<b>New</b>{% render 'signature' %}`),
      variant('zh-Hant', '{{ customer.first_name }}，您好',
        `${style}<b>新</b>{% render 'signature' %}`)));
  });
  const campaign = (more) => ({ name: 'Kept', segment_id: segment.id, channel: 'email', from,
    template: { subject: '' }, ...more });

  test('a campaign\'s template arrives in each customer\'s language', async () => {
    const draft = await api.post('/api/v1/campaigns', campaign({ template_id: made.id }));
    assert.equal((await runCampaign(api, draft)).sent, 2);
    const [english] = await received('eva@x.example');
    assert.equal(english.subject, 'Hello Eva');
    assert.match(english.html, /<b style="color:red">New<\/b><p class="s">Yours, Leaf &amp; co</);
    assert.match(english.text, /Yours, Leaf & co/);
    assert.match(english.text, /Unsubscribe: http/);
    const [chinese] = await received('lin@x.example');
    assert.equal(chinese.subject, '林，您好');
    assert.match(chinese.html, /<b style="color:red">新<\/b><p class="s">敬上 Leaf &amp; co</);
    assert.match(chinese.text, /敬上 Leaf & co/);
    const uses = await api.get(`/api/v1/templates/${made.id}/uses`);
    assert.deepEqual(uses.items, [{ kind: 'campaign', id: draft.id, name: 'Kept' }]);
    assert.equal(await status('DELETE', `/api/v1/templates/${made.id}`), 409);
  });

  test('a variant\'s template counts as used, until its campaign is gone', async () => {
    const only = await api.post('/api/v1/templates', template('Only', variant('', 'x', 'y')));
    const draft = await api.post('/api/v1/campaigns', campaign({ experiment: { variants: [
      { share: 50, template_id: only.id }, { share: 50, template_id: made.id }] } }));
    assert.equal(await status('DELETE', `/api/v1/templates/${only.id}`), 409);
    await api.delete(`/api/v1/campaigns/${draft.id}`);
    assert.equal(await status('DELETE', `/api/v1/templates/${only.id}`), 204);
  });

  test('a single message takes the template as it is now', async () => {
    const note = (word) => template('Note', variant('', `${word} {{ data.n }}`, '<p>x</p>'));
    const kept = await api.post('/api/v1/templates', note('First'));
    for (const [n, word] of [[1, 'First'], [2, 'Second']]) {
      if (n === 2) await api.put(`/api/v1/templates/${kept.id}`, note(word));
      const sent = await api.post('/api/v1/messages',
        { to: { email: 'note@x.example' }, from, template_id: kept.id, data: { n } });
      await until('it is sent', async () =>
        (await api.get(`/api/v1/messages/${sent.id}`)).status === 'sent');
      assert.equal((await received('note@x.example'))[0].subject, `${word} ${n}`);
    }
  });

  test('resent with another subject, the rest is the template\'s', async () => {
    const draft = await api.post('/api/v1/campaigns', campaign({ template_id: made.id }));
    await runCampaign(api, draft);
    const again = await api.post(`/api/v1/campaigns/${draft.id}/resend`,
      { subject: 'Once more, {{ customer.first_name }} of {{ brand.name }}' });
    assert.equal(again.template_id, made.id);
    assert.equal((await runCampaign(api, again)).sent, 2);
    const [newest] = await received('eva@x.example');
    assert.equal(newest.subject, 'Once more, Eva of Leaf & co');
    assert.match(newest.html, /<b style="color:red">New<\/b>/);
    const broken = await api.request('POST', '/api/v1/campaigns', {
      body: campaign({ template_id: made.id, template: { subject: '{% if %}' } }) });
    assert.equal(broken.status, 400);
    assert.equal(broken.json.errors[0].field, 'template.subject');
  });

  test('a template stays while a single message that names it waits', async () => {
    const kept = await api.post('/api/v1/templates', template('Waits', variant('', 'x', 'y')));
    // Nothing listens there, so the message is tried again later.
    await api.put('/api/v1/providers/email', { type: 'smtp', host: '127.0.0.1', port: 1,
      security: 'none' });
    const sent = await api.post('/api/v1/messages',
      { to: { email: 'waits@x.example' }, from, template_id: kept.id });
    await until('it waits', async () =>
      (await api.get(`/api/v1/messages/${sent.id}`)).status === 'deferred');
    const uses = await api.get(`/api/v1/templates/${kept.id}/uses`);
    assert.deepEqual(uses.items, [{ kind: 'message', id: sent.id, name: 'waits@x.example' }]);
    assert.equal(await status('DELETE', `/api/v1/templates/${kept.id}`), 409);
    await api.put('/api/v1/providers/email', { type: 'sandbox' });
    await until('it is sent', async () =>
      (await api.get(`/api/v1/messages/${sent.id}`)).status === 'sent', { timeoutMs: 30_000 });
    assert.equal(await status('DELETE', `/api/v1/templates/${kept.id}`), 204);
  });

  test('content of a campaign\'s own has blocks and brand too', async () => {
    const draft = await api.post('/api/v1/campaigns', campaign({ template: {
      subject: '{{ brand.name }}', html: "<i>Own</i>{% render 'signature' %}" } }));
    await runCampaign(api, draft);
    const [newest] = await received('lin@x.example');
    assert.equal(newest.subject, 'Leaf & co');
    assert.match(newest.html, /<i>Own<\/i><p class="s">敬上 Leaf &amp; co</);
  });

  test('an unknown template, or another workspace\'s, is refused by field', async () => {
    const theirs = await api.as(other.admin_key).post('/api/v1/templates',
      template('Theirs', variant('', 'x', 'y')));
    for (const id of ['tpl_0000000009999', 'nonsense', theirs.id]) {
      const to = { email: 'nobody@x.example' };
      for (const [path, body, field] of [
        ['/api/v1/campaigns', campaign({ template_id: id }), 'template_id'],
        ['/api/v1/campaigns', campaign({ experiment: { variants: [
          { share: 50, template_id: id }, { share: 50, template_id: made.id }] } }),
        'experiment.variants'],
        ['/api/v1/messages', { to, from, template_id: id }, 'template_id'],
      ]) {
        const answer = await api.request('POST', path, { body });
        assert.equal(answer.status, 400, answer.text);
        assert.equal(answer.json.errors[0].field, field);
      }
    }
  });
});

/** A PNG of one colour; `claimed` overwrites what its header says of its size. */
function png(width, height, claimed = {}) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(8);
    out.writeUInt32BE(data.length, 0);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body), 0);
    return Buffer.concat([out.subarray(0, 4), body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(claimed.width ?? width, 0);
  header.writeUInt32BE(claimed.height ?? height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (width * 3 + 1), 0x40);
  for (let y = 0; y < height; y += 1) rows[y * (width * 3 + 1)] = 0;
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

describe('pictures', () => {
  const upload = (bytes, name = 'p.png') =>
    api.request('POST', '/api/v1/images', { body: { name, data: bytes.toString('base64') } });

  test('are kept, narrowed and served to anybody for ever', async () => {
    const small = (await upload(png(20, 10))).json;
    assert.deepEqual([small.width, small.height], [20, 10]);
    assert.equal((await upload(png(20, 10))).json.id, small.id);
    const wide = (await upload(png(2400, 100))).json;
    assert.deepEqual([wide.width, wide.height], [1200, 50]);
    const served = await api.as(null).request('GET', new URL(wide.url).pathname);
    assert.equal(served.status, 200);
    assert.equal(served.headers.get('content-type'), 'image/png');
    assert.match(served.headers.get('cache-control'), /max-age=31536000/);
    assert.equal(served.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(served.bytes.readUInt32BE(16), 1200);
    assert.equal((await api.all('/api/v1/images', 1)).length, 2);
    await api.delete(`/api/v1/images/${wide.id}`);
    assert.equal((await api.as(null).request('GET', new URL(wide.url).pathname)).status, 404);
  });

  test('bombs, damage and other kinds of file are refused', async () => {
    for (const bytes of [
      png(10, 10, { width: 60_000, height: 60_000 }),
      png(10, 10, { width: 5_000, height: 4_000 }),
      png(100, 100).subarray(0, 60),
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
      Buffer.from('<!doctype html><script>alert(1)</script>'),
      Buffer.alloc(0),
    ]) {
      const answer = await upload(bytes);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json.errors[0].field, 'data');
    }
    assert.equal((await upload(png(10, 10), ' ')).status, 400);
    assert.equal((await upload(Buffer.alloc(5 * 1024 * 1024 + 1))).status, 400);
  });
});

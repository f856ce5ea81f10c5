// What scanners do at once is told apart from what people do: in events and figures.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  identify, linksOf, makeCampaign, makeSegment, pathOf, runCampaign,
} from '../lib/events.js';
import { Program } from '../lib/program.js';
import { until } from '../lib/wait.js';

let program;
let api;
before(async () => {
  // Whatever this test does happens within a minute of sending.
  program = await Program.start({ env: { RAPPORT_MACHINE_CLICK_SECONDS: '60' } });
  api = program.api;
});
after(() => program?.remove());

const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0' };
const follow = (url, method = 'GET') =>
  api.as(null).request(method, pathOf(url), { headers: browser });

test('opens and clicks right after sending are a machine\'s', async () => {
  await api.batch([identify('ann', { kind: 'scan', email: 'ann@x.example' })]);
  const segment = await makeSegment(api, 'Scanned', { trait: 'kind', op: 'eq', value: 'scan' });
  const campaign = await runCampaign(api, await makeCampaign(api, segment));
  const [mail] = await api.all('/api/v1/sandbox/messages', 10);
  const links = linksOf(mail);
  assert.equal((await follow(links.open)).status, 200);
  const click = await follow(links.click);
  assert.equal(click.status, 302);
  const report = await until('the machine', async () => {
    const now = await api.get(`/api/v1/campaigns/${campaign.id}/report`);
    return now.machine_clicked === 1 && now.machine_opened === 1 && now;
  });
  assert.deepEqual([report.opened, report.clicked], [0, 0]);
  const { id } = await api.customer('user_id', 'ann');
  const events = await api.all(`/api/v1/customers/${id}/events`, 50);
  const followed = events.filter(({ name }) => /^Message (Opened|Clicked)$/.test(name));
  assert.deepEqual(followed.map(({ properties }) => properties.machine), ['too_soon', 'too_soon']);
});

// Events and campaigns that several suites use.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { until } from './wait.js';

export function track(userId, event, properties = {}, extra = {}) {
  return { type: 'track', messageId: randomUUID(), userId, event, properties, ...extra };
}

export function identify(userId, traits = {}, extra = {}) {
  return { type: 'identify', messageId: randomUUID(), userId, traits, ...extra };
}

export const plainTemplate = {
  subject: 'Hello {{ customer.traits.first_name | default: "there" }}',
  html: '<html><body><p>Hi {{ customer.traits.first_name | default: "there" }}</p>'
    + '<a href="https://shop.example/sale?x=1&amp;y=2">Sale</a></body></html>',
  text: 'Hi {{ customer.traits.first_name | default: "there" }}\nhttps://shop.example/sale\n',
};

export function makeSegment(api, name, condition) {
  return api.post('/api/v1/segments', { name, condition });
}

/** A draft campaign to a segment. */
export function makeCampaign(api, segment, { name = 'Spring', from, template } = {}) {
  return api.post('/api/v1/campaigns', {
    name,
    segment_id: segment.id,
    channel: 'email',
    from: from ?? 'Shop <hello@shop.example>',
    template: template ?? plainTemplate,
  });
}

/** Starts a campaign and waits until it is done; answers its final state. */
export async function runCampaign(api, campaign, { timeoutMs = 30_000 } = {}) {
  const started = await api.request('POST', `/api/v1/campaigns/${campaign.id}/start`);
  assert.equal(started.status, 202, started.text);
  return until('the campaign to be done', async () => {
    const now = await api.get(`/api/v1/campaigns/${campaign.id}`);
    return now.status === 'done' && now;
  }, { timeoutMs });
}

/** Signed links of a message: {open, click, unsubscribe}. */
export function linksOf({ html, raw }) {
  const unfolded = raw.toString().replace(/\r?\n[ \t]+/g, ' ');
  const header = /^list-unsubscribe:\s*(.*)$/im.exec(unfolded)?.[1] ?? '';
  const urls = [...html.matchAll(/(?:href|src)="([^"]+)"/g)]
    .map((match) => match[1].replaceAll('&amp;', '&'));
  return {
    open: urls.find((url) => url.includes('/t/o/')),
    click: urls.find((url) => url.includes('/t/c/')),
    unsubscribe: /<(https?:[^>]+)>/.exec(header)?.[1],
  };
}

/** Path and query of a link, for a request to the program under test. */
export function pathOf(url) {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

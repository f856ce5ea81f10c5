// The published HTML snippet, as shop owners paste it: the client library comes from the program
// itself, from another origin, and what the page did is on the timeline.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch, noBrowser, serveStatic } from '../lib/browser.js';
import { Program, root } from '../lib/program.js';
import { until } from '../lib/wait.js';

const methods = ['trackSubmit', 'trackClick', 'trackLink', 'trackForm', 'pageview', 'identify',
  'reset', 'group', 'track', 'ready', 'alias', 'debug', 'page', 'screen', 'once', 'off', 'on',
  'addSourceMiddleware', 'addIntegrationMiddleware', 'setAnonymousId',
  'addDestinationMiddleware', 'register'];

/** Snippet 5.2.0 with its two addresses changed to the program's. */
function page(url, key) {
  return `<!doctype html><meta charset="utf-8"><title>shop</title><script>
!function(){var i="analytics",a=window[i]=window[i]||[];if(a.initialize||a.invoked)return;
a.invoked=!0;a.methods=${JSON.stringify(methods)};
a.factory=function(e){return function(){
if(window[i].initialized)return window[i][e].apply(window[i],arguments);
var n=Array.prototype.slice.call(arguments);n.unshift(e);a.push(n);return a}};
for(var n=0;n<a.methods.length;n++){var key=a.methods[n];a[key]=a.factory(key)}
a.load=function(key,n){var t=document.createElement("script");t.type="text/javascript";t.async=!0;
t.src="${url}/analytics.js/v1/"+key+"/analytics.min.js";
var r=document.getElementsByTagName("script")[0];
r.parentNode.insertBefore(t,r);a._loadOptions=n};
a._writeKey="${key}";a._cdn="${url}";a.SNIPPET_VERSION="5.2.0";
a.load("${key}");a.page();a.identify("snippet-user",{plan:"pro"});
a.track("Snippet Worked",{n:1});}();
</script>`;
}

describe('the HTML snippet', { skip: noBrowser }, () => {
  let program;
  let browser;
  let site;
  before(async () => {
    program = await Program.start({ args: ['--console', `${root}/console/dist`] });
    site = await serveStatic(root, { '/': page(program.url, program.writeKey) });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await program?.remove();
  });

  test('loads the library from the program and tracks', async () => {
    const tab = await (await browser.newContext()).newPage();
    const errors = [];
    tab.on('pageerror', (error) => errors.push(String(error)));
    await tab.goto(`${site.url}/`);
    const customer = await until('the visitor to be known', async () => {
      const path = '/api/v1/customers/by/user_id/snippet-user';
      const answer = await program.api.request('GET', path);
      return answer.status === 200 ? answer.json : null;
    });
    const events = await until('three events', async () => {
      const { items } = await program.api.get(`/api/v1/customers/${customer.id}/events`);
      return items.length === 3 ? items : null;
    });
    assert.deepEqual(events.map((event) => event.type).sort(), ['identify', 'page', 'track']);
    assert.equal((await program.api.customer('user_id', 'snippet-user')).traits.plan, 'pro');
    assert.deepEqual(errors, []);
  });
});

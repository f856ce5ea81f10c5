export const platforms = ["browser", "node", "python", "php", "curl"] as const;
export type Platform = (typeof platforms)[number];

/** Stands in a snippet where no key was made yet. */
export const noKey = "YOUR_WRITE_KEY";

// The published snippet, with the library fetched from this program.
const browser = (origin: string, key: string) => `<script>
!function(){var i="analytics",a=window[i]=window[i]||[];if(a.initialize||a.invoked)return;
a.invoked=!0;a.methods=["identify","track","page","group","alias","reset","ready","on","once",
"off","screen","trackLink","trackForm","setAnonymousId","addSourceMiddleware","register"];
a.factory=function(e){return function(){
if(window[i].initialized)return window[i][e].apply(window[i],arguments);
var n=Array.prototype.slice.call(arguments);n.unshift(e);a.push(n);return a}};
for(var n=0;n<a.methods.length;n++){var m=a.methods[n];a[m]=a.factory(m)}
a.load=function(k,n){var t=document.createElement("script");t.async=!0;
t.src="${origin}/analytics.js/v1/"+k+"/analytics.min.js";
var r=document.getElementsByTagName("script")[0];
r.parentNode.insertBefore(t,r);a._loadOptions=n};
a._writeKey="${key}";a._cdn="${origin}";a.SNIPPET_VERSION="5.2.0";
a.load("${key}");a.page()}();
</script>
<!-- then, where a visitor signs in or buys:
<script>
  analytics.identify("u-1", { name: "Ada", email: "ada@example.com" });
  analytics.track("Order Completed", { order_id: "o-1", total: 52.3, currency: "GBP" });
</script> -->`;

const node = (origin: string, key: string) => `// npm install @segment/analytics-node
import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "${key}", host: "${origin}" });

analytics.identify({ userId: "u-1", traits: { name: "Ada", email: "ada@example.com" } });
analytics.track({
  userId: "u-1",
  event: "Order Completed",
  properties: { order_id: "o-1", total: 52.3, currency: "GBP" },
});
await analytics.closeAndFlush();`;

const python = (origin: string, key: string) => `# pip install segment-analytics-python
import segment.analytics as analytics

analytics.write_key = "${key}"
analytics.host = "${origin}"

analytics.identify("u-1", {"name": "Ada", "email": "ada@example.com"})
analytics.track("u-1", "Order Completed",
                {"order_id": "o-1", "total": 52.3, "currency": "GBP"})
analytics.flush()`;

const php = (origin: string, key: string) => {
  const { host, protocol } = new URL(origin);
  const tls = protocol === "https:" ? "true" : "false";
  return `<?php // composer require segmentio/analytics-php
use Segment\\Segment;

Segment::init("${key}", ["host" => "${host}", "tls" => ${tls}]);

Segment::identify(["userId" => "u-1", "traits" => ["name" => "Ada", "email" => "ada@example.com"]]);
Segment::track([
  "userId" => "u-1",
  "event" => "Order Completed",
  "properties" => ["order_id" => "o-1", "total" => 52.3, "currency" => "GBP"],
]);
Segment::flush();`;
};

const curl = (origin: string, key: string) => `curl '${origin}/v1/identify' -u '${key}:' \\
  -H 'Content-Type: application/json' \\
  -d '{"userId":"u-1","traits":{"name":"Ada","email":"ada@example.com"}}'

curl '${origin}/v1/track' -u '${key}:' \\
  -H 'Content-Type: application/json' \\
  -d '{"userId":"u-1","event":"Order Completed",
       "properties":{"order_id":"o-1","total":52.3,"currency":"GBP"}}'`;

const makers: Record<Platform, (origin: string, key: string) => string> = {
  browser,
  node,
  python,
  php,
  curl,
};

/** What to paste so that events come in, with the real address and key. */
export function snippet(platform: Platform, origin: string, key: string): string {
  return makers[platform](origin, key);
}

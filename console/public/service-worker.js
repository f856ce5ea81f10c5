// Keeps the shell (the page and its hashed files) so that the console opens at once and says that
// it is offline. It never keeps or answers anything of the API, nor files of other origins.
const shell = "rapport-shell-1";
const page = "/index.html";

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(shell)
      .then((cache) => cache.add(page))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((name) => name !== shell).map((name) => caches.delete(name))),
      )
      .then(() => self.clients.claim()),
  );
});

async function hashedFile(request) {
  const cache = await caches.open(shell);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function freshPage(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.headers.get("content-type")?.startsWith("text/html")) {
      const cache = await caches.open(shell);
      await cache.put(page, answer.clone());
    }
    return answer;
  } catch (error) {
    const kept = await caches.match(page);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.startsWith("/assets/")) event.respondWith(hashedFile(request));
  else if (
    request.mode === "navigate" &&
    !/^\/(api|v1|t|analytics|metrics|healthz|readyz)/.test(address.pathname)
  ) {
    event.respondWith(freshPage(request));
  }
});

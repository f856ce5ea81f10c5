// Debian's Chromium through playwright-core, and a static file server for pages of another origin.

import { createReadStream, existsSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { chromium } from 'playwright-core';

const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
export const chromiumPath = candidates.find((file) => file && existsSync(file)) ?? null;

/** For `{ skip }`: false, or the reason. */
export const noBrowser = chromiumPath ? false : 'chromium is not installed';

export function launch() {
  return chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
  });
}

const types = { '.js': 'text/javascript', '.html': 'text/html', '.map': 'application/json' };

/** Serves `pages` (path to HTML) and the files of `folder` under /files/. */
export async function serveStatic(folder, pages) {
  const server = http.createServer((request, response) => {
    const target = new URL(request.url, 'http://localhost').pathname;
    if (pages[target]) {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(pages[target]);
      return;
    }
    if (target === '/favicon.ico') {
      response.writeHead(204);
      response.end();
      return;
    }
    const file = path.join(folder, path.basename(target));
    if (!target.startsWith('/files/') || !existsSync(file)) {
      response.writeHead(404);
      response.end();
      return;
    }
    response.writeHead(200, { 'content-type': types[path.extname(file)] ?? 'text/plain' });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

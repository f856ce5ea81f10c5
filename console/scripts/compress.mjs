// Writes .br and .gz beside every compressible file of dist/, prints what each route costs, and
// fails when
// the script of the first pages (sign-in, home) outgrows its budget.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const budgetKb = 350;
const sizes = new Map();

function walk(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) walk(path);
    else if (/\.(js|css|html|svg|json|webmanifest|txt)$/.test(name)) compress(path);
  }
}

function compress(path) {
  const raw = readFileSync(path);
  const br = brotliCompressSync(raw, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
    },
  });
  const gz = gzipSync(raw, { level: 9 });
  if (br.length < raw.length) writeFileSync(`${path}.br`, br);
  if (gz.length < raw.length) writeFileSync(`${path}.gz`, gz);
  sizes.set(relative(dist, path), { raw: raw.length, gz: gz.length, br: br.length });
}

/** The files that `entry` needs before it can run: itself and its static imports, transitively. */
function closure(entry, manifest, seen = new Set()) {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const next of manifest[entry]?.imports ?? []) closure(next, manifest, seen);
  return seen;
}

walk(dist);
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const kb = (bytes) => (bytes / 1024).toFixed(1).padStart(7);

function cost(entries) {
  const keys = new Set(entries.flatMap((entry) => [...closure(entry, manifest)]));
  const total = { gz: 0, br: 0 };
  for (const key of keys) {
    const size = sizes.get(manifest[key]?.file ?? "");
    if (!size || !manifest[key].file.endsWith(".js")) continue;
    total.gz += size.gz;
    total.br += size.br;
  }
  return total;
}

const entry = "index.html";
const shell = "src/app/Shell.tsx";
const english = "src/locales/en.json";
const pages = Object.keys(manifest).filter((key) => /^src\/features\/.*Page\.tsx$/.test(key));
console.log("JavaScript before a page can be used, KB (gzip, brotli):");
let failed = false;
for (const page of pages.sort()) {
  const signIn = page.includes("/auth/");
  const total = cost(signIn ? [entry, english, page] : [entry, english, shell, page]);
  console.log(`${kb(total.gz)} ${kb(total.br)}  ${page}`);
  if ((signIn || page.includes("/home/")) && total.gz > budgetKb * 1024) failed = true;
}
if (failed) {
  console.error(`The first page is over its budget of ${budgetKb} KB.`);
  process.exit(1);
}

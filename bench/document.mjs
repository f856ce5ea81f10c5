// docs/performance.md, of which every measuring program writes its own sections.
//
//   node bench/document.mjs FRESH KEPT    FRESH with the sections that only KEPT has, into KEPT
//
// A section begins at its line "## Name" and ends before the next. New ones go before "## How",
// which is the last.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const last = 'How';

/** [{ name, text }], first what stands before every section, with an empty name. */
function sectionsOf(document) {
  return document.split(/^(?=## )/m).map((text) => ({
    name: /^## (.*)$/m.exec(text.split('\n', 1)[0])?.[1].trim() ?? '',
    text: `${text.trimEnd()}\n`,
  }));
}

const join = (sections) => sections.map(({ text }) => text).join('\n');

function put(sections, section) {
  const at = sections.findIndex(({ name }) => name === section.name);
  if (at >= 0) return sections.with(at, section);
  const end = sections.findIndex(({ name }) => name === last);
  return sections.toSpliced(end < 0 ? sections.length : end, 0, section);
}

/** Replaces a section of a file, or adds it. `body` stands below its heading. */
export function putSection(file, name, body) {
  const sections = sectionsOf(readFileSync(file, 'utf8'));
  const text = `## ${name}\n\n${body.trim()}\n`;
  writeFileSync(file, join(put(sections, { name, text })));
}

/** A table with rows of [what, wanted, measured]. */
export function table(rows) {
  return ['| what | wanted | measured |', '| --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [fresh, kept] = process.argv.slice(2);
  let sections = sectionsOf(readFileSync(fresh, 'utf8'));
  const known = new Set(sections.map(({ name }) => name));
  for (const section of existsSync(kept) ? sectionsOf(readFileSync(kept, 'utf8')) : []) {
    if (!known.has(section.name)) sections = put(sections, section);
  }
  writeFileSync(kept, join(sections));
}

// Fails when a language lacks a text, has one that nothing uses, or differs in its
// {{placeholders}}.
// A key counts as used when it stands in the source as a whole string; `t(`status.${x}`)` uses
// every
// key under "status.".
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../src/", import.meta.url).pathname;
const languages = ["en", "zh-Hans", "zh-Hant", "vi"];
const problems = [];

function sources(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === "generated" ? [] : sources(path);
    return /\.tsx?$/.test(name) ? [readFileSync(path, "utf8")] : [];
  });
}

function flatten(tree, prefix = "", into = new Map()) {
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") into.set(prefix + key, value);
    else flatten(value, `${prefix}${key}.`, into);
  }
  return into;
}

const pluralForm = /_(zero|one|two|few|many|other)$/;
const placeholders = (text) =>
  [...new Set(text.match(/\{\{\s*\w+|<\/?\w+>/g) ?? [])]
    .map((p) => p.replace(/\s/g, ""))
    .sort()
    .join(" ");
const texts = Object.fromEntries(
  languages.map((language) => [
    language,
    flatten(JSON.parse(readFileSync(`${root}locales/${language}.json`, "utf8"))),
  ]),
);
const bases = (map) => new Set([...map.keys()].map((key) => key.replace(pluralForm, "")));

const code = sources(root).join("\n");
const literal = new Set(
  [...code.matchAll(/["'`]([a-zA-Z][\w-]*(?:\.[\w-]+)+)["'`]/g)].map((match) => match[1]),
);
const prefixes = new Set(
  [...code.matchAll(/\bt\(\s*`([a-zA-Z][\w-]*\.[\w.-]*)\$\{/g)].map((match) => match[1]),
);
const called = new Set(
  [...code.matchAll(/\bt\(\s*["']([^"']+)["']|i18nKey=["']([^"']+)["']/g)].map((m) => m[1] ?? m[2]),
);

for (const language of languages) {
  const map = texts[language];
  const known = bases(map);
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  for (const base of bases(texts.en))
    if (!known.has(base)) problems.push(`${language}: missing ${base}`);
  for (const key of called)
    if (!known.has(key)) problems.push(`${language}: missing ${key} (used in the source)`);
  for (const prefix of prefixes) {
    if (![...known].some((base) => base.startsWith(prefix)))
      problems.push(`${language}: nothing under ${prefix}`);
  }
  for (const base of known) {
    if (!bases(texts.en).has(base)) problems.push(`${language}: ${base} is not in English`);
    if (!literal.has(base) && ![...prefixes].some((prefix) => base.startsWith(prefix)))
      problems.push(`${language}: unused ${base}`);
    if (map.has(`${base}_other`)) {
      for (const form of forms)
        if (!map.has(`${base}_${form}`)) problems.push(`${language}: missing ${base}_${form}`);
    }
  }
  for (const [key, text] of map) {
    if (text.trim() === "") problems.push(`${language}: empty ${key}`);
    const base = key.replace(pluralForm, "");
    const english = texts.en.get(key) ?? texts.en.get(`${base}_other`);
    if (english !== undefined && placeholders(english) !== placeholders(text)) {
      if (!(pluralForm.test(key) && key.endsWith("_one")))
        problems.push(`${language}: placeholders differ in ${key}`);
    }
  }
}

if (problems.length > 0) {
  console.error([...new Set(problems)].sort().join("\n"));
  console.error(`${new Set(problems).size} problems with texts.`);
  process.exit(1);
}
console.log(`Texts: ${texts.en.size} in ${languages.length} languages, none missing, none unused.`);

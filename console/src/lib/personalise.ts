import type { Json, JsonObject } from "@/api/types";
import { isObject } from "./json";

function lookUp(root: JsonObject, path: string): Json | undefined {
  let at: Json | undefined = root;
  for (const name of path.split(".")) {
    if (!isObject(at)) return undefined;
    at = at[name];
  }
  return at;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? character);

const output = /\{\{-?\s*([\w.-]+)\s*(?:\|\s*default:\s*(?:"([^"]*)"|'([^']*)')\s*)?-?\}\}/g;

/**
 * A preview of a template: names and their defaults filled in. The full template language runs on
 * the server;
 * what this does not know is left as it was written.
 */
export function personalise(template: string, data: JsonObject, html: boolean): string {
  return template.replace(output, (_whole, path: string, double?: string, single?: string) => {
    const value = lookUp(data, path);
    const missing = value === undefined || value === null || value === "" || value === false;
    const text = missing
      ? (double ?? single ?? "")
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value);
    return html ? escapeHtml(text) : text;
  });
}

/** Names of traits that a template uses without a default. */
export function withoutDefault(...templates: string[]): string[] {
  const found = new Set<string>();
  for (const template of templates) {
    for (const match of template.matchAll(output)) {
      const path = match[1] ?? "";
      if (path.startsWith("customer.traits.") && match[2] === undefined && match[3] === undefined) {
        found.add(path.slice("customer.traits.".length));
      }
    }
  }
  return [...found];
}

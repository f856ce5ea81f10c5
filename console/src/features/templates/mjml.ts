import type { Draft } from "./kinds";

export interface Compiled {
  html: string;
  problems: string[];
}

/** Readers are not sent to another server for letters. */
export const noFonts = {};

/** MJML to HTML, here in the browser; the compiler is loaded when it is first needed. */
export async function compileMjml(source: string): Promise<Compiled> {
  const { default: mjml2html } = await import("mjml-browser");
  try {
    const { html, errors } = mjml2html(source, {
      validationLevel: "soft",
      keepComments: false,
      fonts: noFonts,
    });
    return { html, problems: errors.map((error) => `${error.line}: ${error.message}`) };
  } catch (error) {
    return { html: "", problems: [error instanceof Error ? error.message : String(error)] };
  }
}

/** The draft with the HTML of its MJML, and what the compiler complained of. */
export async function compileDraft(draft: Draft): Promise<{ draft: Draft; problems: string[] }> {
  if (draft.editor !== "mjml") return { draft, problems: [] };
  const problems: string[] = [];
  const variants = [];
  for (const variant of draft.variants) {
    const compiled = await compileMjml(variant.source);
    problems.push(...compiled.problems);
    variants.push({ ...variant, html: compiled.html });
  }
  return { draft: { ...draft, variants }, problems };
}

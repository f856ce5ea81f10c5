import type { Content, ContentInput, ContentKind, ContentVariant } from "@/api/content";

export const kinds: ContentKind[] = ["templates", "content-blocks", "layouts"];

/** The address of a kind's list. */
export const placeOf = (kind: ContentKind) =>
  kind === "templates" ? "/templates" : `/templates/${kind}`;

export const editorLanguages = ["", "en", "zh-Hans", "zh-Hant", "vi"] as const;

const starterMjml = `<mjml>
  <mj-body background-color="#f4f6f5">
    <mj-section background-color="#ffffff" padding="24px 16px">
      <mj-column>
        <mj-text font-size="24px" font-weight="bold" color="#17211e">
          Hello {{ customer.first_name | default: "there" }},
        </mj-text>
        <mj-text font-size="16px" line-height="1.5" color="#17211e">
          Write your message here.
        </mj-text>
        <mj-button href="https://" background-color="#0b6b58" color="#ffffff">
          Read more
        </mj-button>
      </mj-column>
    </mj-section>
    <mj-section padding="16px">
      <mj-column>
        <mj-text font-size="13px" color="#56635e" align="center">
          {{ brand.address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a>
        </mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
`;

const starterLayout = `<!doctype html>
<html>
<body style="margin:0;background:{{ brand.background_color }};color:{{ brand.text_color }}">
{{ content_for_layout }}
<p style="font-size:12px;text-align:center">{{ brand.address }}
<a href="{{ unsubscribe_url }}">Unsubscribe</a></p>
</body>
</html>
`;

export function blankContent(kind: ContentKind): ContentInput {
  const variant: ContentVariant = { language: "", subject: "", html: "", text: "", source: "" };
  if (kind === "templates")
    return {
      name: "",
      editor: "mjml",
      layout: "",
      variants: [{ ...variant, source: starterMjml }],
    };
  const html = kind === "layouts" ? starterLayout : "<p></p>\n";
  return { name: "", editor: "html", layout: "", variants: [{ ...variant, html }] };
}

export function inputOf(content: Content): ContentInput {
  const { name, channel, editor, layout, variants, version } = content;
  return { name, channel, editor, layout, variants, version };
}

export type Draft = Omit<ContentInput, "variants"> & { variants: ContentVariant[] };

/** What previews and checks are asked about; `version` is of saves only. */
export function trialOf(draft: Draft): ContentInput {
  const { version, ...template } = draft;
  void version;
  return { ...template, name: draft.name || "preview" };
}

/** The variant of a language, else the default one; a draft always has that. */
export function variantOf(draft: Draft, language: string): ContentVariant {
  const found = draft.variants.find((one) => one.language === language) ?? draft.variants[0];
  return found ?? { language: "", subject: "", html: "", text: "", source: "" };
}

/** Every part is there, so fields need no fallback. */
export function draftOf(input: ContentInput): Draft {
  return {
    ...input,
    variants: input.variants.map((variant) => ({
      subject: "",
      html: "",
      text: "",
      source: "",
      ...variant,
    })),
  };
}

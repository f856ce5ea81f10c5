import type { Component } from "grapesjs";

/** The MJML element that a component stands for: "mj-text". */
export const typeOf = (component: Component) => String(component.get("type") ?? "");

/** What the palette of the visual editor offers: a label's key and the MJML it puts in. */
export interface Piece {
  key: string;
  /** Where it may stand: sections in the body, the others in a column. */
  place: "body" | "column";
  mjml: string;
}

const column = (inner = "") => `<mj-column>${inner}</mj-column>`;
const text = '<mj-text font-size="16px" line-height="1.5" color="#17211e">Text</mj-text>';

export const pieces: Piece[] = [
  { key: "columns_1", place: "body", mjml: `<mj-section>${column(text)}</mj-section>` },
  {
    key: "columns_2",
    place: "body",
    mjml: `<mj-section>${column(text)}${column(text)}</mj-section>`,
  },
  {
    key: "columns_3",
    place: "body",
    mjml: `<mj-section>${column(text)}${column(text)}${column(text)}</mj-section>`,
  },
  { key: "text", place: "column", mjml: text },
  {
    key: "heading",
    place: "column",
    mjml: '<mj-text font-size="24px" font-weight="bold" color="#17211e">Heading</mj-text>',
  },
  {
    key: "button",
    place: "column",
    mjml:
      '<mj-button href="https://" background-color="#0b6b58" color="#ffffff">' +
      "Button</mj-button>",
  },
  { key: "image", place: "column", mjml: '<mj-image src="" alt="" padding="0"></mj-image>' },
  {
    key: "divider",
    place: "column",
    mjml: '<mj-divider border-color="#cfd8d4" border-width="1px"></mj-divider>',
  },
  { key: "spacer", place: "column", mjml: '<mj-spacer height="24px"></mj-spacer>' },
];

export interface Property {
  name: string;
  kind: "text" | "color" | "align" | "picture";
}

const look: Property[] = [
  { name: "color", kind: "color" },
  { name: "font-size", kind: "text" },
  { name: "align", kind: "align" },
  { name: "padding", kind: "text" },
];

/** The attributes of each MJML element that the panel edits; the code editor has all. */
export const properties: Record<string, Property[]> = {
  "mj-text": look,
  "mj-button": [
    { name: "href", kind: "text" },
    { name: "background-color", kind: "color" },
    ...look,
  ],
  "mj-image": [
    { name: "src", kind: "picture" },
    { name: "alt", kind: "text" },
    { name: "href", kind: "text" },
    { name: "width", kind: "text" },
    { name: "align", kind: "align" },
    { name: "padding", kind: "text" },
  ],
  "mj-divider": [
    { name: "border-color", kind: "color" },
    { name: "border-width", kind: "text" },
    { name: "padding", kind: "text" },
  ],
  "mj-spacer": [{ name: "height", kind: "text" }],
  "mj-section": [
    { name: "background-color", kind: "color" },
    { name: "padding", kind: "text" },
  ],
  "mj-column": [
    { name: "background-color", kind: "color" },
    { name: "width", kind: "text" },
    { name: "padding", kind: "text" },
  ],
  "mj-body": [
    { name: "background-color", kind: "color" },
    { name: "width", kind: "text" },
  ],
};

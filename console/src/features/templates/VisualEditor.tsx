import "grapesjs/dist/css/grapes.min.css";
import { Button } from "antd";
import grapesjs, { type Component, type Editor } from "grapesjs";
import grapesjsMjml from "grapesjs-mjml";
import { Plus } from "lucide-react";
import mjml2html from "mjml-browser";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { noFonts } from "./mjml";
import { type Piece, pieces, typeOf } from "./pieces";
import { Properties } from "./Properties";

interface Props {
  value: string;
  onChange: (value: string) => void;
}

const settleMs = 150;

const parseMjml = (source: string, options: object) =>
  mjml2html(source, { ...options, fonts: noFonts });

function create(container: HTMLElement, value: string): Editor {
  const editor = grapesjs.init({
    container,
    height: "100%",
    width: "auto",
    storageManager: false,
    telemetry: false,
    noticeOnUnload: false,
    cssIcons: "",
    // The palette, the structure and the properties are ours: reachable by keyboard, and in the
    // console's languages.
    panels: { defaults: [] },
    blockManager: { custom: true },
    layerManager: { custom: true },
    traitManager: { custom: true },
    styleManager: { custom: true },
    selectorManager: { custom: true },
    assetManager: { custom: true },
    plugins: [
      (created) =>
        grapesjsMjml(created, {
          useCustomTheme: false,
          resetStyleManager: false,
          // The compiler answers at once, whatever its types say.
          mjmlParser: parseMjml as never,
        }),
    ],
  });
  editor.setComponents(value);
  return editor;
}

function firstOf(component: Component | undefined, type: string): Component | undefined {
  if (!component || typeOf(component) === type) return component;
  for (const child of component.components().models) {
    const found = firstOf(child, type);
    if (found) return found;
  }
  return undefined;
}

/** The nearest element above that may hold the piece, or the first in the message. */
function homeFor(editor: Editor, piece: Piece): { parent: Component; at: number } | undefined {
  const wanted = piece.place === "body" ? "mj-body" : "mj-column";
  let below: Component | undefined;
  for (let at = editor.getSelected(); at; below = at, at = at.parent()) {
    if (typeOf(at) !== wanted) continue;
    return { parent: at, at: below ? below.index() + 1 : at.components().length };
  }
  const parent = firstOf(editor.getWrapper(), wanted);
  return parent && { parent, at: parent.components().length };
}

interface Row {
  component: Component;
  depth: number;
}

function rowsOf(component: Component | undefined, depth: number, rows: Row[]): Row[] {
  component?.components().forEach((child: Component) => {
    const type = typeOf(child);
    if (type === "mjml") rowsOf(child, depth, rows);
    if (!type.startsWith("mj-") || type === "mj-head") return;
    rows.push({ component: child, depth });
    if (type !== "mj-text" && type !== "mj-button") rowsOf(child, depth + 1, rows);
  });
  return rows;
}

/** GrapesJS with MJML. Its source is MJML; `value` is read when it opens, or changed elsewhere. */
export default function VisualEditor({ value, onChange }: Props) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor>();
  const [selected, setSelected] = useState<Component>();
  const [rows, setRows] = useState<Row[]>([]);
  const changed = useRef(onChange);
  const last = useRef(value);
  changed.current = onChange;

  useEffect(() => {
    if (!place.current) return undefined;
    const created = create(place.current, last.current);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ready = false;
    const tell = () => {
      setRows(rowsOf(created.getWrapper(), 0, []));
      if (!ready) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        // A line an element, so that people can read it and versions can be compared.
        const source = created.getHtml().replace(/>(?=<\/?mj)/g, ">\n");
        if (source === last.current) return;
        last.current = source;
        changed.current(source);
      }, settleMs);
    };
    created.on("load", () => {
      created.Canvas.getFrameEl()?.setAttribute("title", t("content.canvas"));
      ready = true;
      tell();
    });
    created.on("update", tell);
    created.on("component:selected component:deselected", () => setSelected(created.getSelected()));
    setEditor(created);
    return () => {
      clearTimeout(timer);
      created.destroy();
      setEditor(undefined);
    };
    // One editor for the life of the page; a change of language keeps it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  useEffect(() => {
    if (!editor || value === last.current) return;
    last.current = value;
    editor.setComponents(value);
  }, [editor, value]);

  const insert = (piece: Piece) => {
    const home = editor && homeFor(editor, piece);
    if (!home) return;
    const [added] = home.parent.append(piece.mjml, { at: home.at });
    editor.select(added);
  };
  const nameOf = (component: Component) => {
    const tag = typeOf(component);
    const words = component
      .getInnerHTML()
      .replace(/<[^>]*>/g, " ")
      .trim();
    const shown = tag === "mj-text" || tag === "mj-button" ? words.slice(0, 28) : "";
    return `${t(`content.element.${tag.slice(3)}`)}${shown && `: ${shown}`}`;
  };

  return (
    <div className="visual">
      <div className="visual-side">
        <h2>{t("content.palette")}</h2>
        <div className="visual-palette">
          {pieces.map((piece) => (
            <Button
              key={piece.key}
              size="small"
              icon={<Plus size={13} />}
              onClick={() => insert(piece)}
            >
              {t(`content.piece.${piece.key}`)}
            </Button>
          ))}
        </div>
        <h2>{t("content.structure")}</h2>
        <ul className="visual-rows">
          {rows.map(({ component, depth }) => (
            <li key={component.cid}>
              <button
                type="button"
                style={{ paddingInlineStart: 8 + depth * 12 }}
                aria-current={component === selected ? "true" : undefined}
                onClick={() => editor?.select(component)}
              >
                {nameOf(component)}
              </button>
            </li>
          ))}
        </ul>
        {editor && selected && (
          <Properties
            key={selected.cid}
            editor={editor}
            component={selected}
            title={nameOf(selected)}
          />
        )}
      </div>
      <div className="visual-canvas" ref={place} />
    </div>
  );
}

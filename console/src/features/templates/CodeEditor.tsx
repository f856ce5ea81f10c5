import { html } from "@codemirror/lang-html";
import { EditorView } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { useEffect, useRef } from "react";

interface Props {
  value: string;
  onChange: (value: string) => void;
  label: string;
}

// Light in both themes: the colours of the syntax are made for it.
const look = EditorView.theme({
  "&": { backgroundColor: "#ffffff", color: "#17211e", height: "100%" },
  ".cm-gutters": { backgroundColor: "#f1f4f2", color: "#56635e", borderColor: "#e3e9e6" },
  ".cm-content": { caretColor: "#17211e", fontSize: "13px" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  ".cm-activeLineGutter": { backgroundColor: "#e3e9e6" },
});

/** Source with colours and line numbers. Tab leaves it, so that nobody is caught in it. */
export default function CodeEditor({ value, onChange, label }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const changed = useRef(onChange);
  changed.current = onChange;

  useEffect(() => {
    if (!place.current) return undefined;
    const created = new EditorView({
      doc: value,
      parent: place.current,
      extensions: [
        basicSetup,
        html({ matchClosingTags: true }),
        EditorView.lineWrapping,
        look,
        EditorView.contentAttributes.of({ "aria-label": label }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed.current(update.state.doc.toString());
        }),
      ],
    });
    view.current = created;
    return () => created.destroy();
    // The text lives in the editor; later values come in below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [label]);

  useEffect(() => {
    const current = view.current;
    if (!current || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);

  return <div className="code-editor" ref={place} />;
}

import { App, Button } from "antd";
import { Copy } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

const token =
  /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function coloured(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let last = 0;
  for (const match of text.matchAll(token)) {
    if (match.index > last) parts.push(text.slice(last, match.index));
    const [whole, string, colon] = match;
    const kind = colon ? "json-key" : string ? "json-text" : "json-value";
    parts.push(
      <Fragment key={match.index}>
        <span className={kind}>{string ?? whole}</span>
        {colon}
      </Fragment>,
    );
    last = match.index + whole.length;
  }
  parts.push(text.slice(last));
  return parts;
}

/** Longer documents are shown without colours: they stay quick to draw and to select. */
const colourLimit = 40_000;

export function useCopy(): (text: string) => void {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return (text) => {
    const done = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    done.then(
      () => message.success(t("common.copied")),
      () => message.error(t("common.copy_failed")),
    );
  };
}

/** A readable JSON document with a button to copy it. */
export function Json({ value }: { value: unknown }) {
  const { t } = useTranslation();
  const copy = useCopy();
  const text = JSON.stringify(value, null, 2) ?? "";
  return (
    <div className="json">
      <Button
        size="small"
        type="text"
        icon={<Copy size={13} />}
        aria-label={t("common.copy")}
        onClick={() => copy(text)}
      />
      {/* Long lines scroll, so keyboards must be able to reach the box. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0}>{text.length > colourLimit ? text : coloured(text)}</pre>
    </div>
  );
}

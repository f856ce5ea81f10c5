import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { RejectedEvent } from "@/api/types";
import { useErrorText } from "@/components/ErrorState";
import { useDraft } from "@/lib/drafts";
import { isObject } from "@/lib/json";

function pretty(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}

/** What is wrong with the text before it is sent, as a key of the texts; null when nothing. */
function parse(text: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(text) as unknown;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Mends a rejected event and sends it again. It gets a message id of its own when the old one
 * counts as seen, so that sending twice still counts once.
 */
export function Repair({ event, onDone }: { event: RejectedEvent; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const draft = useDraft<string>(`rejected.${event.id}`);
  const [text, setText] = useState(() => draft.found ?? pretty(event.raw));
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useId();

  const send = async () => {
    const value = parse(text);
    if (!value) {
      setProblem(t("rejected.not_json"));
      return;
    }
    setBusy(true);
    setProblem("");
    try {
      const repaired = { ...value, messageId: `repaired:${event.id}` };
      const answer = await api.importEvents([repaired]);
      const refused = answer.rejected[0];
      if (refused) setProblem([refused.field, refused.reason].filter(Boolean).join(": "));
      else {
        draft.forget();
        void message.success(
          answer.duplicates > 0 ? t("rejected.sent_before") : t("rejected.sent"),
        );
        void client.invalidateQueries({ queryKey: ["events"] });
        onDone();
      }
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="repair">
      <label htmlFor={field}>{t("rejected.repair_label")}</label>
      <Input.TextArea
        id={field}
        className="mono"
        value={text}
        autoSize={{ minRows: 6, maxRows: 24 }}
        spellCheck={false}
        onChange={(change) => {
          setText(change.target.value);
          draft.keep(change.target.value);
        }}
        {...(problem && { status: "error" as const })}
      />
      {problem && (
        <p role="alert" className="field-problem">
          {problem}
        </p>
      )}
      <div className="row">
        <Button type="primary" loading={busy} onClick={() => void send()}>
          {t("rejected.send_again")}
        </Button>
        <Button
          onClick={() => {
            draft.forget();
            onDone();
          }}
        >
          {t("common.cancel")}
        </Button>
      </div>
    </div>
  );
}

import { Alert, Button, type FormInstance } from "antd";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDraft } from "@/lib/drafts";

/**
 * Makes an Ant Design form survive reloads, ended sessions and restarts: pass `onValuesChange` to
 * the form, show `note` above it, call `forget` after saving. Fields named in `secret` are not
 * kept. `ready` is false until the form has its stored values, which the draft then overlays.
 */
export function useFormDraft(
  form: FormInstance,
  name: string,
  { secret = [], ready = true }: { secret?: string[]; ready?: boolean } = {},
) {
  const { t } = useTranslation();
  const { found, keep, forget } = useDraft<Record<string, unknown>>(name);
  const [restored, setRestored] = useState(false);

  useEffect(() => {
    if (!ready || !found) return;
    form.setFieldsValue(found);
    setRestored(true);
  }, [ready, found, form]);

  const onValuesChange = useCallback(
    (_changed: unknown, all: object) => {
      keep(Object.fromEntries(Object.entries(all).filter(([field]) => !secret.includes(field))));
    },
    // `secret` is a constant list at every caller.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [keep],
  );

  const note = restored ? (
    <Alert
      type="info"
      showIcon
      className="gap-below"
      title={t("draft.restored")}
      action={
        <Button
          size="small"
          onClick={() => {
            forget();
            form.resetFields();
            setRestored(false);
          }}
        >
          {t("draft.discard")}
        </Button>
      }
    />
  ) : null;

  return {
    onValuesChange,
    note,
    forget: () => {
      forget();
      setRestored(false);
    },
  };
}

import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { StateNote } from "@/components/StateNote";

/** A page that could not be loaded or broke while drawing. */
export function RouteError() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <main className="content">
      <StateNote
        page
        tone="problem"
        title={t("errors.page_title")}
        text={t("errors.page_text")}
        detail={error instanceof Error ? error.message : undefined}
        action={
          <Button type="primary" onClick={() => window.location.reload()}>
            {t("common.reload")}
          </Button>
        }
      />
    </main>
  );
}

import { Button } from "antd";
import { ArrowLeft, ArrowRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Cursor } from "@/lib/address";

/** Steps through a list that is paged by cursor; absent while there is only one page. */
export function Pager({
  cursor,
  next,
  busy,
}: {
  cursor: Cursor;
  next: string | null | undefined;
  busy?: boolean;
}) {
  const { t } = useTranslation();
  if (!cursor.canGoBack && !next) return null;
  return (
    <nav className="pager" aria-label={t("pager.label")}>
      <Button icon={<ArrowLeft size={15} />} disabled={!cursor.canGoBack} onClick={cursor.back}>
        {t("pager.back")}
      </Button>
      <Button
        icon={<ArrowRight size={15} />}
        iconPlacement="end"
        disabled={!next}
        loading={busy ?? false}
        onClick={() => next && cursor.next(next)}
      >
        {t("pager.next")}
      </Button>
    </nav>
  );
}

import { useTranslation } from "react-i18next";
import { Mark } from "@/components/Mark";

/** What stands on the screen until the first page is there. */
export function Boot() {
  const { t } = useTranslation();
  return (
    <div className="boot" role="status" aria-label={t("common.loading")}>
      <Mark size={40} />
    </div>
  );
}

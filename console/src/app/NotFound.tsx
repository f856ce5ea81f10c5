import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { StateNote } from "@/components/StateNote";

export function Component() {
  const { t } = useTranslation();
  return (
    <StateNote
      page
      title={t("errors.not_found_title")}
      text={t("errors.not_found_text")}
      action={<Link to="/">{t("errors.not_found_home")}</Link>}
    />
  );
}

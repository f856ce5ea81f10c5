import { Select } from "antd";
import { Languages } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type Language, languages, setPreferences, usePreferences } from "@/lib/preferences";

/** Each language by its own name, so that it is found whatever the current one is. */
export const languageNames: Record<Language, string> = {
  en: "English",
  "zh-Hans": "简体中文",
  "zh-Hant": "繁體中文",
  vi: "Tiếng Việt",
};

export function LanguageSelect() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <Select<Language>
      value={language}
      onChange={(value) => setPreferences({ language: value })}
      options={languages.map((value) => ({ value, label: languageNames[value] }))}
      variant="borderless"
      prefix={<Languages size={15} aria-hidden />}
      popupMatchSelectWidth={false}
      aria-label={t("user.language")}
    />
  );
}

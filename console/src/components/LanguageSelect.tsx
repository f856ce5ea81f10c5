import { Languages } from "lucide-react";
import { useTranslation } from "react-i18next";
import {
  type Language,
  languageNames,
  languages,
  setPreferences,
  usePreferences,
} from "@/lib/preferences";

/** A plain select of the browser: it is on the first page, where every kilobyte is waited for. */
export function LanguageSelect() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <label className="language-select">
      <Languages size={15} aria-hidden />
      <select
        value={language}
        aria-label={t("user.language")}
        onChange={(event) => setPreferences({ language: event.target.value as Language })}
      >
        {languages.map((value) => (
          <option key={value} value={value} lang={value}>
            {languageNames[value]}
          </option>
        ))}
      </select>
    </label>
  );
}

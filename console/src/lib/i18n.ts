import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "./preferences";

type Texts = { default: Record<string, unknown> };

const texts: Record<Language, () => Promise<Texts>> = {
  en: () => import("@/locales/en.json"),
  "zh-Hans": () => import("@/locales/zh-Hans.json"),
  "zh-Hant": () => import("@/locales/zh-Hant.json"),
  vi: () => import("@/locales/vi.json"),
};

/** Starts translation with one language loaded; the others are fetched when chosen. */
export async function startI18n(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    load: "currentOnly",
    resources: { [language]: { translation: (await texts[language]()).default } },
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  document.documentElement.lang = language;
}

export async function changeLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", (await texts[language]()).default);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

import { useSyncExternalStore } from "react";

export const languages = ["en", "zh-Hans", "zh-Hant", "vi"] as const;
export type Language = (typeof languages)[number];
/** Each language by its own name, so that it is found whatever the current one is. */
export const languageNames: Record<Language, string> = {
  en: "English",
  "zh-Hans": "简体中文",
  "zh-Hant": "繁體中文",
  vi: "Tiếng Việt",
};

export type ColorScheme = "system" | "light" | "dark";

interface Preferences {
  language: Language;
  scheme: ColorScheme;
}

const storageKey = "rapport.preferences";
const listeners = new Set<() => void>();

/** The offered language nearest to what the browser asks for. */
export function nearestLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const locale = tag.toLowerCase();
    if (locale.startsWith("zh")) return /hant|tw|hk|mo/.test(locale) ? "zh-Hant" : "zh-Hans";
    if (locale.startsWith("vi")) return "vi";
    if (locale.startsWith("en")) return "en";
  }
  return "en";
}

function read(): Preferences {
  const found: Preferences = { language: nearestLanguage(navigator.languages), scheme: "system" };
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<Preferences>;
    if (languages.some((language) => language === stored.language))
      found.language = stored.language as Language;
    if (stored.scheme === "light" || stored.scheme === "dark") found.scheme = stored.scheme;
  } catch {
    // Storage may be forbidden or hold something else: the defaults serve.
  }
  return found;
}

let current = read();

export function getPreferences(): Preferences {
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(storageKey, JSON.stringify(current));
  } catch {
    // The choice then lasts as long as the page.
  }
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, getPreferences);
}

const darkQuery = window.matchMedia("(prefers-color-scheme: dark)");

function subscribeToSystem(listener: () => void): () => void {
  darkQuery.addEventListener("change", listener);
  return () => darkQuery.removeEventListener("change", listener);
}

/** Whether the console is dark now, by the person's choice or else the system's. */
export function useDark(): boolean {
  const systemDark = useSyncExternalStore(subscribeToSystem, () => darkQuery.matches);
  const { scheme } = usePreferences();
  return scheme === "system" ? systemDark : scheme === "dark";
}

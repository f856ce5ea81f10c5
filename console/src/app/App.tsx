import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import type { Locale } from "antd/es/locale";
import { useEffect, useMemo, useState } from "react";
import { RouterProvider } from "react-router";
import { ApiError } from "@/api/client";
import { changeLanguage } from "@/lib/i18n";
import { type Language, useDark, usePreferences } from "@/lib/preferences";
import { router } from "./router";
import { antTheme } from "./theme";

const antLocales: Record<Language, () => Promise<{ default: Locale }>> = {
  en: () => import("antd/es/locale/en_US"),
  "zh-Hans": () => import("antd/es/locale/zh_CN"),
  "zh-Hant": () => import("antd/es/locale/zh_TW"),
  vi: () => import("antd/es/locale/vi_VN"),
};

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays a refusal; only a missing or overloaded server is asked again.
      retry: (failures, error) =>
        error instanceof ApiError && (error.status === 0 || error.status >= 502) && failures < 2,
      refetchOnWindowFocus: true,
    },
  },
});

export function App() {
  const { language } = usePreferences();
  const dark = useDark();
  const [antLocale, setAntLocale] = useState<Locale>();

  useEffect(() => {
    void changeLanguage(language);
    let current = true;
    void antLocales[language]().then((loaded) => {
      if (current) setAntLocale(loaded.default);
    });
    return () => {
      current = false;
    };
  }, [language]);

  useEffect(() => {
    document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  }, [dark]);

  const theme = useMemo(() => antTheme(dark), [dark]);
  return (
    <ConfigProvider
      theme={theme}
      {...(antLocale && { locale: antLocale })}
      button={{ autoInsertSpace: false }}
    >
      <AntApp className="app">
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}

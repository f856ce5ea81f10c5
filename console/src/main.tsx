import "@fontsource-variable/inter";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/parts.css";
import "./styles/bits.css";
import "./styles/pages.css";
import "./styles/home.css";
import "./styles/segments.css";
import "./styles/lists.css";
import "./styles/campaigns.css";
import "./styles/settings.css";
import "./styles/live.css";
import "./styles/import.css";
import "./styles/content.css";
import "./styles/permission.css";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { startI18n } from "./lib/i18n";
import { getPreferences } from "./lib/preferences";

const root = document.getElementById("root");
if (root) {
  await startI18n(getPreferences().language);
  createRoot(root).render(<App />);
  // Only the built console has one; it keeps the shell and never the API.
  if (import.meta.env.PROD && "serviceWorker" in navigator) {
    void navigator.serviceWorker.register("/service-worker.js").catch(() => undefined);
  }
}

import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Tabs } from "antd";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/operations";
import { Snippet } from "@/components/Snippet";
import { useAddressFilter } from "@/lib/address";
import { useCan } from "@/lib/session";
import { noKey, type Platform, platforms, snippet } from "./snippets";
import { useSave } from "./useSave";

const names: Record<Platform, string> = {
  browser: "Browser",
  node: "Node.js",
  python: "Python",
  php: "PHP",
  curl: "curl",
};

/** Ready snippets: a write key is made here, shown once, and stands in every one of them. */
export function Component() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayMake = useCan("access.write");
  const [tab, setTab] = useAddressFilter("platform");
  const [key, setKey] = useState("");
  const { busy, save } = useSave();
  const origin = window.location.origin;

  const make = () =>
    save(async () => {
      const made = await api.createKey({ name: t("sources.key_name"), scope: "ingest" });
      setKey(made.key ?? "");
      void client.invalidateQueries({ queryKey: ["keys"] });
    }, t("settings.key_made"));

  return (
    <>
      <h2 className="section-title">{t("sources.title")}</h2>
      <p className="muted gap-below">{t("sources.note")}</p>
      {key ? (
        <>
          <Alert type="warning" showIcon className="gap-below" title={t("settings.key_once")} />
          <Snippet text={key} />
        </>
      ) : (
        mayMake && (
          <div className="gap-below row">
            <Button
              type="primary"
              icon={<KeyRound size={15} />}
              loading={busy}
              onClick={() => void make()}
            >
              {t("sources.make_key")}
            </Button>
            <Link to="/settings/keys">{t("sources.all_keys")}</Link>
          </div>
        )
      )}
      <Tabs
        activeKey={platforms.find((platform) => platform === tab) ?? "browser"}
        onChange={(next) => setTab(next === "browser" ? "" : next)}
        items={platforms.map((platform) => ({
          key: platform,
          label: names[platform],
          children: (
            <>
              <p className="muted gap-below">{t(`sources.${platform}_note`)}</p>
              <Snippet text={snippet(platform, origin, key || noKey)} />
            </>
          ),
        }))}
      />
      <Link to="/events">{t("sources.watch")}</Link>
    </>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { Ban, Pause, Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { reports } from "@/api/reports";
import type { Campaign } from "@/api/types";
import { useErrorText } from "@/components/ErrorState";
import { useCan } from "@/lib/session";
import { isOpen } from "./state";

/** Holds a campaign that is under way, lets it go on, or ends it for good. */
export function RunActions({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const mayWrite = useCan("campaigns.write");
  const [busy, setBusy] = useState(false);
  if (!mayWrite || !isOpen(campaign.status)) return null;

  const run = async (action: "pause" | "resume" | "cancel") => {
    setBusy(true);
    try {
      await reports[action](campaign.id);
    } catch (error) {
      void message.error(errorText(error));
    } finally {
      await client.invalidateQueries({ queryKey: ["campaign", campaign.id] });
      void client.invalidateQueries({ queryKey: ["campaigns"] });
      setBusy(false);
    }
  };
  const cancel = () =>
    modal.confirm({
      title: t("campaigns.cancel_title"),
      content: t("campaigns.cancel_text"),
      okText: t("campaigns.cancel"),
      okButtonProps: { danger: true },
      cancelText: t("campaigns.keep"),
      onOk: () => run("cancel"),
    });
  const paused = campaign.status === "paused";
  return (
    <>
      <Button danger icon={<Ban size={15} />} disabled={busy} onClick={cancel}>
        {t("campaigns.cancel")}
      </Button>
      <Button
        type={paused ? "primary" : "default"}
        icon={paused ? <Play size={15} /> : <Pause size={15} />}
        disabled={busy}
        onClick={() => void run(paused ? "resume" : "pause")}
      >
        {paused ? t("campaigns.resume") : t("campaigns.pause")}
      </Button>
    </>
  );
}

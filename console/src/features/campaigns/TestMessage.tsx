import { useQuery } from "@tanstack/react-query";
import { App, Button, Input, Modal } from "antd";
import { MailCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, answer, client } from "@/api/client";
import { api } from "@/api/operations";
import type { CampaignInput } from "@/api/types";
import { useErrorText } from "@/components/ErrorState";
import { useSession } from "@/lib/session";
import type { FieldErrors } from "./checks";
import { useReader } from "./reader";

/** Sends the message to one's own address, as the customer of the preview would get it. */
export function TestMessage({
  draft,
  missing,
  save,
}: {
  draft: CampaignInput;
  missing: FieldErrors;
  save: () => Promise<string | null>;
}) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const session = useSession().data;
  const reader = useReader(draft);
  const [open, setOpen] = useState(false);
  const [to, setTo] = useState(session?.user.email ?? "");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const provider = useQuery({
    queryKey: ["email-provider"],
    queryFn: ({ signal }) => api.emailProvider(signal),
    enabled: open,
    staleTime: 60_000,
  });
  const whole = Object.keys(missing).length === 0;
  const send = async () => {
    setBusy(true);
    setRefused("");
    try {
      const id = await save();
      if (!id) return;
      const sent = await answer(
        client.POST("/api/v1/campaigns/{id}/test", {
          params: { path: { id } },
          body: { to: to.trim(), ...(reader.person.id && { customer_id: reader.person.id }) },
        }),
      );
      void message.success(t("composer.test_sent", { address: sent.to }));
      setOpen(false);
    } catch (error) {
      // The provider's own words help more than a general one.
      const detail = error instanceof ApiError ? error.problem.detail : undefined;
      setRefused(detail ?? errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button
        icon={<MailCheck size={15} />}
        disabled={!whole}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        {t("composer.test")}
      </Button>
      <Modal
        open={open}
        title={t("composer.test")}
        onCancel={() => setOpen(false)}
        footer={null}
        width={420}
        destroyOnHidden
      >
        <form
          className="insert-trait"
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <label>
            <span>{t("composer.test_to")}</span>
            <Input
              type="email"
              required
              autoFocus
              value={to}
              onChange={(event) => setTo(event.target.value)}
              maxLength={254}
            />
          </label>
          {provider.data?.type === "sandbox" && (
            <small className="muted">
              {t("composer.test_sandbox")}{" "}
              <Link to={`/sandbox?to=${encodeURIComponent(to.trim())}`}>{t("nav.sandbox")}</Link>
            </small>
          )}
          {refused && (
            <p className="bad-text" role="alert">
              {refused}
            </p>
          )}
          <Button type="primary" htmlType="submit" loading={busy} disabled={!to.trim()}>
            {t("composer.test_send")}
          </Button>
        </form>
      </Modal>
    </>
  );
}

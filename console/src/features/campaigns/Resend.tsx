import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal } from "antd";
import { MailPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { reports } from "@/api/reports";
import type { Campaign } from "@/api/types";
import { useErrorText } from "@/components/ErrorState";
import { useCan } from "@/lib/session";
import { isOpen } from "./state";

function ResendForm({ campaign, onClose }: { campaign: Campaign; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [form] = Form.useForm<{ subject: string }>();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const submit = async ({ subject }: { subject: string }) => {
    setBusy(true);
    try {
      const draft = await reports.resend(campaign.id, subject.trim());
      void client.invalidateQueries({ queryKey: ["campaigns"] });
      void navigate(`/campaigns/${draft.id}`);
      onClose();
    } catch (error) {
      void message.error(errorText(error));
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t("campaigns.resend")}
      onCancel={onClose}
      onOk={form.submit}
      okText={t("campaigns.resend_make")}
      confirmLoading={busy}
    >
      <p className="muted gap-below">{t("campaigns.resend_note")}</p>
      <Form
        name="resend"
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ subject: "" }}
        onFinish={(values) => void submit(values)}
      >
        <Form.Item
          label={t("campaigns.resend_subject")}
          name="subject"
          rules={[{ required: true, whitespace: true, message: t("campaigns.resend_needed") }]}
        >
          <Input maxLength={500} placeholder={campaign.template.subject} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

/** Of an e-mail campaign that is over: a draft for those it was sent to who did not open it. */
export function Resend({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const mayWrite = useCan("campaigns.write");
  const [open, setOpen] = useState(false);
  const over = campaign.status !== "draft" && !isOpen(campaign.status);
  if (!mayWrite || !over || campaign.channel !== "email" || campaign.sent === 0) return null;
  return (
    <>
      <Button icon={<MailPlus size={15} />} onClick={() => setOpen(true)}>
        {t("campaigns.resend")}
      </Button>
      {open && <ResendForm campaign={campaign} onClose={() => setOpen(false)} />}
    </>
  );
}

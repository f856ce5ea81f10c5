import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { EmailTestResult } from "@/api/types";
import { useSession } from "@/lib/session";
import { useSave } from "./useSave";

interface Values {
  from: string;
  to: string;
}

/** Sends one message through the stored provider and shows the server's own words. */
export function TestMail() {
  const { t } = useTranslation();
  const email = useSession().data?.user.email ?? "";
  const [form] = Form.useForm<Values>();
  const { busy, save } = useSave(form);
  const [result, setResult] = useState<EmailTestResult | null>(null);
  const send = async (values: Values) => {
    setResult(null);
    await save(async () => setResult(await api.testEmailProvider(values)), t("test_mail.answered"));
  };
  return (
    <section className="settings-form test-mail">
      <h3 className="sub-title">{t("test_mail.title")}</h3>
      <p className="muted gap-below">{t("test_mail.note")}</p>
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ from: email, to: email }}
        onFinish={(values) => void send(values)}
      >
        <Form.Item
          label={t("test_mail.from")}
          name="from"
          rules={[{ required: true, message: t("auth.email_needed") }]}
        >
          <Input maxLength={320} />
        </Form.Item>
        <Form.Item
          label={t("test_mail.to")}
          name="to"
          rules={[{ required: true, message: t("auth.email_needed") }]}
        >
          <Input maxLength={320} />
        </Form.Item>
        {result && (
          <Alert
            className="gap-below"
            showIcon
            type={result.accepted ? "success" : "error"}
            title={result.accepted ? t("test_mail.accepted") : t("test_mail.refused")}
            description={
              <code>{[result.code || "", result.answer].filter(Boolean).join(" ")}</code>
            }
          />
        )}
        <Button htmlType="submit" loading={busy}>
          {t("test_mail.send")}
        </Button>
      </Form>
    </section>
  );
}

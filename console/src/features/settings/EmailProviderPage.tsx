import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/operations";
import type { EmailProvider, EmailProviderInput } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { useCan } from "@/lib/session";
import { TestMail } from "./TestMail";
import { useSave } from "./useSave";

const queryKey = ["provider", "email"];
const usualPorts: Record<EmailProvider["security"], number> = { none: 25, starttls: 587, tls: 465 };

function ProviderForm({ provider }: { provider: EmailProvider }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<EmailProviderInput>();
  const type = Form.useWatch("type", form) ?? provider.type;
  const { busy, save } = useSave(form);
  const mayWrite = useCan("settings.write");
  const submit = async (values: EmailProviderInput) => {
    const { type, host, port, security, username, ca_file } = { ...provider, ...values };
    const input: EmailProviderInput = { type, host, port, security, username, ca_file };
    if (values.password) input.password = values.password;
    const saved = await save(async () => {
      client.setQueryData(queryKey, await api.updateEmailProvider(input));
    });
    if (saved) form.setFieldValue("password", "");
  };
  return (
    <Form<EmailProviderInput>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{
        type: provider.type,
        host: provider.host,
        port: provider.port || usualPorts.starttls,
        security: provider.security || "starttls",
        username: provider.username,
        password: "",
      }}
      onFinish={(values) => void submit(values)}
      onValuesChange={(change: Partial<EmailProviderInput>) => {
        if (change.security) form.setFieldValue("port", usualPorts[change.security]);
      }}
      disabled={!mayWrite}
      className="settings-form"
    >
      <Form.Item name="type">
        <Radio.Group
          className="choice"
          options={[
            {
              value: "sandbox",
              label: (
                <>
                  <strong>{t("settings.sandbox")}</strong>
                  <small>{t("settings.sandbox_note")}</small>
                </>
              ),
            },
            {
              value: "smtp",
              label: (
                <>
                  <strong>SMTP</strong>
                  <small>{t("settings.smtp_note")}</small>
                </>
              ),
            },
          ]}
        />
      </Form.Item>
      {type === "sandbox" && (
        <p className="gap-below">
          <Link to="/sandbox">{t("settings.open_sandbox")}</Link>
        </p>
      )}
      {type === "smtp" && (
        <>
          <div className="form-row">
            <Form.Item
              label={t("settings.host")}
              name="host"
              rules={[{ required: true, message: t("settings.host_needed") }]}
              className="grow"
            >
              <Input placeholder="smtp.example.com" maxLength={255} />
            </Form.Item>
            <Form.Item label={t("settings.security")} name="security">
              <Select
                popupMatchSelectWidth={false}
                options={[
                  { value: "starttls", label: "STARTTLS" },
                  { value: "tls", label: "TLS" },
                  { value: "none", label: t("settings.security_none") },
                ]}
              />
            </Form.Item>
            <Form.Item
              label={t("settings.port")}
              name="port"
              rules={[{ required: true, message: t("settings.port_needed") }]}
            >
              <InputNumber min={1} max={65_535} precision={0} />
            </Form.Item>
          </div>
          <Form.Item label={t("settings.username")} name="username">
            <Input autoComplete="off" maxLength={320} />
          </Form.Item>
          <Form.Item
            label={t("auth.password")}
            name="password"
            extra={provider.password_set ? t("settings.password_kept") : undefined}
          >
            <Input.Password
              autoComplete="new-password"
              placeholder={provider.password_set ? "••••••••" : ""}
              maxLength={1024}
            />
          </Form.Item>
        </>
      )}
      {mayWrite && (
        <Button type="primary" htmlType="submit" loading={busy}>
          {t("common.save")}
        </Button>
      )}
    </Form>
  );
}

export function Component() {
  const { t } = useTranslation();
  const mayWrite = useCan("settings.write");
  const provider = useQuery({ queryKey, queryFn: ({ signal }) => api.emailProvider(signal) });
  return (
    <>
      <h2 className="section-title">{t("settings.email")}</h2>
      <p className="section-note">{t("settings.email_note")}</p>
      {provider.isPending && <ListBones rows={3} />}
      {provider.isError && !provider.data && (
        <ErrorState error={provider.error} retry={() => void provider.refetch()} />
      )}
      {provider.data && <ProviderForm provider={provider.data} />}
      {provider.data && mayWrite && <TestMail />}
    </>
  );
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { Snippet } from "@/components/Snippet";
import { useCan } from "@/lib/session";
import { deliverability, type HookInput } from "./operations";
import { useChange } from "./useChange";

const queryKey = ["deliverability", "hooks"];
const services = [
  { value: "ses", label: "Amazon SES", key: true, secret: false },
  { value: "sendgrid", label: "SendGrid", key: true, secret: false },
  { value: "postmark", label: "Postmark", key: false, secret: true },
  { value: "mailgun", label: "Mailgun", key: false, secret: true },
];

interface Values extends HookInput {
  provider: string;
}

function HookForm() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<Values>();
  const { busy, run } = useChange(form);
  const provider = Form.useWatch("provider", form) ?? "ses";
  const service = services.find((one) => one.value === provider);
  const submit = async (values: Values) => {
    const body: HookInput = {
      ...(values.key && { key: values.key }),
      ...(values.secret && { secret: values.secret }),
    };
    if (!(await run(() => deliverability.putHook(values.provider, body)))) return;
    form.resetFields();
    await client.invalidateQueries({ queryKey });
  };
  return (
    <Form<Values>
      name="hook"
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ provider: "ses" }}
      onFinish={(values) => void submit(values)}
      className="settings-form"
    >
      <div className="form-row">
        <Form.Item label={t("hooks.service")} name="provider">
          <Select popupMatchSelectWidth={false} options={services} />
        </Form.Item>
        {service?.key && (
          <Form.Item
            label={t("hooks.key")}
            name="key"
            className="grow"
            extra={provider === "ses" ? t("hooks.ses_key") : t("hooks.sendgrid_key")}
            rules={[{ required: true, message: t("hooks.needed") }]}
          >
            <Input maxLength={2000} />
          </Form.Item>
        )}
        {service?.secret && (
          <Form.Item
            label={t("hooks.secret")}
            name="secret"
            className="grow"
            extra={provider === "postmark" ? t("hooks.postmark_secret") : t("hooks.mailgun_secret")}
            rules={[{ required: true, message: t("hooks.needed") }]}
          >
            <Input.Password autoComplete="new-password" maxLength={1024} />
          </Form.Item>
        )}
      </div>
      <Button htmlType="submit" loading={busy}>
        {t("hooks.connect")}
      </Button>
    </Form>
  );
}

/** What a sending service tells of bounces and complaints, and where it is to tell it. */
export function Hooks() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayWrite = useCan("settings.write");
  const { run } = useChange();
  const hooks = useQuery({ queryKey, queryFn: ({ signal }) => deliverability.hooks(signal) });
  const nameOf = (provider: string) =>
    services.find((one) => one.value === provider)?.label ?? provider;
  return (
    <section>
      <h2 className="section-title">{t("hooks.title")}</h2>
      <p className="section-note">{t("hooks.note")}</p>
      {hooks.isPending && <ListBones rows={2} />}
      {hooks.isError && !hooks.data && (
        <ErrorState error={hooks.error} retry={() => void hooks.refetch()} />
      )}
      {hooks.data?.items.map((hook) => (
        <div key={hook.provider} className="gap-below">
          <h3 className="snippet-title">
            {nameOf(hook.provider)}{" "}
            {mayWrite && (
              <Button
                size="small"
                type="text"
                icon={<Trash2 size={15} />}
                aria-label={t("deliverability.remove", { name: nameOf(hook.provider) })}
                onClick={() =>
                  void run(async () => {
                    await deliverability.removeHook(hook.provider);
                    await client.invalidateQueries({ queryKey });
                  })
                }
              />
            )}
          </h3>
          <Snippet text={hook.url || hook.path} />
        </div>
      ))}
      {mayWrite && <HookForm />}
    </section>
  );
}

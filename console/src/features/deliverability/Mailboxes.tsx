import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Select } from "antd";
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ListBones } from "@/components/Bones";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { Pill } from "@/components/Pill";
import { Time } from "@/components/Time";
import { useCan } from "@/lib/session";
import { deliverability, type Mailbox, type MailboxInput } from "./operations";
import { useChange } from "./useChange";

const queryKey = ["deliverability", "mailboxes"];

function MailboxForm() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<MailboxInput>();
  const { busy, run } = useChange(form);
  const submit = async (values: MailboxInput) => {
    if (!(await run(() => deliverability.createMailbox(values)))) return;
    form.resetFields();
    await client.invalidateQueries({ queryKey });
  };
  return (
    <Form<MailboxInput>
      name="mailbox"
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ port: 993, security: "tls", mailbox: "INBOX" }}
      onFinish={(values) => void submit(values)}
      className="settings-form"
    >
      <div className="form-row">
        <Form.Item
          label={t("mailboxes.host")}
          name="host"
          rules={[{ required: true, message: t("settings.host_needed") }]}
          className="grow"
        >
          <Input placeholder="imap.example.com" maxLength={253} />
        </Form.Item>
        <Form.Item label={t("mailboxes.security")} name="security">
          <Select
            popupMatchSelectWidth={false}
            options={[
              { value: "tls", label: "TLS" },
              { value: "starttls", label: "STARTTLS" },
              { value: "none", label: t("settings.security_none") },
            ]}
          />
        </Form.Item>
        <Form.Item label={t("settings.port")} name="port">
          <InputNumber min={1} max={65_535} precision={0} />
        </Form.Item>
      </div>
      <div className="form-row">
        <Form.Item
          label={t("settings.username")}
          name="username"
          rules={[{ required: true, message: t("hooks.needed") }]}
          className="grow"
        >
          <Input autoComplete="off" maxLength={320} />
        </Form.Item>
        <Form.Item
          label={t("auth.password")}
          name="password"
          rules={[{ required: true, message: t("hooks.needed") }]}
          className="grow"
        >
          <Input.Password autoComplete="new-password" maxLength={1024} />
        </Form.Item>
        <Form.Item label={t("mailboxes.folder")} name="mailbox">
          <Input maxLength={200} />
        </Form.Item>
      </div>
      <Button htmlType="submit" loading={busy}>
        {t("mailboxes.add")}
      </Button>
    </Form>
  );
}

/** Mailboxes that are read for bounces and answers, and how the last look went. */
export function Mailboxes() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayWrite = useCan("settings.write");
  const { run } = useChange();
  const boxes = useQuery({
    queryKey,
    queryFn: ({ signal }) => deliverability.mailboxes(signal),
    refetchInterval: 30_000,
  });
  const columns: Column<Mailbox>[] = [
    {
      key: "host",
      title: t("mailboxes.host"),
      primary: true,
      render: (row) => (
        <span className="two-lines">
          <span>{row.username}</span>
          <small className="muted">{`${row.host}:${row.port} · ${row.mailbox}`}</small>
        </span>
      ),
    },
    {
      key: "state",
      title: t("mailboxes.state"),
      render: (row) =>
        row.problem ? (
          <Pill tone="bad">{row.problem}</Pill>
        ) : row.polled_at ? (
          <Time at={row.polled_at} />
        ) : (
          "–"
        ),
    },
    {
      key: "remove",
      title: t("settings.actions"),
      quiet: true,
      numeric: true,
      render: (row) =>
        mayWrite && (
          <Button
            size="small"
            type="text"
            icon={<Trash2 size={15} />}
            aria-label={t("deliverability.remove", { name: row.username })}
            onClick={() =>
              void run(async () => {
                await deliverability.removeMailbox(row.id);
                await client.invalidateQueries({ queryKey });
              })
            }
          />
        ),
    },
  ];
  return (
    <section>
      <h2 className="section-title">{t("mailboxes.title")}</h2>
      <p className="section-note">{t("mailboxes.note")}</p>
      {boxes.isPending && <ListBones rows={2} />}
      {boxes.isError && !boxes.data && (
        <ErrorState error={boxes.error} retry={() => void boxes.refetch()} />
      )}
      {boxes.data && boxes.data.items.length > 0 && (
        <DataTable
          label={t("mailboxes.title")}
          columns={columns}
          rows={boxes.data.items}
          rowKey={(row) => row.id}
        />
      )}
      {mayWrite && <MailboxForm />}
    </section>
  );
}

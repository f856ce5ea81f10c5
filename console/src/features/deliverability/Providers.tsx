import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Modal, Select } from "antd";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ListBones } from "@/components/Bones";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { StateNote } from "@/components/StateNote";
import { useCan } from "@/lib/session";
import { deliverability, type Provider, type ProviderInput } from "./operations";
import { useChange } from "./useChange";

const queryKey = ["deliverability", "providers"];

const empty: ProviderInput = {
  name: "",
  host: "",
  port: 587,
  security: "starttls",
  username: "",
  password: "",
  priority: 0,
  weight: 1,
  per_minute: 0,
};

function NewProvider({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<ProviderInput>();
  const { busy, run } = useChange(form);
  const submit = async ({ password, ...values }: ProviderInput) => {
    const body = password ? { ...values, password } : values;
    const done = await run(() => deliverability.createProvider(body));
    if (!done) return;
    await client.invalidateQueries({ queryKey });
    onClose();
  };
  return (
    <Modal
      open
      title={t("deliverability.add_provider")}
      onCancel={onClose}
      onOk={form.submit}
      okText={t("deliverability.add")}
      confirmLoading={busy}
    >
      <Form<ProviderInput>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={empty}
        onFinish={(values) => void submit(values)}
      >
        <Form.Item
          label={t("deliverability.name")}
          name="name"
          rules={[{ required: true, message: t("deliverability.name_needed") }]}
        >
          <Input maxLength={200} />
        </Form.Item>
        <div className="form-row">
          <Form.Item
            label={t("settings.host")}
            name="host"
            rules={[{ required: true, message: t("settings.host_needed") }]}
            className="grow"
          >
            <Input placeholder="smtp.example.com" maxLength={253} />
          </Form.Item>
          <Form.Item label={t("settings.security")} name="security">
            <Select
              popupMatchSelectWidth={false}
              options={[
                { value: "starttls", label: "STARTTLS" },
                { value: "tls", label: "TLS" },
                { value: "opportunistic", label: t("deliverability.opportunistic") },
                { value: "none", label: t("settings.security_none") },
              ]}
            />
          </Form.Item>
          <Form.Item label={t("settings.port")} name="port">
            <InputNumber min={1} max={65_535} precision={0} />
          </Form.Item>
        </div>
        <div className="form-row">
          <Form.Item label={t("settings.username")} name="username" className="grow">
            <Input autoComplete="off" maxLength={320} />
          </Form.Item>
          <Form.Item label={t("auth.password")} name="password" className="grow">
            <Input.Password autoComplete="new-password" maxLength={1024} />
          </Form.Item>
        </div>
        <div className="form-row">
          <Form.Item label={t("deliverability.priority")} name="priority">
            <InputNumber min={0} max={100} precision={0} />
          </Form.Item>
          <Form.Item label={t("deliverability.weight")} name="weight">
            <InputNumber min={1} max={1000} precision={0} />
          </Form.Item>
          <Form.Item
            label={t("deliverability.per_minute")}
            name="per_minute"
            extra={t("deliverability.zero_is_no_limit")}
          >
            <InputNumber min={0} max={10_000_000} precision={0} />
          </Form.Item>
        </div>
      </Form>
    </Modal>
  );
}

export function Providers() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayWrite = useCan("settings.write");
  const [adding, setAdding] = useState(false);
  const { run } = useChange();
  const providers = useQuery({
    queryKey,
    queryFn: ({ signal }) => deliverability.providers(signal),
  });
  const columns: Column<Provider>[] = [
    {
      key: "name",
      title: t("deliverability.name"),
      primary: true,
      render: (row) => (
        <span className="two-lines">
          <span>{row.name}</span>
          <small className="muted">{`${row.host}:${row.port}`}</small>
        </span>
      ),
    },
    {
      key: "priority",
      title: t("deliverability.priority"),
      numeric: true,
      render: (row) => row.priority,
    },
    {
      key: "weight",
      title: t("deliverability.weight"),
      numeric: true,
      render: (row) => row.weight,
    },
    {
      key: "limit",
      title: t("deliverability.per_minute"),
      numeric: true,
      render: (row) => row.per_minute || "–",
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
            aria-label={t("deliverability.remove", { name: row.name })}
            onClick={() =>
              void run(async () => {
                await deliverability.removeProvider(row.id);
                await client.invalidateQueries({ queryKey });
              })
            }
          />
        ),
    },
  ];
  return (
    <section>
      <h2 className="section-title">{t("deliverability.providers")}</h2>
      <p className="section-note">{t("deliverability.providers_note")}</p>
      {mayWrite && (
        <p className="gap-below">
          <Button icon={<Plus size={15} />} onClick={() => setAdding(true)}>
            {t("deliverability.add_provider")}
          </Button>
        </p>
      )}
      {providers.isPending && <ListBones rows={2} />}
      {providers.isError && !providers.data && (
        <ErrorState error={providers.error} retry={() => void providers.refetch()} />
      )}
      {providers.data?.items.length === 0 && (
        <StateNote
          title={t("deliverability.no_providers")}
          text={t("deliverability.no_providers_text")}
        />
      )}
      {providers.data && providers.data.items.length > 0 && (
        <DataTable
          label={t("deliverability.providers")}
          columns={columns}
          rows={providers.data.items}
          rowKey={(row) => row.id}
        />
      )}
      {adding && <NewProvider onClose={() => setAdding(false)} />}
    </section>
  );
}

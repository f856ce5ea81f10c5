import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Modal, Select, Switch } from "antd";
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
  enabled: true,
  auth: "password",
  ca_file: "",
  helo_name: "",
  security: "starttls",
  username: "",
  password: "",
  priority: 0,
  weight: 1,
  connections: 4,
  per_minute: 0,
  domains: [],
};

/** What the form holds: the warm-up's parts are there whether it is on or not. */
type Values = ProviderInput & { warming?: boolean };

function valuesOf(provider: Provider | null): Values {
  if (!provider) return { ...empty, warming: false };
  const { warm_up: warm } = provider;
  const rest: Partial<Provider> = { ...provider };
  delete rest.id;
  delete rest.password_set;
  delete rest.warm_up;
  return {
    ...(rest as ProviderInput),
    password: "",
    warming: warm !== null,
    ...(warm && {
      warm_up: {
        first_day: warm.first_day,
        growth_percent: warm.growth_percent,
        days: warm.days,
        ceiling: warm.ceiling,
      },
    }),
  };
}

/** Limits for recipients at single domains. */
function DomainLimits() {
  const { t } = useTranslation();
  return (
    <Form.List name="domains">
      {(fields, { add, remove }) => (
        <fieldset className="plain-fieldset">
          <legend className="sub-title">{t("deliverability.domain_limits")}</legend>
          {fields.map((field, index) => (
            <div key={field.key} className="form-row">
              <Form.Item
                label={t("deliverability.domain")}
                name={[field.name, "domain"]}
                rules={[{ required: true, message: t("deliverability.domain_needed") }]}
                className="grow"
              >
                <Input placeholder="gmail.com" maxLength={253} />
              </Form.Item>
              <Form.Item
                label={t("deliverability.per_minute")}
                name={[field.name, "per_minute"]}
                initialValue={0}
              >
                <InputNumber min={0} max={10_000_000} precision={0} />
              </Form.Item>
              <Form.Item
                label={t("deliverability.connections")}
                name={[field.name, "connections"]}
                initialValue={0}
              >
                <InputNumber min={0} max={1000} precision={0} />
              </Form.Item>
              <Button
                type="text"
                className="row-button"
                icon={<Trash2 size={15} />}
                aria-label={t("deliverability.remove", { name: `${index + 1}` })}
                onClick={() => remove(field.name)}
              />
            </div>
          ))}
          <Button icon={<Plus size={15} />} className="gap-below" onClick={() => add()}>
            {t("deliverability.add_limit")}
          </Button>
        </fieldset>
      )}
    </Form.List>
  );
}

/** A plan that lets a new sender's volume grow from day to day. */
function WarmUp({ on }: { on: boolean }) {
  const { t } = useTranslation();
  const number = (name: string, label: string, low: number, high: number, first: number) => (
    <Form.Item label={label} name={["warm_up", name]} initialValue={first}>
      <InputNumber min={low} max={high} precision={0} />
    </Form.Item>
  );
  return (
    <>
      <Form.Item
        name="warming"
        valuePropName="checked"
        label={t("deliverability.warm_up")}
        extra={t("deliverability.warm_up_note")}
      >
        <Switch />
      </Form.Item>
      {on && (
        <div className="form-row">
          {number("first_day", t("deliverability.first_day"), 1, 10_000_000, 500)}
          {number("growth_percent", t("deliverability.growth"), 1, 1000, 50)}
          {number("days", t("deliverability.days"), 1, 365, 30)}
          {number("ceiling", t("deliverability.ceiling"), 0, 100_000_000, 0)}
        </div>
      )}
    </>
  );
}

/** What few servers need, and whether it is used at all. */
function SpecialFields() {
  const { t } = useTranslation();
  return (
    <>
      <div className="form-row">
        <Form.Item label={t("deliverability.auth")} name="auth">
          <Select
            popupMatchSelectWidth={false}
            options={[
              { value: "password", label: t("auth.password") },
              { value: "xoauth2", label: t("deliverability.access_token") },
            ]}
          />
        </Form.Item>
        <Form.Item label={t("deliverability.helo_name")} name="helo_name" className="grow">
          <Input placeholder="mail.example.com" maxLength={253} />
        </Form.Item>
      </div>
      <Form.Item
        label={t("deliverability.ca_file")}
        name="ca_file"
        extra={t("deliverability.ca_file_note")}
      >
        <Input placeholder="/etc/ssl/private-ca.pem" maxLength={1024} />
      </Form.Item>
      <Form.Item label={t("deliverability.enabled")} name="enabled" valuePropName="checked">
        <Switch />
      </Form.Item>
    </>
  );
}

function ProviderForm({ provider, onClose }: { provider: Provider | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<Values>();
  const warming = Form.useWatch("warming", form) ?? provider?.warm_up != null;
  const { busy, run } = useChange(form);
  const submit = async ({ password, warming: warm, ...values }: Values) => {
    const input: Values = { ...valuesOf(provider), ...values };
    delete input.warming;
    delete input.password;
    if (password) input.password = password;
    if (!warm) delete input.warm_up;
    const done = await run(() =>
      provider
        ? deliverability.updateProvider(provider.id, input)
        : deliverability.createProvider(input),
    );
    if (!done) return;
    await client.invalidateQueries({ queryKey });
    onClose();
  };
  return (
    <Modal
      open
      title={provider ? provider.name : t("deliverability.add_provider")}
      width={640}
      onCancel={onClose}
      onOk={form.submit}
      okText={provider ? t("common.save") : t("deliverability.add")}
      confirmLoading={busy}
    >
      <Form<Values>
        name="carrier"
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={valuesOf(provider)}
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
          <Form.Item label={t("deliverability.connections")} name="connections">
            <InputNumber min={1} max={1000} precision={0} />
          </Form.Item>
        </div>
        <SpecialFields />
        <DomainLimits />
        <WarmUp on={warming} />
      </Form>
    </Modal>
  );
}

export function Providers() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayWrite = useCan("settings.write");
  const [open, setOpen] = useState<Provider | "new" | null>(null);
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
          {mayWrite ? (
            <button type="button" className="link-button" onClick={() => setOpen(row)}>
              {row.name}
            </button>
          ) : (
            <span>{row.name}</span>
          )}
          <small className="muted">
            {`${row.host}:${row.port}`}
            {!row.enabled && ` · ${t("deliverability.not_used")}`}
          </small>
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
          <Button icon={<Plus size={15} />} onClick={() => setOpen("new")}>
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
      {open && (
        <ProviderForm provider={open === "new" ? null : open} onClose={() => setOpen(null)} />
      )}
    </section>
  );
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { RefreshCw, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { Pill, type Tone } from "@/components/Pill";
import { Snippet } from "@/components/Snippet";
import { useCan } from "@/lib/session";
import { deliverability, type RecordCheck, type SendingDomain } from "./operations";
import { useChange } from "./useChange";

const queryKey = ["deliverability", "domains"];

const tones: Record<string, Tone> = { ok: "good", missing: "bad", different: "warn" };

/** Explicit, so that the check of translations sees each key. */
function useWords() {
  const { t } = useTranslation();
  const purposes: Record<string, string> = {
    dkim: t("deliverability.purpose_dkim"),
    spf: t("deliverability.purpose_spf"),
    dmarc: t("deliverability.purpose_dmarc"),
    return_spf: t("deliverability.purpose_return_spf"),
    return_mx: t("deliverability.purpose_return_mx"),
  };
  const states: Record<string, string> = {
    ok: t("deliverability.state_ok"),
    missing: t("deliverability.state_missing"),
    different: t("deliverability.state_different"),
    could_not_look_up: t("deliverability.state_unknown"),
  };
  return {
    purpose: (name: string) => purposes[name] ?? name,
    state: (name: string) => states[name] ?? name,
  };
}

function Domain({ domain }: { domain: SendingDomain }) {
  const { t } = useTranslation();
  const words = useWords();
  const client = useQueryClient();
  const mayWrite = useCan("settings.write");
  const { run } = useChange();
  const check = useMutation({ mutationFn: () => deliverability.checkDomain(domain.domain) });
  const found = (purpose: string, name: string): RecordCheck | undefined =>
    check.data?.items.find((item) => item.purpose === purpose && item.name === name);
  return (
    <section aria-label={domain.domain} className="gap-below">
      <h3 className="snippet-title">{domain.domain}</h3>
      <p className="gap-below">
        <Button
          size="small"
          icon={<RefreshCw size={13} />}
          loading={check.isPending}
          onClick={() => check.mutate()}
        >
          {t("deliverability.check")}
        </Button>{" "}
        {mayWrite && (
          <Button
            size="small"
            type="text"
            icon={<Trash2 size={15} />}
            aria-label={t("deliverability.remove", { name: domain.domain })}
            onClick={() =>
              void run(async () => {
                await deliverability.removeDomain(domain.domain);
                await client.invalidateQueries({ queryKey });
              })
            }
          />
        )}
      </p>
      {check.isError && <ErrorState error={check.error} retry={() => check.mutate()} />}
      <ul className="plain-list">
        {domain.records.map((record) => {
          const result = found(record.purpose, record.name);
          return (
            <li key={record.purpose + record.name} className="gap-below">
              <p>
                <strong>{words.purpose(record.purpose)}</strong>{" "}
                <span className="muted">{`${record.type} ${record.name}`}</span>{" "}
                {result && (
                  <Pill tone={tones[result.status] ?? "neutral"}>{words.state(result.status)}</Pill>
                )}
              </p>
              <Snippet text={record.value} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface Values {
  domain: string;
  return_domain: string;
}

function NewDomain() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<Values>();
  const { busy, run } = useChange(form);
  const submit = async (values: Values) => {
    const done = await run(() => deliverability.createDomain(values.domain, values.return_domain));
    if (!done) return;
    form.resetFields();
    await client.invalidateQueries({ queryKey });
  };
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ domain: "", return_domain: "" }}
      onFinish={(values) => void submit(values)}
      className="settings-form"
    >
      <div className="form-row">
        <Form.Item
          label={t("deliverability.domain")}
          name="domain"
          rules={[{ required: true, message: t("deliverability.domain_needed") }]}
          className="grow"
        >
          <Input placeholder="shop.example" maxLength={253} />
        </Form.Item>
        <Form.Item
          label={t("deliverability.return_domain")}
          name="return_domain"
          extra={t("deliverability.return_domain_note")}
          className="grow"
        >
          <Input placeholder="in.shop.example" maxLength={253} />
        </Form.Item>
      </div>
      <Button htmlType="submit" loading={busy}>
        {t("deliverability.add_domain")}
      </Button>
    </Form>
  );
}

export function Domains() {
  const { t } = useTranslation();
  const mayWrite = useCan("settings.write");
  const domains = useQuery({
    queryKey,
    queryFn: ({ signal }) => deliverability.domains(signal),
  });
  return (
    <section>
      <h2 className="section-title">{t("deliverability.domains")}</h2>
      <p className="section-note">{t("deliverability.domains_note")}</p>
      {domains.isPending && <ListBones rows={2} />}
      {domains.isError && !domains.data && (
        <ErrorState error={domains.error} retry={() => void domains.refetch()} />
      )}
      {domains.data?.items.map((domain) => (
        <Domain key={domain.domain} domain={domain} />
      ))}
      {mayWrite && <NewDomain />}
    </section>
  );
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal, Radio, Select } from "antd";
import { PenLine } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { api } from "@/api/operations";
import type { ConsentRecord, ConsentState, CustomerConsent } from "@/api/types";
import { PageBones } from "@/components/Bones";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { Pill, type Tone } from "@/components/Pill";
import { Time } from "@/components/Time";
import { useCursor } from "@/lib/address";
import { displayName } from "@/lib/people";
import { useCan } from "@/lib/session";
import { useTopics } from "./topics";
import { useChange } from "./useChange";

const tones: Record<string, Tone> = { given: "good", withdrawn: "bad", requested: "busy" };

interface Change {
  topic_id: string;
  status: string;
  source: string;
  proof: string;
}

function ChangeConsent({ customerId, onClose }: { customerId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const topics = useTopics();
  const [form] = Form.useForm<Change>();
  const { busy, run } = useChange(form);
  const given = Form.useWatch("status", form) === "given";
  const options = (topics.data?.items ?? [])
    .filter((topic) => !topic.archived)
    .map((topic) => ({ value: topic.id, label: topic.name }));
  if (!given) options.unshift({ value: "all", label: t("permission.all_topics") });
  const submit = async (values: Change) => {
    const { proof, ...rest } = values;
    const saved = await run(async () => {
      await api.changeConsent(customerId, { ...rest, ...(proof && { proof: { note: proof } }) });
      await client.invalidateQueries({ queryKey: ["consent", customerId] });
    }, t("permission.consent_recorded"));
    if (saved) onClose();
  };
  return (
    <Modal
      open
      title={t("permission.record_consent")}
      onCancel={onClose}
      onOk={form.submit}
      okText={t("permission.record")}
      confirmLoading={busy}
    >
      <Form<Change>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ status: "given", source: "", proof: "" }}
        onFinish={(values) => void submit(values)}
      >
        <Form.Item label={t("permission.they")} name="status">
          <Radio.Group
            options={[
              { value: "given", label: t("consent.given") },
              { value: "withdrawn", label: t("consent.withdrawn") },
            ]}
          />
        </Form.Item>
        <Form.Item
          label={t("permission.topic")}
          name="topic_id"
          rules={[{ required: true, message: t("permission.topic_needed") }]}
        >
          <Select options={options} />
        </Form.Item>
        <Form.Item
          label={t("permission.source")}
          name="source"
          rules={[{ required: true, whitespace: true, message: t("permission.source_needed") }]}
        >
          <Input maxLength={200} placeholder={t("permission.source_example")} />
        </Form.Item>
        <Form.Item
          label={t("permission.proof")}
          name="proof"
          extra={t("permission.proof_note")}
          rules={given ? [{ required: true, message: t("permission.proof_needed") }] : []}
        >
          <Input.TextArea rows={2} maxLength={1_000} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function useStateColumns(): Column<ConsentState>[] {
  const { t } = useTranslation();
  return [
    {
      key: "topic",
      title: t("permission.topic"),
      primary: true,
      render: (row) => (row.topic_id === "all" ? t("permission.all_topics") : row.topic),
    },
    { key: "channel", title: t("permission.channel"), render: (row) => row.channel },
    {
      key: "said",
      title: t("permission.they"),
      render: (row) => (
        <Pill tone={tones[row.status] ?? "neutral"}>{t(`consent.${row.status}`)}</Pill>
      ),
    },
    {
      key: "allowed",
      title: t("permission.may_send"),
      render: (row) => (row.allowed ? t("permission.yes") : t("permission.no")),
    },
    { key: "at", title: t("permission.since"), render: (row) => <Time at={row.at} style="date" /> },
  ];
}

function useHistoryColumns(): Column<ConsentRecord>[] {
  const { t } = useTranslation();
  return [
    {
      key: "what",
      title: t("permission.they"),
      primary: true,
      render: (row) => (
        <span className="two-lines">
          <span>
            {t(`consent.${row.status}`)}:{" "}
            {row.topic_id === "all" ? t("permission.all_topics") : row.topic} ({row.channel})
          </span>
          {row.text && <q className="faint">{row.text}</q>}
        </span>
      ),
    },
    { key: "at", title: t("chart.when"), render: (row) => <Time at={row.at} /> },
    {
      key: "how",
      title: t("permission.source"),
      render: (row) => (
        <span className="two-lines">
          {row.source}
          <span className="faint">{[row.actor, row.address].filter(Boolean).join(" · ")}</span>
        </span>
      ),
    },
    {
      key: "proof",
      title: t("permission.proof"),
      render: (row) =>
        Object.keys((row.proof ?? {}) as object).length > 0 ? (
          <details>
            <summary>{t("permission.show_proof")}</summary>
            <code className="wrap">{JSON.stringify(row.proof)}</code>
          </details>
        ) : (
          "–"
        ),
    },
  ];
}

function Consent({ consent }: { consent: CustomerConsent }) {
  const { t } = useTranslation();
  const states = useStateColumns();
  const history = useHistoryColumns();
  return (
    <div className="stack">
      <section>
        <h2 className="section-title">{t("permission.where_they_stand")}</h2>
        {consent.states.length === 0 && <p className="faint">{t("permission.no_topics")}</p>}
        {consent.states.length > 0 && (
          <DataTable
            label={t("permission.where_they_stand")}
            columns={states}
            rows={consent.states}
            rowKey={(row) => `${row.topic_id}:${row.channel}`}
          />
        )}
      </section>
      <section>
        <h2 className="section-title">{t("permission.history")}</h2>
        {consent.history.length === 0 && <p className="faint">{t("permission.no_history")}</p>}
        {consent.history.length > 0 && (
          <DataTable
            label={t("permission.history")}
            columns={history}
            rows={consent.history}
            rowKey={(row) => `${row.recorded_at}:${row.topic_id}:${row.channel}:${row.status}`}
          />
        )}
      </section>
    </div>
  );
}

export function Component() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const cursor = useCursor();
  const mayWrite = useCan("consent.write");
  const [changing, setChanging] = useState(false);
  const customer = useQuery({
    queryKey: ["customer", id],
    queryFn: ({ signal }) => api.customer(id, signal),
  });
  const consent = useQuery({
    queryKey: ["consent", id, cursor.cursor],
    queryFn: ({ signal }) => api.consent(id, { cursor: cursor.cursor, limit: 50 }, signal),
  });
  if (consent.isPending) return <PageBones />;
  if (!consent.data) {
    return <ErrorState page error={consent.error} retry={() => void consent.refetch()} />;
  }
  const name = customer.data ? displayName(customer.data) || t("customers.anonymous") : "";
  return (
    <>
      <PageHead
        back={{ to: `/customers/${id}`, text: name || t("nav.customers") }}
        title={t("permission.consent")}
        note={t("permission.consent_note")}
        actions={
          mayWrite && (
            <Button icon={<PenLine size={15} />} onClick={() => setChanging(true)}>
              {t("permission.record_consent")}
            </Button>
          )
        }
      />
      <Consent consent={consent.data} />
      <Pager cursor={cursor} next={consent.data.next_cursor} />
      {changing && <ChangeConsent customerId={id} onClose={() => setChanging(false)} />}
    </>
  );
}

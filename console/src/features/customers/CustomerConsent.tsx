import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { PenLine } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { ConsentRecord, ConsentState, Customer, CustomerConsent as Said } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { Pager } from "@/components/Pager";
import { Pill, type Tone } from "@/components/Pill";
import { Time } from "@/components/Time";
import { useCursor } from "@/lib/address";
import { useCan } from "@/lib/session";
import { ChangeConsent } from "./ChangeConsent";
import { CustomerSuppressions } from "./CustomerSuppressions";
import { NotSent } from "./NotSent";

const tones: Record<string, Tone> = { given: "good", withdrawn: "bad", requested: "busy" };

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

/** Where the customer stands, and every word and proof behind it. */
function Consent({ consent }: { consent: Said }) {
  const { t } = useTranslation();
  const states = useStateColumns();
  const history = useHistoryColumns();
  return (
    <>
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
    </>
  );
}

/** What may be sent to the customer and what was not, each with its reason. */
export function CustomerConsent({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const cursor = useCursor();
  const mayWrite = useCan("consent.write");
  const maySeeCampaigns = useCan("campaigns.read");
  const [changing, setChanging] = useState(false);
  const query = { cursor: cursor.cursor, limit: 50 };
  const consent = useQuery({
    queryKey: ["consent", customer.id, query],
    queryFn: ({ signal }) => api.consent(customer.id, query, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="stack">
      <div className="row">
        <p className="muted">{t("permission.consent_note")}</p>
        {mayWrite && (
          <Button icon={<PenLine size={15} />} onClick={() => setChanging(true)}>
            {t("permission.record_consent")}
          </Button>
        )}
      </div>
      {maySeeCampaigns && <CustomerSuppressions customer={customer} />}
      {consent.isPending && <ListBones rows={4} />}
      {consent.isError && !consent.data && (
        <ErrorState error={consent.error} retry={() => void consent.refetch()} />
      )}
      {consent.data && <Consent consent={consent.data} />}
      <Pager cursor={cursor} next={consent.data?.next_cursor} busy={consent.isPlaceholderData} />
      {maySeeCampaigns && <NotSent customerId={customer.id} />}
      {changing && <ChangeConsent customerId={customer.id} onClose={() => setChanging(false)} />}
    </div>
  );
}

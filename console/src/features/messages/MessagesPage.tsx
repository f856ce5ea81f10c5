import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { Message } from "@/api/types";
import { MessageList, OutcomeSelect } from "@/components/MessageList";
import { PageHead } from "@/components/PageHead";
import { useAddressFilter, useRested } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { displayName, emailOf } from "@/lib/people";
import { dayStart, nextDay } from "@/lib/zones";

/** Chooses a campaign by its name. */
function CampaignFilter({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { t } = useTranslation();
  const campaigns = useQuery({
    queryKey: ["campaigns", "choice"],
    queryFn: ({ signal }) => api.campaigns({ limit: 500 }, signal),
    staleTime: 60_000,
  });
  return (
    <Select<string>
      className="filter-wide"
      allowClear
      value={value || null}
      onChange={(id) => onChange(id ?? "")}
      showSearch={{ optionFilterProp: "label" }}
      placeholder={t("messages.any_campaign")}
      aria-label={t("campaigns.campaign")}
      popupMatchSelectWidth={280}
      options={(campaigns.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
    />
  );
}

/** Chooses a customer by any word of the name or by an identifier. */
function CustomerFilter({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const rested = useRested(typed.trim(), 200);
  const found = useQuery({
    queryKey: ["customers", "reader", rested],
    queryFn: ({ signal }) => api.customers({ query: rested, limit: 20 }, signal),
    placeholderData: keepPreviousData,
  });
  const chosen = useQuery({
    queryKey: ["customer", value],
    queryFn: ({ signal }) => api.customer(value, signal),
    enabled: value !== "",
    staleTime: 60_000,
  });
  const people = [...(found.data?.items ?? [])];
  if (chosen.data && !people.some((one) => one.id === value)) people.unshift(chosen.data);
  return (
    <Select<string>
      className="filter-wide"
      allowClear
      value={value || null}
      onChange={(id) => onChange(id ?? "")}
      showSearch={{ onSearch: setTyped, filterOption: false }}
      placeholder={t("messages.any_customer")}
      aria-label={t("messages.customer")}
      popupMatchSelectWidth={280}
      options={people.map((one) => ({
        value: one.id,
        label: displayName(one) || emailOf(one) || one.id,
      }))}
    />
  );
}

/** Every message of the workspace, whatever caused it, newest first. */
export function Component() {
  const { t } = useTranslation();
  const zone = useFormat().timeZone;
  const [outcome, setOutcome] = useAddressFilter("outcome");
  const [campaign, setCampaign] = useAddressFilter("campaign");
  const [customer, setCustomer] = useAddressFilter("customer");
  const [kind, setKind] = useAddressFilter("kind");
  const [channel, setChannel] = useAddressFilter("channel");
  const [from, setFrom] = useAddressFilter("from");
  const [until, setUntil] = useAddressFilter("until");
  const about = (message: Message) =>
    message.campaign_id
      ? { to: `/campaigns/${message.campaign_id}`, text: t("messages.open_campaign") }
      : { to: `/customers/${message.customer_id}`, text: t("messages.open_customer") };
  const filters = { outcome, kind, channel, campaign_id: campaign, customer_id: customer };
  const filtered = Object.values(filters).some(Boolean) || from !== "" || until !== "";
  return (
    <>
      <PageHead title={t("nav.messages")} note={t("messages.note")} />
      <div className="filters message-filters">
        <OutcomeSelect value={outcome} onChange={setOutcome} more={campaign ? ["converted"] : []} />
        <Select<string>
          value={kind}
          onChange={setKind}
          aria-label={t("messages.kind")}
          popupMatchSelectWidth={false}
          options={["", "campaign", "single"].map((value) => ({
            value,
            label: t(`message_kind.${value || "any"}`),
          }))}
        />
        <Select<string>
          value={channel}
          onChange={setChannel}
          aria-label={t("messages.channel")}
          popupMatchSelectWidth={false}
          options={[
            { value: "", label: t("messages.any_channel") },
            { value: "email", label: t("messages.email") },
          ]}
        />
        <CampaignFilter value={campaign} onChange={(id) => setCampaign(id)} />
        <CustomerFilter value={customer} onChange={setCustomer} />
        <span className="filter-dates">
          <label>
            <span className="muted">{t("messages.from")}</span>
            <Input
              type="date"
              value={from}
              max={until || undefined}
              onChange={(event) => setFrom(event.target.value)}
            />
          </label>
          <label>
            <span className="muted">{t("messages.until")}</span>
            <Input
              type="date"
              value={until}
              min={from || undefined}
              onChange={(event) => setUntil(event.target.value)}
            />
          </label>
        </span>
      </div>
      <MessageList
        filter={{
          ...filters,
          from: from && dayStart(from, zone),
          until: until && dayStart(nextDay(until), zone),
        }}
        filtered={filtered}
        emptyText={t("messages.none_yet")}
        refreshMs={5_000}
        title={(message) =>
          [message.address || t("messages.no_address"), message.subject].filter(Boolean).join(" · ")
        }
        about={about}
      />
    </>
  );
}

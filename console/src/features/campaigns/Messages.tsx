import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { ChevronRight, Mail } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/operations";
import type { Campaign, Message, MessageStatus as Status } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { MessageStatus } from "@/components/CampaignStatus";
import { ErrorState } from "@/components/ErrorState";
import { Pager } from "@/components/Pager";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useAddressFilter, useCursor } from "@/lib/address";

const statuses: Status[] = [
  "queued",
  "sent",
  "delivered",
  "opened",
  "clicked",
  "replied",
  "unsubscribed",
  "bounced",
  "complained",
  "failed",
  "skipped",
];

function Row({ message }: { message: Message }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const panel = useId();
  const last = message.history.at(-1);
  return (
    <li className="event">
      <div className="event-line">
        <button
          type="button"
          className="event-button"
          aria-expanded={open}
          aria-controls={panel}
          onClick={() => setOpen(!open)}
        >
          <ChevronRight size={14} className="event-chevron" aria-hidden />
          <span className="event-text">{message.address || t("messages.no_address")}</span>
        </button>
        <MessageStatus status={message.status} />
        <span className="event-time">
          <Time at={last?.at} />
        </span>
      </div>
      <div id={panel} hidden={!open}>
        {open && (
          <div className="history">
            <p>
              {message.subject} ·{" "}
              <Link to={`/customers/${message.customer_id}`}>{t("messages.open_customer")}</Link>
            </p>
            <ol>
              {message.history.map((step, index) => (
                <li key={index}>
                  <MessageStatus status={step.status} />
                  <span className="muted">
                    <Time at={step.at} style="full" />
                  </span>
                  {step.detail && <span className="history-detail">{step.detail}</span>}
                </li>
              ))}
            </ol>
          </div>
        )}
      </div>
    </li>
  );
}

/** One row per recipient, each with what happened to the message. */
export function Messages({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const [status, setStatus] = useAddressFilter("status");
  const cursor = useCursor();
  const query = { campaign_id: campaign.id, status, cursor: cursor.cursor, limit: 50 };
  const messages = useQuery({
    queryKey: ["messages", query],
    queryFn: ({ signal }) => api.messages(query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: campaign.status === "done" ? false : 3_000,
  });
  const rows = messages.data?.items ?? [];
  return (
    <>
      <div className="filters">
        <Select<string>
          value={status}
          onChange={setStatus}
          options={[
            { value: "", label: t("messages.any_status") },
            ...statuses.map((value) => ({ value, label: t(`status.${value}`) })),
          ]}
          aria-label={t("campaigns.status")}
          popupMatchSelectWidth={false}
        />
      </div>
      {messages.isPending && <ListBones />}
      {messages.isError && !messages.data && (
        <ErrorState error={messages.error} retry={() => void messages.refetch()} />
      )}
      {messages.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<Mail size={22} />}
          title={t("messages.none_title")}
          text={status ? t("messages.none_status") : t("messages.none_text")}
        />
      )}
      <ul className={messages.isPlaceholderData ? "is-dim" : undefined}>
        {rows.map((message) => (
          <Row key={message.id} message={message} />
        ))}
      </ul>
      <Pager cursor={cursor} next={messages.data?.next_cursor} busy={messages.isPlaceholderData} />
    </>
  );
}

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { Mail } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { Campaign, MessageStatus as Status } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { MessageRow } from "@/components/MessageRow";
import { Pager } from "@/components/Pager";
import { StateNote } from "@/components/StateNote";
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
          <MessageRow
            key={message.id}
            message={message}
            title={message.address || t("messages.no_address")}
            about={{ to: `/customers/${message.customer_id}`, text: t("messages.open_customer") }}
          />
        ))}
      </ul>
      <Pager cursor={cursor} next={messages.data?.next_cursor} busy={messages.isPlaceholderData} />
    </>
  );
}

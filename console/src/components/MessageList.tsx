import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { Mail } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { Message } from "@/api/types";
import { useCursor } from "@/lib/address";
import { ListBones } from "./Bones";
import { ErrorState } from "./ErrorState";
import { MessageRow } from "./MessageRow";
import { Pager } from "./Pager";
import { StateNote } from "./StateNote";

/** What messages can come to, in the order in which it happens. */
const outcomes = [
  "waiting",
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
  "withheld",
  "machine_opened",
  "machine_clicked",
] as const;

/** Chooses what the messages came to; `more` are outcomes that only some lists know. */
export function OutcomeSelect({
  value,
  onChange,
  more = [],
}: {
  value: string;
  onChange: (value: string) => void;
  more?: string[];
}) {
  const { t } = useTranslation();
  return (
    <Select<string>
      value={value}
      onChange={onChange}
      options={[
        { value: "", label: t("messages.any_status") },
        ...[...outcomes, ...more].map((one) => ({ value: one, label: t(`status.${one}`) })),
      ]}
      aria-label={t("campaigns.status")}
      popupMatchSelectWidth={false}
    />
  );
}

type Filter = Omit<Parameters<typeof api.messages>[0], "cursor" | "limit">;

/** The messages of a filter, newest first, each opening into its history. */
export function MessageList({
  filter,
  refreshMs,
  title,
  about,
  filtered,
  emptyText,
}: {
  filter: Filter;
  refreshMs: number | false;
  title: (message: Message) => string;
  about: (message: Message) => { to: string; text: string };
  /** Whether less than everything is asked for, so that "none" does not say "none yet". */
  filtered: boolean;
  emptyText: string;
}) {
  const { t } = useTranslation();
  const cursor = useCursor();
  const query = { ...filter, order: "newest", cursor: cursor.cursor, limit: 50 };
  const messages = useQuery({
    queryKey: ["messages", query],
    queryFn: ({ signal }) => api.messages(query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: cursor.cursor ? false : refreshMs,
  });
  const rows = messages.data?.items ?? [];
  return (
    <>
      {messages.isPending && <ListBones />}
      {messages.isError && !messages.data && (
        <ErrorState error={messages.error} retry={() => void messages.refetch()} />
      )}
      {messages.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<Mail size={22} />}
          title={t("messages.none_title")}
          text={filtered ? t("messages.none_status") : emptyText}
        />
      )}
      <ul className={messages.isPlaceholderData ? "message-list is-dim" : "message-list"}>
        {rows.map((message) => (
          <MessageRow
            key={message.id}
            message={message}
            title={title(message)}
            about={about(message)}
          />
        ))}
      </ul>
      <Pager cursor={cursor} next={messages.data?.next_cursor} busy={messages.isPlaceholderData} />
    </>
  );
}

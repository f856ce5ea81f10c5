import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Mail } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { MessageRow } from "@/components/MessageRow";
import { Pager } from "@/components/Pager";
import { StateNote } from "@/components/StateNote";
import { useCursor } from "@/lib/address";

/** What the customer got from us and what they did with it. */
export function CustomerMessages({ customerId }: { customerId: string }) {
  const { t } = useTranslation();
  const cursor = useCursor();
  const query = { customer_id: customerId, cursor: cursor.cursor, limit: 50 };
  const messages = useQuery({
    queryKey: ["messages", query],
    queryFn: ({ signal }) => api.messages(query, signal),
    placeholderData: keepPreviousData,
  });
  const rows = messages.data?.items ?? [];
  return (
    <section aria-label={t("timeline.messages")}>
      {messages.isPending && <ListBones rows={4} />}
      {messages.isError && !messages.data && (
        <ErrorState error={messages.error} retry={() => void messages.refetch()} />
      )}
      {messages.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<Mail size={22} />}
          title={t("customers.no_messages")}
          text={t("customers.no_messages_text")}
        />
      )}
      <ul>
        {rows.map((message) => (
          <MessageRow
            key={message.id}
            message={message}
            title={message.subject || t("composer.no_subject")}
            about={{ to: `/campaigns/${message.campaign_id}`, text: t("messages.open_campaign") }}
          />
        ))}
      </ul>
      <Pager cursor={cursor} next={messages.data?.next_cursor} busy={messages.isPlaceholderData} />
    </section>
  );
}

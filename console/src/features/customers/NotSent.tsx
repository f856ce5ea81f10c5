import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/operations";
import type { Message } from "@/api/types";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { reasonText } from "@/components/permissionSentence";
import { Time } from "@/components/Time";

/** Messages that were held back from the customer, newest first, and why. */
export function NotSent({ customerId }: { customerId: string }) {
  const { t } = useTranslation();
  const query = { customer_id: customerId, outcome: "skipped", order: "newest", limit: 20 };
  const messages = useInfiniteQuery({
    queryKey: ["messages", "not-sent", query],
    queryFn: ({ signal, pageParam }) => api.messages({ ...query, cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
  const rows = (messages.data?.pages ?? []).flatMap((page) => page.items);
  const columns: Column<Message>[] = [
    {
      key: "subject",
      title: t("timeline.messages"),
      primary: true,
      render: (row) => <Link to={`/messages/${row.id}`}>{row.subject || t("messages.open")}</Link>,
    },
    {
      key: "why",
      title: t("permission.why"),
      render: (row) => reasonText(row.history.at(-1)?.detail ?? "", t),
    },
    { key: "at", title: t("chart.when"), render: (row) => <Time at={row.history.at(-1)?.at} /> },
  ];
  return (
    <section>
      <h2 className="section-title">{t("permission.not_sent")}</h2>
      {messages.isError && !messages.data && (
        <ErrorState error={messages.error} retry={() => void messages.refetch()} />
      )}
      {messages.isSuccess && rows.length === 0 && (
        <p className="faint">{t("permission.nothing_held_back")}</p>
      )}
      {rows.length > 0 && (
        <DataTable
          label={t("permission.not_sent")}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
        />
      )}
      {messages.hasNextPage && (
        <Button
          block
          loading={messages.isFetchingNextPage}
          onClick={() => void messages.fetchNextPage()}
        >
          {t("events.older")}
        </Button>
      )}
    </section>
  );
}

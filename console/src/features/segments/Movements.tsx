// Who entered and left between two moments, and why.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { ArrowDownLeft, ArrowUpRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { insight, type Movement } from "@/api/insight";
import { api } from "@/api/operations";
import { ListBones } from "@/components/Bones";
import { CustomerName } from "@/components/CustomerName";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { Time } from "@/components/Time";
import { useAddressFilter } from "@/lib/address";
import { displayName, emailOf } from "@/lib/people";
import { MomentField } from "./MomentField";
import { momentOr } from "./moments";

const perPage = 25;

function Who({ id }: { id: string }) {
  const customer = useQuery({
    queryKey: ["customer", id],
    queryFn: ({ signal }) => api.customer(id, signal),
    staleTime: 60_000,
    retry: false,
  });
  const name = customer.data ? displayName(customer.data) : "";
  return (
    <CustomerName id={id} name={name} note={(customer.data && emailOf(customer.data)) || id} />
  );
}

export function Movements({ segmentId, end }: { segmentId: string; end: number }) {
  const { t } = useTranslation();
  const [fromText, setFrom] = useAddressFilter("from");
  const [toText, setTo] = useAddressFilter("to");
  const [way, setWay] = useAddressFilter("way");
  const from = momentOr(fromText, end - 30 * 86_400_000);
  const to = momentOr(toText, end);
  const changes = useInfiniteQuery({
    queryKey: ["segment-changes", segmentId, from, to],
    queryFn: ({ signal, pageParam }) =>
      insight.changes(segmentId, { from, to, limit: perPage, cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled: from < to,
  });
  const causes: Record<string, string> = {
    event: t("cause.event"),
    trait: t("cause.trait"),
    time: t("cause.time"),
    merge: t("cause.merge"),
    backfill: t("cause.backfill"),
    edit: t("cause.edit"),
  };
  const all = changes.data?.pages.flatMap((page) => page.items) ?? [];
  const rows = all.filter((row) => way === "" || row.entered === (way === "entered"));
  const columns: Column<Movement>[] = [
    {
      key: "customer",
      title: t("customers.customer"),
      primary: true,
      render: (row) => <Who id={row.customer_id} />,
    },
    {
      key: "way",
      title: t("segments.movement"),
      render: (row) => (
        <span className={row.entered ? "movement is-in" : "movement"}>
          {row.entered ? (
            <ArrowDownLeft size={15} aria-hidden />
          ) : (
            <ArrowUpRight size={15} aria-hidden />
          )}
          {row.entered ? t("segments.entered") : t("segments.left")}
        </span>
      ),
    },
    {
      key: "cause",
      title: t("segments.cause"),
      render: (row) => causes[row.cause] ?? row.cause,
    },
    { key: "at", title: t("import.at"), render: (row) => <Time at={row.at} style="full" /> },
  ];
  return (
    <section>
      <div className="panel-head">
        <h2>{t("segments.movements")}</h2>
        <Segmented<string>
          size="small"
          value={way}
          onChange={setWay}
          options={[
            { value: "", label: t("segments.both") },
            { value: "entered", label: t("segments.entered") },
            { value: "left", label: t("segments.left") },
          ]}
          aria-label={t("segments.movement")}
        />
      </div>
      <div className="moments">
        <MomentField label={t("builder.from")} value={from} onChange={setFrom} />
        <MomentField label={t("builder.to")} value={to} onChange={setTo} />
      </div>
      {from >= to && <p className="bad-text">{t("segments.moments_order")}</p>}
      {changes.isPending && from < to && <ListBones rows={3} />}
      {changes.isError && <ErrorState error={changes.error} retry={() => void changes.refetch()} />}
      {changes.isSuccess && rows.length === 0 && (
        <p className="muted">{t("segments.no_movements")}</p>
      )}
      {rows.length > 0 && (
        <DataTable
          label={t("segments.movements")}
          columns={columns}
          rows={rows}
          rowKey={(row) => `${row.customer_id} ${row.at} ${row.entered}`}
          dim={changes.isPlaceholderData}
        />
      )}
      {changes.hasNextPage && (
        <div className="form-end">
          <Button loading={changes.isFetchingNextPage} onClick={() => void changes.fetchNextPage()}>
            {t("segments.more_movements")}
          </Button>
        </div>
      )}
    </section>
  );
}

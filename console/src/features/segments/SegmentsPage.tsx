import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Combine, Plus, Shapes } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/operations";
import type { Segment } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ButtonLink } from "@/components/ButtonLink";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useCursor } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { useCan } from "@/lib/session";
import { Sparkline } from "./Sparkline";

/** The size of one segment; the list itself does not tell it. */
function Size({ segment }: { segment: Segment }) {
  const format = useFormat();
  const loaded = useQuery({
    queryKey: ["segment", segment.id],
    queryFn: ({ signal }) => api.segment(segment.id, signal),
    enabled: segment.count === undefined,
    staleTime: 30_000,
  });
  const count = segment.count ?? loaded.data?.count;
  return count === undefined ? <span className="faint">–</span> : <>{format.number(count)}</>;
}

export function Component() {
  const { t } = useTranslation();
  const cursor = useCursor();
  const mayWrite = useCan("segments.write");
  const query = { cursor: cursor.cursor, limit: 25 };
  const segments = useQuery({
    queryKey: ["segments", query],
    queryFn: ({ signal }) => api.segments(query, signal),
    placeholderData: keepPreviousData,
  });
  const columns: Column<Segment>[] = [
    {
      key: "name",
      title: t("segments.name"),
      primary: true,
      render: (row) => <Link to={`/segments/${row.id}`}>{row.name}</Link>,
    },
    {
      key: "size",
      title: t("nav.customers"),
      numeric: true,
      render: (row) => <Size segment={row} />,
    },
    {
      key: "trend",
      title: t("segments.trend_short"),
      render: (row) => <Sparkline segmentId={row.id} label={t("segments.trend")} />,
    },
    { key: "updated", title: t("segments.updated"), render: (row) => <Time at={row.updated_at} /> },
    {
      key: "created",
      title: t("segments.created"),
      render: (row) => <Time at={row.created_at} style="date" />,
    },
  ];
  const create = mayWrite && (
    <ButtonLink type="primary" to="/segments/new" icon={<Plus size={15} />}>
      {t("segments.new")}
    </ButtonLink>
  );
  const rows = segments.data?.items ?? [];
  return (
    <>
      <PageHead
        title={t("nav.segments")}
        note={t("segments.note")}
        actions={
          rows.length > 0 && (
            <>
              {rows.length > 1 && (
                <ButtonLink to="/segments/overlap" icon={<Combine size={15} />}>
                  {t("overlap.title")}
                </ButtonLink>
              )}
              {create}
            </>
          )
        }
      />
      {segments.isPending && <ListBones />}
      {segments.isError && !segments.data && (
        <ErrorState error={segments.error} retry={() => void segments.refetch()} />
      )}
      {segments.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<Shapes size={22} />}
          title={t("segments.empty_title")}
          text={t("segments.empty_text")}
          action={create}
        />
      )}
      {rows.length > 0 && (
        <DataTable
          label={t("nav.segments")}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          rowTo={(row) => `/segments/${row.id}`}
          dim={segments.isPlaceholderData}
        />
      )}
      <Pager cursor={cursor} next={segments.data?.next_cursor} busy={segments.isPlaceholderData} />
    </>
  );
}

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { LayoutTemplate, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Content, contentApi, type ContentKind } from "@/api/content";
import { ListBones } from "@/components/Bones";
import { ButtonLink } from "@/components/ButtonLink";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useCursor } from "@/lib/address";
import { useCan } from "@/lib/session";
import { placeOf } from "./kinds";
import { Places } from "./Places";

/** The list of one kind of content. */
export function ContentList({ kind }: { kind: ContentKind }) {
  const { t } = useTranslation();
  const place = placeOf(kind);
  const cursor = useCursor();
  const mayWrite = useCan("campaigns.write");
  const query = { cursor: cursor.cursor, limit: 25 };
  const items = useQuery({
    queryKey: ["content", kind, query],
    queryFn: ({ signal }) => contentApi.list(kind, query, signal),
    placeholderData: keepPreviousData,
  });
  const to = (row: Content) => `${place}/${row.id}`;
  const columns: Column<Content>[] = [
    {
      key: "name",
      title: t("content.name"),
      primary: true,
      render: (row) => <Link to={to(row)}>{row.name}</Link>,
    },
    {
      key: "languages",
      title: t("content.languages"),
      render: (row) =>
        row.variants.map((one) => one.language || t("content.default_language")).join(", "),
    },
    { key: "version", title: t("content.version"), numeric: true, render: (row) => row.version },
    { key: "updated", title: t("content.updated"), render: (row) => <Time at={row.updated_at} /> },
    { key: "author", title: t("content.author"), render: (row) => row.author },
  ];
  const create = mayWrite && (
    <ButtonLink type="primary" to={`${place}/new`} icon={<Plus size={15} />}>
      {t(`content.new.${kind}`)}
    </ButtonLink>
  );
  const rows = items.data?.items ?? [];
  return (
    <>
      <PageHead
        title={t("nav.templates")}
        note={t("content.note")}
        actions={rows.length > 0 && create}
      />
      <Places />
      {items.isPending && <ListBones />}
      {items.isError && !items.data && (
        <ErrorState error={items.error} retry={() => void items.refetch()} />
      )}
      {items.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<LayoutTemplate size={22} />}
          title={t(`content.empty.${kind}`)}
          text={t(`content.empty_text.${kind}`)}
          action={create}
        />
      )}
      {rows.length > 0 && (
        <DataTable
          label={t(`content.kind.${kind}`)}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          rowTo={to}
          dim={items.isPlaceholderData}
        />
      )}
      <Pager cursor={cursor} next={items.data?.next_cursor} busy={items.isPlaceholderData} />
    </>
  );
}

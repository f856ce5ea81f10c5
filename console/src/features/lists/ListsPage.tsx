import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { ListChecks, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { type CustomerList, lists } from "@/api/lists";
import { ListBones } from "@/components/Bones";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useCursor } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { useCan } from "@/lib/session";
import { NameModal } from "./NameModal";

/** The size of one list; the page of lists does not tell it. */
function Size({ id }: { id: string }) {
  const format = useFormat();
  const list = useQuery({
    queryKey: ["list", id],
    queryFn: ({ signal }) => lists.one(id, signal),
    staleTime: 10_000,
  });
  const size = list.data?.size;
  return size === undefined ? <span className="faint">–</span> : <>{format.number(size)}</>;
}

export function Component() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const cursor = useCursor();
  const mayWrite = useCan("segments.write");
  const [naming, setNaming] = useState(false);
  const query = { cursor: cursor.cursor, limit: 25 };
  const page = useQuery({
    queryKey: ["lists", query],
    queryFn: ({ signal }) => lists.all(query, signal),
    placeholderData: keepPreviousData,
  });
  const columns: Column<CustomerList>[] = [
    {
      key: "name",
      title: t("lists.name"),
      primary: true,
      render: (row) => <Link to={`/lists/${row.id}`}>{row.name}</Link>,
    },
    {
      key: "size",
      title: t("nav.customers"),
      numeric: true,
      render: (row) => <Size id={row.id} />,
    },
    {
      key: "created",
      title: t("segments.created"),
      render: (row) => <Time at={row.created_at} style="date" />,
    },
  ];
  const create = mayWrite && (
    <Button type="primary" icon={<Plus size={15} />} onClick={() => setNaming(true)}>
      {t("lists.new")}
    </Button>
  );
  const rows = page.data?.items ?? [];
  return (
    <>
      <PageHead title={t("nav.lists")} note={t("lists.note")} actions={rows.length > 0 && create} />
      {page.isPending && <ListBones />}
      {page.isError && !page.data && (
        <ErrorState error={page.error} retry={() => void page.refetch()} />
      )}
      {page.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<ListChecks size={22} />}
          title={t("lists.empty_title")}
          text={t("lists.empty_text")}
          action={create}
        />
      )}
      {rows.length > 0 && (
        <DataTable
          label={t("nav.lists")}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          rowTo={(row) => `/lists/${row.id}`}
          dim={page.isPlaceholderData}
        />
      )}
      <Pager cursor={cursor} next={page.data?.next_cursor} busy={page.isPlaceholderData} />
      {naming && (
        <NameModal
          title={t("lists.new")}
          done={t("lists.create")}
          onClose={() => setNaming(false)}
          onSave={async (name) => {
            const list = await lists.create(name);
            await client.invalidateQueries({ queryKey: ["lists"] });
            void navigate(`/lists/${list.id}?add=file`);
          }}
        />
      )}
    </>
  );
}

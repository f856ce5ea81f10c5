import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { SearchX, UsersRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { Customer } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ButtonLink } from "@/components/ButtonLink";
import { CustomerName } from "@/components/CustomerName";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { Search } from "@/components/Search";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useCursor, useTypedFilter } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { countryOf, displayName, emailOf, identifierOf } from "@/lib/people";

function useColumns(): Column<Customer>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      key: "customer",
      title: t("customers.customer"),
      primary: true,
      render: (row) => (
        <CustomerName
          id={row.id}
          name={displayName(row)}
          note={emailOf(row) || identifierOf(row, "anonymous_id") || row.id}
        />
      ),
    },
    {
      key: "country",
      title: t("customers.country"),
      render: (row) => countryOf(row.traits) || <span className="faint">–</span>,
    },
    {
      key: "events",
      title: t("customers.events"),
      numeric: true,
      render: (row) => format.number(row.event_count),
    },
    {
      key: "first",
      title: t("customers.first_seen"),
      render: (row) => <Time at={row.first_seen} style="date" />,
    },
    { key: "last", title: t("customers.last_seen"), render: (row) => <Time at={row.last_seen} /> },
  ];
}

export function Component() {
  const { t } = useTranslation();
  const search = useTypedFilter("query");
  const cursor = useCursor();
  const columns = useColumns();
  const query = { query: search.value, cursor: cursor.cursor, limit: 50 };
  const customers = useQuery({
    queryKey: ["customers", query],
    queryFn: ({ signal }) => api.customers(query, signal),
    placeholderData: keepPreviousData,
  });
  const rows = customers.data?.items ?? [];
  const empty = customers.isSuccess && rows.length === 0;
  return (
    <>
      <PageHead title={t("nav.customers")} note={t("customers.note")} />
      <div className="filters">
        <Search value={search.typed} onChange={search.setTyped} label={t("customers.search")} />
      </div>
      {customers.isPending && <ListBones />}
      {customers.isError && !customers.data && (
        <ErrorState error={customers.error} retry={() => void customers.refetch()} />
      )}
      {empty && search.value && (
        <StateNote
          icon={<SearchX size={22} />}
          title={t("customers.none_found", { query: search.value })}
          text={t("customers.none_found_text")}
        />
      )}
      {empty && !search.value && (
        <StateNote
          icon={<UsersRound size={22} />}
          title={t("customers.empty_title")}
          text={t("customers.empty_text")}
          action={
            <ButtonLink type="primary" to="/">
              {t("customers.empty_action")}
            </ButtonLink>
          }
        />
      )}
      {rows.length > 0 && (
        <DataTable
          label={t("nav.customers")}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          rowTo={(row) => `/customers/${row.id}`}
          dim={customers.isPlaceholderData}
        />
      )}
      <Pager
        cursor={cursor}
        next={customers.data?.next_cursor}
        busy={customers.isPlaceholderData}
      />
    </>
  );
}

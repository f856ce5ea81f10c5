import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { Download, SearchX, UsersRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { exportAddress } from "@/api/audience";
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
import { useAddressFilter, useCursor, useTypedFilter } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { countryOf, displayName, emailOf, identifierOf } from "@/lib/people";
import { useCan, useSession } from "@/lib/session";
import { ColumnChooser, useColumnTitle } from "./ColumnChooser";
import { exportColumns, keepColumns, parseColumns, readKeptColumns, usualColumns } from "./columns";
import { TraitText } from "./TraitText";
import { traitAt } from "./traitValues";

function Cell({ customer, column }: { customer: Customer; column: string }) {
  const format = useFormat();
  const nothing = <span className="faint">–</span>;
  if (column === "events") return <>{format.number(customer.event_count)}</>;
  if (column === "first") return <Time at={customer.first_seen} style="date" />;
  if (column === "last") return <Time at={customer.last_seen} />;
  if (column === "trait:country") return <>{countryOf(customer.traits) || nothing}</>;
  if (column.startsWith("identifier:")) {
    return <>{identifierOf(customer, column.slice("identifier:".length)) || nothing}</>;
  }
  const value = traitAt(customer.traits, column.slice("trait:".length));
  return value === undefined || value === null ? nothing : <TraitText value={value} />;
}

function useColumns(keys: string[]): Column<Customer>[] {
  const { t } = useTranslation();
  const title = useColumnTitle();
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
    ...keys.map((key) => ({
      key,
      title: title(key),
      numeric: key === "events",
      render: (row: Customer) => <Cell customer={row} column={key} />,
    })),
  ];
}

/** The chosen columns: of the address, else of this user, else the usual ones. */
function useChosenColumns(): [string[], (keys: string[]) => void] {
  const session = useSession().data;
  const [search, setSearch] = useSearchParams();
  const workspace = session?.workspace.id ?? "";
  const user = session?.user.id ?? "";
  const chosen =
    parseColumns(search.get("columns")) ?? readKeptColumns(workspace, user) ?? usualColumns;
  const choose = (keys: string[]) => {
    keepColumns(workspace, user, keys);
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (keys.join() === usualColumns.join()) after.delete("columns");
        else after.set("columns", keys.join(","));
        return after;
      },
      { replace: true },
    );
  };
  return [chosen, choose];
}

function SegmentFilter({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { t } = useTranslation();
  const segments = useQuery({
    queryKey: ["segments", "choice"],
    queryFn: ({ signal }) => api.segments({ limit: 500 }, signal),
    staleTime: 60_000,
  });
  const items = segments.data?.items ?? [];
  if (segments.isSuccess && items.length === 0 && !value) return null;
  return (
    <Select<string>
      className="filter-select"
      value={value || undefined}
      onChange={(id) => onChange(id ?? "")}
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      loading={segments.isPending}
      placeholder={t("customers.in_segment")}
      aria-label={t("customers.in_segment")}
      options={items.map((item) => ({ value: item.id, label: item.name }))}
      popupMatchSelectWidth={false}
    />
  );
}

function Nobody({ filtered, query }: { filtered: boolean; query: string }) {
  const { t } = useTranslation();
  if (filtered) {
    return (
      <StateNote
        icon={<SearchX size={22} />}
        title={query ? t("customers.none_found", { query }) : t("segments.nobody")}
        text={query ? t("customers.none_found_text") : t("segments.nobody_text")}
      />
    );
  }
  return (
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
  );
}

export function Component() {
  const { t } = useTranslation();
  const search = useTypedFilter("query");
  const [segmentId, setSegmentId] = useAddressFilter("segment");
  const cursor = useCursor();
  const [chosen, choose] = useChosenColumns();
  const columns = useColumns(chosen);
  const mayExport = useCan("customers.export");
  const query = {
    query: search.value,
    segment_id: segmentId,
    cursor: cursor.cursor,
    limit: 50,
  };
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
        <SegmentFilter value={segmentId} onChange={setSegmentId} />
        <div className="filters-end row">
          <ColumnChooser columns={chosen} onChange={choose} />
          {mayExport && rows.length > 0 && (
            <Button
              icon={<Download size={15} />}
              href={exportAddress(search.value, segmentId, exportColumns(chosen))}
              download="customers.csv"
            >
              {t("customers.export")}
            </Button>
          )}
        </div>
      </div>
      {customers.isPending && <ListBones />}
      {customers.isError && !customers.data && (
        <ErrorState error={customers.error} retry={() => void customers.refetch()} />
      )}
      {empty && <Nobody filtered={search.value !== "" || segmentId !== ""} query={search.value} />}
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

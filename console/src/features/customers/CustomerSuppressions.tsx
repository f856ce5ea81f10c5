import { useQueries } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/operations";
import type { Customer, Suppression } from "@/api/types";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { Time } from "@/components/Time";
import { emailOf, identifierOf } from "@/lib/people";

/** Every address under which the customer can be written to, each once, in small letters. */
function addressesOf(customer: Customer): string[] {
  const held = customer.identifiers
    .filter((identifier) => identifier.kind === "email" || identifier.kind === "phone")
    .map((identifier) => identifier.value);
  const all = [...held, emailOf(customer), identifierOf(customer, "phone")];
  return [...new Set(all.map((address) => address.toLowerCase()).filter(Boolean))].slice(0, 10);
}

/** Which of the customer's addresses are never written to, and why. */
export function CustomerSuppressions({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const found = useQueries({
    queries: addressesOf(customer).map((address) => ({
      queryKey: ["suppressions", { query: address }],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const page = await api.suppressions({ query: address, limit: 50 }, signal);
        // The query finds what begins like this; only the whole address counts.
        return page.items.filter((row) => row.address?.toLowerCase() === address);
      },
    })),
  });
  const failed = found.find((one) => one.isError && !one.data);
  const rows = found.flatMap((one) => one.data ?? []);
  const columns: Column<Suppression>[] = [
    {
      key: "address",
      title: t("permission.address"),
      primary: true,
      render: (row) => (
        <Link to={`/suppressions?query=${encodeURIComponent(row.address ?? "")}`}>
          {row.address}
        </Link>
      ),
    },
    { key: "channel", title: t("permission.channel"), render: (row) => row.channel },
    {
      key: "reason",
      title: t("permission.reason"),
      render: (row) => (
        <span className="two-lines">
          {t(`suppression.${row.reason}`)}
          {row.detail && <span className="faint">{row.detail}</span>}
        </span>
      ),
    },
    { key: "at", title: t("permission.since"), render: (row) => <Time at={row.at} style="date" /> },
  ];
  return (
    <section>
      <h2 className="section-title">{t("nav.suppressions")}</h2>
      {failed && <ErrorState error={failed.error} retry={() => void failed.refetch()} />}
      {!failed && rows.length === 0 && (
        <p className="faint">{t("permission.customer_not_suppressed")}</p>
      )}
      {rows.length > 0 && (
        <DataTable
          label={t("nav.suppressions")}
          columns={columns}
          rows={rows}
          rowKey={(row) => `${row.channel}:${row.address}`}
        />
      )}
    </section>
  );
}

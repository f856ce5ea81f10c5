import { useQuery } from "@tanstack/react-query";
import { Tooltip } from "antd";
import { type ReactNode, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { audience } from "@/api/audience";
import type { Customer } from "@/api/types";
import { Time } from "@/components/Time";
import { useFormat } from "@/lib/format";
import { countryOf } from "@/lib/people";
import { localTime, traitText } from "./person";

const minute = 60_000;

/** The present minute; whoever shows it follows the clock. */
function useMinute(): number {
  return useSyncExternalStore(
    (changed) => {
      const timer = setInterval(changed, 5_000);
      return () => clearInterval(timer);
    },
    () => Math.floor(Date.now() / minute) * minute,
  );
}

function Value({ customerId }: { customerId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const value = useQuery({
    queryKey: ["customer-value", customerId],
    queryFn: ({ signal }) => audience.value(customerId, signal),
    refetchInterval: 30_000,
  });
  if (!value.data) return <span className="faint">{value.isError ? "–" : "…"}</span>;
  const { orders, revenue, last_order_at } = value.data;
  const sums = revenue.map(({ currency, amount }) => format.money(Number(amount), currency));
  return (
    <>
      {orders > 0 ? sums.join(" + ") : <span className="faint">–</span>}
      <small>
        {t("customers.orders", { count: orders, number: format.number(orders) })}
        {last_order_at && (
          <>
            {" · "}
            {t("customers.last_order")} <Time at={last_order_at} />
          </>
        )}
      </small>
    </>
  );
}

/** Who this is, in one row of facts. */
export function Glance({ customer }: { customer: Customer }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const now = useMinute();
  const zone = traitText(customer.traits, ["time_zone", "timezone", "timeZone"]);
  const clock = localTime(zone, i18n.language, now);
  const country = countryOf(customer.traits);
  const city = traitText(customer.traits, ["city", "address.city"]);
  const language = traitText(customer.traits, ["language", "locale"]);
  const facts: { text: string; value: ReactNode }[] = [
    { text: t("customers.value"), value: <Value customerId={customer.id} /> },
    { text: t("customers.last_seen"), value: <Time at={customer.last_seen} /> },
    { text: t("customers.first_seen"), value: <Time at={customer.first_seen} style="date" /> },
    {
      text: t("customers.place"),
      value: (
        <>
          {[city, country && format.country(country)].filter(Boolean).join(", ") || (
            <span className="faint">–</span>
          )}
          {clock && (
            <small>
              <Tooltip title={zone}>{t("customers.local_time", { time: clock })}</Tooltip>
            </small>
          )}
        </>
      ),
    },
    {
      text: t("customers.language"),
      value: language ? format.language(language) : <span className="faint">–</span>,
    },
    { text: t("customers.events"), value: format.number(customer.event_count) },
  ];
  return (
    <dl className="glance">
      {facts.map((fact) => (
        <div key={fact.text}>
          <dt>{fact.text}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

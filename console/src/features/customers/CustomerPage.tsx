import { useQuery } from "@tanstack/react-query";
import { UserX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { ApiError } from "@/api/client";
import { api } from "@/api/operations";
import type { Customer } from "@/api/types";
import { Avatar } from "@/components/Avatar";
import { PageBones } from "@/components/Bones";
import { ButtonLink } from "@/components/ButtonLink";
import { ErrorState } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useFormat } from "@/lib/format";
import { countryOf, displayName, emailOf, identifierOf } from "@/lib/people";
import { Identifiers } from "./Identifiers";
import { Timeline } from "./Timeline";
import { Traits } from "./Traits";

function Glance({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts = [
    { text: t("customers.first_seen"), value: <Time at={customer.first_seen} style="date" /> },
    { text: t("customers.last_seen"), value: <Time at={customer.last_seen} /> },
    { text: t("customers.events"), value: format.number(customer.event_count) },
    { text: t("customers.country"), value: countryOf(customer.traits) || "–" },
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

export function Component() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const customer = useQuery({
    queryKey: ["customer", id],
    queryFn: ({ signal }) => api.customer(id, signal),
    refetchInterval: 10_000,
  });
  if (customer.isPending) return <PageBones />;
  if (!customer.data) {
    if (customer.error instanceof ApiError && customer.error.status === 404) {
      return (
        <StateNote
          page
          icon={<UserX size={22} />}
          title={t("customers.missing_title")}
          text={t("customers.missing_text")}
          action={<ButtonLink to="/customers">{t("customers.all")}</ButtonLink>}
        />
      );
    }
    return <ErrorState page error={customer.error} retry={() => void customer.refetch()} />;
  }
  const data = customer.data;
  const name = displayName(data);
  const note = emailOf(data) || identifierOf(data, "user_id") || identifierOf(data, "anonymous_id");
  return (
    <>
      <PageHead
        back={{ to: "/customers", text: t("nav.customers") }}
        lead={<Avatar seed={data.id} name={name} size={52} />}
        title={name || t("customers.anonymous")}
        note={
          <>
            {note && note !== name && <span>{note}</span>}
            {data.merged_from.length > 0 && (
              <span className="merged">
                {t("customers.merged", { count: data.merged_from.length })}
              </span>
            )}
          </>
        }
      />
      <Glance customer={data} />
      <div className="customer">
        <Timeline customerId={data.id} />
        <div className="stack customer-facts">
          <Identifiers identifiers={data.identifiers} />
          <Traits traits={data.traits} />
        </div>
      </div>
    </>
  );
}

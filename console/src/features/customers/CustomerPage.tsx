import { useQuery } from "@tanstack/react-query";
import { Tabs } from "antd";
import { UserX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";
import { ApiError } from "@/api/client";
import { api } from "@/api/operations";
import { Avatar } from "@/components/Avatar";
import { PageBones } from "@/components/Bones";
import { ButtonLink } from "@/components/ButtonLink";
import { ErrorState } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { StateNote } from "@/components/StateNote";
import { displayName, emailOf, identifierOf } from "@/lib/people";
import { useCan } from "@/lib/session";
import { CustomerConsent } from "./CustomerConsent";
import { CustomerMessages } from "./CustomerMessages";
import { CustomerSegments } from "./CustomerSegments";
import { Glance } from "./Glance";
import { Identifiers } from "./Identifiers";
import { pictureOf } from "./person";
import { Timeline } from "./Timeline";
import { Traits } from "./Traits";

/** A tab of the address; changing it leaves the other tab's filters behind. */
function useTab(): [string, (tab: string) => void] {
  const [search, setSearch] = useSearchParams();
  return [
    search.get("tab") ?? "timeline",
    (tab) => setSearch(tab === "timeline" ? {} : { tab }, { replace: true }),
  ];
}

export function Component() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const [tab, setTab] = useTab();
  const maySeeMessages = useCan("campaigns.read");
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
  const tabs = [
    {
      key: "timeline",
      label: t("timeline.title"),
      children: <Timeline customerId={data.id} />,
    },
    {
      key: "segments",
      label: t("nav.segments"),
      children: <CustomerSegments customerId={data.id} />,
    },
    maySeeMessages && {
      key: "messages",
      label: t("timeline.messages"),
      children: <CustomerMessages customerId={data.id} />,
    },
    {
      key: "consent",
      label: t("permission.consent"),
      children: <CustomerConsent customer={data} />,
    },
  ].filter((item) => item !== false);
  return (
    <>
      <PageHead
        back={{ to: "/customers", text: t("nav.customers") }}
        lead={<Avatar seed={data.id} name={name} picture={pictureOf(data.traits)} size={52} />}
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
        <Tabs activeKey={tab} onChange={setTab} items={tabs} destroyOnHidden />
        <div className="stack customer-facts">
          <Identifiers identifiers={data.identifiers} />
          <Traits customerId={data.id} traits={data.traits} />
        </div>
      </div>
    </>
  );
}

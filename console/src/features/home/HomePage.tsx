import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/operations";
import type { Overview } from "@/api/types";
import { PageBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { EventRow } from "@/components/EventList";
import { Meter } from "@/components/Meter";
import { PageHead } from "@/components/PageHead";
import { useFormat } from "@/lib/format";
import { useLive, useLiveChanges } from "@/lib/live";
import { useSession } from "@/lib/session";
import { GettingStarted, steps } from "./GettingStarted";
import { RecentCampaigns } from "./RecentCampaigns";
import { Trend } from "./Trend";

function Counts({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const format = useFormat();
  const counts = [
    { to: "/customers", text: t("nav.customers"), value: overview.customers },
    { to: "/events", text: t("home.events"), value: overview.events },
    { to: "/segments", text: t("nav.segments"), value: overview.segments },
    { to: "/campaigns", text: t("nav.campaigns"), value: overview.campaigns },
  ];
  return (
    <ul className="counts">
      {counts.map((count) => (
        <li key={count.to}>
          <Link to={count.to}>
            <span>{count.text}</span>
            <strong title={format.number(count.value)}>{format.compact(count.value)}</strong>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function MessageResults({ messages }: { messages: Overview["messages"] }) {
  const { t } = useTranslation();
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t("home.messages")}</h2>
        <small>{t("home.messages_note")}</small>
      </div>
      <div className="meters">
        <Meter label={t("status.sent")} value={messages.sent} whole={messages.sent} />
        <Meter
          label={t("status.opened")}
          value={messages.opened}
          whole={messages.sent}
          tone="soft"
        />
        <Meter
          label={t("status.clicked")}
          value={messages.clicked}
          whole={messages.sent}
          tone="soft"
        />
        <Meter
          label={t("status.unsubscribed")}
          value={messages.unsubscribed}
          whole={messages.sent}
          tone="warm"
        />
      </div>
    </section>
  );
}

function LatestEvents() {
  const { t } = useTranslation();
  const events = useQuery({
    queryKey: ["events", "latest"],
    queryFn: ({ signal }) => api.events({ limit: 8 }, signal),
  });
  useLiveChanges(() => void events.refetch(), 2_000);
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t("home.latest")}</h2>
        <Link to="/events">{t("home.all_events")}</Link>
      </div>
      {events.isError ? (
        <ErrorState error={events.error} retry={() => void events.refetch()} />
      ) : (
        <ul className="event-list">
          {events.data?.items.map((event) => (
            <EventRow key={event.offset} event={event} time="relative" withCustomer />
          ))}
        </ul>
      )}
    </section>
  );
}

function Pending({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const waiting = Math.max(0, overview.log_end - overview.applied);
  return <>{waiting === 0 ? t("home.caught_up") : t("home.waiting", { count: waiting })}</>;
}

export function Component() {
  const { t } = useTranslation();
  const session = useSession();
  const client = useQueryClient();
  const overview = useQuery({
    queryKey: ["overview"],
    queryFn: ({ signal }) => api.overview(signal),
    refetchInterval: 30_000,
  });
  useLive("counts", (counts) => client.setQueryData(["overview"], counts));
  const name = session.data?.workspace.name ?? "";
  if (overview.isPending) return <PageBones />;
  if (!overview.data)
    return <ErrorState page error={overview.error} retry={() => void overview.refetch()} />;
  const data = overview.data;
  const done = steps.every((step) => step.done(data));
  return (
    <>
      <PageHead
        title={name || t("nav.home")}
        note={data.events > 0 ? <Pending overview={data} /> : t("home.welcome")}
      />
      <div className="stack">
        {!done && <GettingStarted overview={data} />}
        {data.events > 0 && <Counts overview={data} />}
        {data.events > 0 && <Trend />}
        {data.messages.sent > 0 && (
          <div className="home-pair">
            <MessageResults messages={data.messages} />
            <RecentCampaigns />
          </div>
        )}
        {data.events > 0 && <LatestEvents />}
      </div>
    </>
  );
}

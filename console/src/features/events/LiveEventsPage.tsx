import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { Activity, ArrowUp, Pause, Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { CustomerEvent, EventType } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ButtonLink } from "@/components/ButtonLink";
import { ErrorState } from "@/components/ErrorState";
import { EventRow } from "@/components/EventList";
import { PageHead } from "@/components/PageHead";
import { Pill, type Tone } from "@/components/Pill";
import { Search } from "@/components/Search";
import { StateNote } from "@/components/StateNote";
import { useAddressFilter, useTypedFilter } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { type LiveState, useLive, useLiveState } from "@/lib/live";
import { matches } from "@/lib/match";
import { EventWay } from "./EventWay";

const types: EventType[] = ["track", "identify", "page", "screen", "group", "alias"];
const kept = 200;
const tones: Record<LiveState, Tone> = { live: "good", connecting: "busy", stale: "bad" };

/** Whether a customer filter fits: name, user id, anonymous id or the customer's id. */
function ofCustomer(event: CustomerEvent, wanted: string): boolean {
  return (
    wanted === "" ||
    [event.customer_label, event.user_id, event.anonymous_id, event.customer_id].some(
      (text) => text !== null && matches(text, wanted),
    )
  );
}

/** What came while the page is open, newest first; while paused it waits and is counted. */
function useArrivals(fits: (event: CustomerEvent) => boolean, paused: boolean) {
  const [shown, setShown] = useState<CustomerEvent[]>([]);
  const [waiting, setWaiting] = useState<CustomerEvent[]>([]);
  useLive("events", (data) => {
    const fresh = (data as CustomerEvent[]).filter(fits).reverse();
    if (fresh.length === 0) return;
    const merge = (before: CustomerEvent[]) => [...fresh, ...before].slice(0, kept);
    if (paused) setWaiting(merge);
    else setShown(merge);
  });
  const release = () => {
    setShown((before) => [...waiting, ...before].slice(0, kept));
    setWaiting([]);
  };
  return { shown, waiting: waiting.length, release };
}

function Stream({ name, type, who }: { name: string; type: string; who: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const state = useLiveState();
  const [paused, setPaused] = useState(false);
  const query = { name, type, customer: who, limit: 50 };
  const events = useInfiniteQuery({
    queryKey: ["events", "stream", query],
    queryFn: ({ signal, pageParam }) => api.events({ ...query, cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    // The live connection brings what is new.
    refetchOnWindowFocus: false,
  });
  const arrivals = useArrivals(
    (event) =>
      (name === "" || event.name === name) &&
      (type === "" || event.type === type) &&
      ofCustomer(event, who),
    paused,
  );
  const stored = (events.data?.pages ?? []).flatMap((page) => page.items);
  const fresh = new Set(arrivals.shown.map((event) => event.offset));
  const rows = [...arrivals.shown, ...stored.filter((event) => !fresh.has(event.offset))];
  const filtered = name !== "" || type !== "" || who !== "";
  const resume = () => {
    arrivals.release();
    setPaused(false);
  };
  return (
    <>
      <div className="stream-bar row" role="status">
        <Pill tone={paused ? "neutral" : tones[state]}>
          {paused ? t("events.paused") : t(`live.${state}`)}
        </Pill>
        {arrivals.waiting > 0 && (
          <Button size="small" icon={<ArrowUp size={14} />} onClick={arrivals.release}>
            {t("events.waiting", {
              count: arrivals.waiting,
              number: format.number(arrivals.waiting),
            })}
          </Button>
        )}
        <Button
          className="stream-pause"
          icon={paused ? <Play size={15} /> : <Pause size={15} />}
          onClick={() => (paused ? resume() : setPaused(true))}
        >
          {paused ? t("events.resume") : t("events.pause")}
        </Button>
      </div>
      {events.isPending && <ListBones />}
      {events.isError && !events.data && (
        <ErrorState error={events.error} retry={() => void events.refetch()} />
      )}
      {events.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<Activity size={22} />}
          title={filtered ? t("events.none_title") : t("events.empty_title")}
          text={filtered ? t("events.none_text") : t("events.empty_text")}
          action={
            !filtered && <ButtonLink to="/settings/sources">{t("events.empty_action")}</ButtonLink>
          }
        />
      )}
      <ul className="event-list">
        {rows.map((event) => (
          <EventRow
            key={event.offset}
            event={event}
            time="precise"
            withCustomer
            fresh={fresh.has(event.offset)}
            detail={(open) => <EventWay event={open} />}
          />
        ))}
      </ul>
      {events.hasNextPage && (
        <Button
          block
          loading={events.isFetchingNextPage}
          onClick={() => void events.fetchNextPage()}
        >
          {t("events.older")}
        </Button>
      )}
    </>
  );
}

export function Component() {
  const { t } = useTranslation();
  const name = useTypedFilter("name");
  const who = useTypedFilter("who");
  const [type, setType] = useAddressFilter("type");
  return (
    <>
      <PageHead title={t("nav.events")} note={t("events.note")} />
      <div className="filters">
        <Search value={name.typed} onChange={name.setTyped} label={t("events.search")} />
        <Search value={who.typed} onChange={who.setTyped} label={t("events.by_customer")} />
        <Select<string>
          value={type}
          onChange={setType}
          options={[
            { value: "", label: t("events.any_type") },
            ...types.map((value) => ({ value, label: value })),
          ]}
          aria-label={t("events.type")}
          popupMatchSelectWidth={false}
        />
      </div>
      <Stream
        key={`${name.value} ${type} ${who.value}`}
        name={name.value}
        type={type}
        who={who.value}
      />
    </>
  );
}

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { Activity, Pause, Play } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { EventType } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ButtonLink } from "@/components/ButtonLink";
import { ErrorState } from "@/components/ErrorState";
import { EventRow } from "@/components/EventList";
import { PageHead } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { Pill, type Tone } from "@/components/Pill";
import { Search } from "@/components/Search";
import { StateNote } from "@/components/StateNote";
import { useAddressFilter, useCursor, useTypedFilter } from "@/lib/address";

const types: EventType[] = ["track", "identify", "page", "screen", "group", "alias"];
const pollMs = 2_000;

/** The highest offset drawn before, so that what came since can be pointed out. */
function useSeen(newest: number | undefined): number {
  const seen = useRef(Infinity);
  const before = seen.current;
  useEffect(() => {
    if (newest !== undefined) seen.current = newest;
  }, [newest]);
  return before;
}

export function Component() {
  const { t } = useTranslation();
  const name = useTypedFilter("name");
  const [type, setType] = useAddressFilter("type");
  const cursor = useCursor();
  const [paused, setPaused] = useState(false);
  const live = !paused && cursor.cursor === "";
  const query = { name: name.value, type, cursor: cursor.cursor, limit: 50 };
  const events = useQuery({
    queryKey: ["events", query],
    queryFn: ({ signal }) => api.events(query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: live ? pollMs : false,
  });
  const rows = events.data?.items ?? [];
  const seen = useSeen(events.isPlaceholderData ? undefined : rows[0]?.offset);
  const state: { tone: Tone; text: string } = !live
    ? { tone: "neutral", text: cursor.cursor ? t("events.older") : t("events.paused") }
    : events.isRefetchError
      ? { tone: "bad", text: t("events.stale") }
      : { tone: "good", text: t("events.live") };
  const filtered = name.value !== "" || type !== "";
  return (
    <>
      <PageHead title={t("nav.events")} note={t("events.note")} />
      <div className="filters">
        <Search value={name.typed} onChange={name.setTyped} label={t("events.search")} />
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
        <span className="filters-end row" role="status">
          <Pill tone={state.tone}>{state.text}</Pill>
          {cursor.cursor === "" && (
            <Button
              icon={paused ? <Play size={15} /> : <Pause size={15} />}
              onClick={() => setPaused(!paused)}
            >
              {paused ? t("events.resume") : t("events.pause")}
            </Button>
          )}
        </span>
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
          action={!filtered && <ButtonLink to="/">{t("customers.empty_action")}</ButtonLink>}
        />
      )}
      <ul className="event-list">
        {rows.map((event) => (
          <EventRow
            key={event.offset}
            event={event}
            time="precise"
            withCustomer
            fresh={event.offset > seen}
          />
        ))}
      </ul>
      <Pager cursor={cursor} next={events.data?.next_cursor} busy={events.isPlaceholderData} />
    </>
  );
}

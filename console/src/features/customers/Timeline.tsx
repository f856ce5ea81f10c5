import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { CalendarClock } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { CustomerEvent } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { EventRow } from "@/components/EventList";
import { isMessageEvent } from "@/components/EventSentence";
import { StateNote } from "@/components/StateNote";
import { useAddressFilter } from "@/lib/address";
import { useFormat } from "@/lib/format";

type Kind = "all" | "activity" | "messages" | "profile";

const kinds: Kind[] = ["all", "activity", "messages", "profile"];

function kindOf(event: CustomerEvent): Kind {
  if (isMessageEvent(event)) return "messages";
  return event.type === "identify" || event.type === "group" || event.type === "alias"
    ? "profile"
    : "activity";
}

/** Everything the customer did and received, newest first, by day of the workspace's time zone. */
export function Timeline({ customerId }: { customerId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [chosen, setKind] = useAddressFilter("show");
  const kind = kinds.find((item) => item === chosen) ?? "all";
  const events = useInfiniteQuery({
    queryKey: ["customer-events", customerId],
    queryFn: ({ pageParam, signal }) =>
      api.customerEvents(customerId, { cursor: pageParam, limit: 50 }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
  const loaded = useMemo(
    () => events.data?.pages.flatMap((page) => page.items) ?? [],
    [events.data],
  );
  const days = useMemo(() => {
    const groups = new Map<string, CustomerEvent[]>();
    for (const event of loaded) {
      if (kind !== "all" && kindOf(event) !== kind) continue;
      const day = format.dayKey(event.timestamp);
      groups.set(day, [...(groups.get(day) ?? []), event]);
    }
    return [...groups.values()];
  }, [loaded, kind, format]);

  return (
    <section className="timeline" aria-label={t("timeline.title")}>
      <div className="timeline-head">
        <h2 className="hidden">{t("timeline.title")}</h2>
        <Segmented<Kind>
          value={kind}
          onChange={(value) => setKind(value === "all" ? "" : value)}
          options={kinds.map((value) => ({ value, label: t(`timeline.${value}`) }))}
        />
      </div>
      {events.isPending && <ListBones rows={6} />}
      {events.isError && !events.data && (
        <ErrorState error={events.error} retry={() => void events.refetch()} />
      )}
      {events.isSuccess && days.length === 0 && (
        <StateNote
          icon={<CalendarClock size={22} />}
          title={kind === "all" ? t("timeline.empty") : t("timeline.empty_kind")}
          text={events.hasNextPage ? t("timeline.empty_more") : undefined}
        />
      )}
      {days.map((day) => (
        <section key={day[0]?.offset} className="day">
          <h3>{day[0] && format.day(day[0].timestamp)}</h3>
          <ul className="event-list">
            {day.map((event) => (
              <EventRow key={event.offset} event={event} time="time" />
            ))}
          </ul>
        </section>
      ))}
      {events.hasNextPage && (
        <Button
          block
          loading={events.isFetchingNextPage}
          onClick={() => void events.fetchNextPage()}
          className="older"
        >
          {t("timeline.older")}
        </Button>
      )}
    </section>
  );
}

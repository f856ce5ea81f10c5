import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { ChevronRight, CircleCheck, Wrench } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { RejectedEvent } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { Json } from "@/components/Json";
import { PageHead } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useCursor } from "@/lib/address";
import { useLiveChanges } from "@/lib/live";
import { useCan } from "@/lib/session";
import { Repair } from "./Repair";

function Raw({ raw }: { raw: string }) {
  try {
    return <Json value={JSON.parse(raw)} />;
  } catch {
    return <pre className="mail-text">{raw}</pre>;
  }
}

function Row({ event }: { event: RejectedEvent }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [repairing, setRepairing] = useState(false);
  const mayRepair = useCan("events.import");
  const panel = useId();
  return (
    <li className="event">
      <div className="event-line">
        <button
          type="button"
          className="event-button"
          aria-expanded={open}
          aria-controls={panel}
          onClick={() => setOpen(!open)}
        >
          <ChevronRight size={14} className="event-chevron" aria-hidden />
          <span className="event-text">
            {event.field && <code className="field-at">{event.field}</code>} {event.reason}
          </span>
        </button>
        <span className="event-time">
          <Time at={event.received_at} />
        </span>
      </div>
      <div id={panel} hidden={!open}>
        {open && (
          <>
            {event.message_id && (
              <p className="muted rejected-id">
                {t("rejected.message_id", { id: event.message_id })}
              </p>
            )}
            {repairing ? (
              <Repair event={event} onDone={() => setRepairing(false)} />
            ) : (
              <>
                <Raw raw={event.raw} />
                {mayRepair && (
                  <Button icon={<Wrench size={15} />} onClick={() => setRepairing(true)}>
                    {t("rejected.repair")}
                  </Button>
                )}
              </>
            )}
          </>
        )}
      </div>
    </li>
  );
}

export function Component() {
  const { t } = useTranslation();
  const cursor = useCursor();
  const query = { cursor: cursor.cursor, limit: 50 };
  const rejected = useQuery({
    queryKey: ["rejected", query],
    queryFn: ({ signal }) => api.rejected(query, signal),
    placeholderData: keepPreviousData,
  });
  useLiveChanges(() => void rejected.refetch(), 1_000, cursor.cursor === "");
  const rows = rejected.data?.items ?? [];
  return (
    <>
      <PageHead title={t("nav.rejected")} note={t("rejected.note")} />
      {rejected.isPending && <ListBones />}
      {rejected.isError && !rejected.data && (
        <ErrorState error={rejected.error} retry={() => void rejected.refetch()} />
      )}
      {rejected.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<CircleCheck size={22} />}
          title={t("rejected.empty_title")}
          text={t("rejected.empty_text")}
        />
      )}
      <ul className="event-list">
        {rows.map((event) => (
          <Row key={event.id} event={event} />
        ))}
      </ul>
      <Pager cursor={cursor} next={rejected.data?.next_cursor} busy={rejected.isPlaceholderData} />
    </>
  );
}

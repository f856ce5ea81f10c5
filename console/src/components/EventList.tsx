import { ChevronRight } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CustomerEvent } from "@/api/types";
import { EventIcon, isMessageEvent, useEventSentence } from "./EventSentence";
import { Json } from "./Json";
import { Time } from "./Time";

interface Props {
  event: CustomerEvent;
  time: "relative" | "precise" | "time";
  /** Names the customer too; their own page does not need it. */
  withCustomer?: boolean;
  extra?: ReactNode;
  /** Stands above the JSON of an open event. */
  detail?: (event: CustomerEvent) => ReactNode;
  fresh?: boolean;
}

/** One event as a sentence that opens into its full JSON. */
export function EventRow({ event, time, withCustomer, extra, detail, fresh }: Props) {
  const { t } = useTranslation();
  const sentence = useEventSentence();
  const [open, setOpen] = useState(false);
  const panel = useId();
  const text = sentence(event);
  const raw =
    event.name && event.name !== text ? event.name : event.type === "track" ? null : event.type;
  return (
    <li className={`event ${fresh ? "is-fresh" : ""}`}>
      <div className="event-line">
        <button
          type="button"
          className="event-button"
          aria-expanded={open}
          aria-controls={panel}
          onClick={() => setOpen(!open)}
        >
          <ChevronRight size={14} className="event-chevron" aria-hidden />
          <span className={isMessageEvent(event) ? "event-icon is-message" : "event-icon"}>
            <EventIcon event={event} />
          </span>
          <span className="event-text">
            {text}
            {raw && <code className="event-name">{raw}</code>}
          </span>
        </button>
        {withCustomer && event.customer_id && (
          <Link to={`/customers/${event.customer_id}`} className="event-who">
            {event.customer_label ||
              event.user_id ||
              event.anonymous_id ||
              t("customers.anonymous")}
          </Link>
        )}
        {extra}
        <span className="event-time">
          <Time at={event.timestamp} style={time} />
        </span>
      </div>
      <div id={panel} hidden={!open}>
        {open && detail?.(event)}
        {open && <Json value={event} />}
      </div>
    </li>
  );
}

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/operations";
import type { CustomerEvent, Identifier } from "@/api/types";
import { Time } from "@/components/Time";
import { displayName } from "@/lib/people";

/** The identifiers of the event that the profile holds: why the event went to this customer. */
function touching(event: CustomerEvent, identifiers: Identifier[]): Identifier[] {
  const values = new Set(
    [event.user_id, event.anonymous_id, event.traits["email"], event.properties["email"]]
      .filter((value) => typeof value === "string")
      .map((value) => value.toLowerCase()),
  );
  return identifiers.filter(
    (identifier) =>
      identifier.message_id === event.message_id || values.has(identifier.value.toLowerCase()),
  );
}

/** How an event came to its customer: received, told from repeats, applied, and to whom and why. */
export function EventWay({ event }: { event: CustomerEvent }) {
  const { t } = useTranslation();
  const customer = useQuery({
    queryKey: ["customer", event.customer_id],
    queryFn: ({ signal }) => api.customer(event.customer_id ?? "", signal),
    enabled: event.customer_id !== null,
    staleTime: 60_000,
  });
  const links = customer.data ? touching(event, customer.data.identifiers) : [];
  return (
    <ol className="way">
      <li>
        <strong>{t("way.received")}</strong>
        <span>
          <Time at={event.received_at} style="precise" />
          {event.sent_at && (
            <span className="muted">
              {" "}
              {t("way.sent_at")} <Time at={event.sent_at} style="precise" />
            </span>
          )}
        </span>
      </li>
      <li>
        <strong>{t("way.unique")}</strong>
        <span>
          {t("way.message_id")} <code>{event.message_id}</code>
        </span>
      </li>
      <li>
        <strong>{t("way.applied")}</strong>
        <span>
          {t("way.offset")} <code>{event.offset}</code>
        </span>
      </li>
      <li>
        <strong>{t("way.profile")}</strong>
        <span>
          {event.customer_id === null ? (
            t("way.nobody")
          ) : (
            <Link to={`/customers/${event.customer_id}`}>
              {(customer.data && displayName(customer.data)) || event.customer_id}
            </Link>
          )}
          {links.map((link) => (
            <small key={`${link.kind} ${link.value}`} className="muted way-why">
              {t(
                link.message_id === event.message_id && link.message_id
                  ? "way.linked_here"
                  : "way.known_by",
                { kind: link.kind, value: link.value },
              )}{" "}
              {link.reason && <code>{link.reason}</code>}
            </small>
          ))}
        </span>
      </li>
    </ol>
  );
}

import { ChevronRight } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Message } from "@/api/types";
import { MessageStatus } from "./CampaignStatus";
import { Time } from "./Time";

/** What happened to a message, step by step. */
export function MessageHistory({ message }: { message: Message }) {
  return (
    <ol>
      {message.history.map((step, index) => (
        <li key={index}>
          <MessageStatus status={step.status} />
          <span className="muted">
            <Time at={step.at} style="full" />
          </span>
          {step.detail && <span className="history-detail">{step.detail}</span>}
        </li>
      ))}
    </ol>
  );
}

/** One message as a line that opens into what happened to it, step by step. */
export function MessageRow({
  message,
  title,
  about,
}: {
  message: Message;
  title: ReactNode;
  /** Where else it leads: the customer, the campaign. */
  about: { to: string; text: string };
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const panel = useId();
  const last = message.history.at(-1);
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
          <span className="event-text">{title}</span>
        </button>
        <MessageStatus status={message.status} />
        <span className="event-time">
          <Time at={last?.at} />
        </span>
      </div>
      <div id={panel} hidden={!open}>
        {open && (
          <div className="history">
            <p>
              {message.subject || t("composer.no_subject")}
              {message.address && <span className="muted"> → {message.address}</span>} ·{" "}
              <Link to={`/messages/${message.id}`}>{t("messages.open")}</Link> ·{" "}
              <Link to={about.to}>{about.text}</Link>
              {message.address && (
                <>
                  {" · "}
                  <Link to={`/sandbox?to=${encodeURIComponent(message.address)}`}>
                    {t("messages.open_sandbox")}
                  </Link>
                </>
              )}
            </p>
            <MessageHistory message={message} />
          </div>
        )}
      </div>
    </li>
  );
}

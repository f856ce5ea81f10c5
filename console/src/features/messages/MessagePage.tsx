import { useQuery } from "@tanstack/react-query";
import { Alert, Segmented } from "antd";
import { FileText, Monitor, Smartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api } from "@/api/operations";
import type { Message } from "@/api/types";
import { PageBones } from "@/components/Bones";
import { MessageStatus } from "@/components/CampaignStatus";
import { CustomerName } from "@/components/CustomerName";
import { ErrorState } from "@/components/ErrorState";
import { MailFrame } from "@/components/MailFrame";
import { MessageHistory } from "@/components/MessageRow";
import { PageHead } from "@/components/PageHead";
import { reasonText } from "@/components/permissionSentence";
import { Time } from "@/components/Time";
import { useFormat } from "@/lib/format";
import { withoutTracking } from "@/lib/mail";
import { displayName } from "@/lib/people";

type Width = "wide" | "narrow" | "text";

/** What the message said; says honestly whether it is the mail itself or made again. */
function Content({ message }: { message: Message }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [width, setWidth] = useState<Width>("wide");
  const content = useQuery({
    queryKey: ["message-content", message.id, message.status],
    queryFn: ({ signal }) => api.messageContent(message.id, signal),
    staleTime: 60_000,
  });
  if (content.isPending) return <PageBones />;
  if (!content.data)
    return <ErrorState error={content.error} retry={() => void content.refetch()} />;
  const { source, from, to, subject, html, text, problem, as_of } = content.data;
  const gone: Record<string, string> = {
    customer_gone: t("message.customer_gone"),
    content_gone: t("message.content_gone"),
  };
  if (source === "unknown")
    return (
      <Alert
        type="warning"
        showIcon
        title={t("message.unknown")}
        description={gone[problem] ?? problem}
      />
    );
  const icons = { wide: Monitor, narrow: Smartphone, text: FileText };
  const shown: Width = width === "text" || !html ? "text" : width;
  return (
    <section className="mail-preview" aria-label={t("mail.frame")}>
      <div className="mail-preview-head">
        <Segmented<Width>
          size="small"
          value={shown}
          onChange={setWidth}
          aria-label={t("composer.preview")}
          options={(["wide", "narrow", "text"] as const).map((value) => {
            const Icon = icons[value];
            return {
              value,
              disabled: value !== "text" && !html,
              icon: <Icon size={15} aria-label={t(`composer.${value}`)} />,
              title: t(`composer.${value}`),
            };
          })}
        />
        <small className="muted">
          {source === "kept"
            ? t("message.kept")
            : t("message.rendered", { time: as_of ? format.dateTime(as_of) : "–" })}
        </small>
      </div>
      <div className="mail-head">
        <strong>{subject || <span className="faint">{t("composer.no_subject")}</span>}</strong>
        <small className="muted">
          {from}
          {to && ` → ${to}`}
        </small>
      </div>
      {shown === "text" ? (
        <pre className="mail-text">{text}</pre>
      ) : (
        <MailFrame
          html={source === "kept" ? withoutTracking(html) : html}
          images
          narrow={width === "narrow"}
        />
      )}
    </section>
  );
}

function Facts({ message }: { message: Message }) {
  const { t } = useTranslation();
  const customer = useQuery({
    queryKey: ["customer", message.customer_id],
    queryFn: ({ signal }) => api.customer(message.customer_id, signal),
    staleTime: 60_000,
    retry: false,
  });
  const campaign = useQuery({
    queryKey: ["campaign", message.campaign_id],
    queryFn: ({ signal }) => api.campaign(message.campaign_id, signal),
    enabled: message.campaign_id !== "",
    staleTime: 60_000,
    retry: false,
  });
  return (
    <dl className="glance">
      <div>
        <dt>{t("messages.customer")}</dt>
        <dd>
          {customer.data ? (
            <CustomerName
              id={customer.data.id}
              name={displayName(customer.data)}
              note={message.address}
            />
          ) : (
            <Link to={`/customers/${message.customer_id}`}>
              {message.address || message.customer_id}
            </Link>
          )}
        </dd>
      </div>
      <div>
        <dt>{t("messages.cause")}</dt>
        <dd>
          {message.campaign_id ? (
            <Link to={`/campaigns/${message.campaign_id}`}>
              {campaign.data?.name ?? t("campaigns.campaign")}
            </Link>
          ) : (
            t("message_kind.single")
          )}
        </dd>
      </div>
      <div>
        <dt>{t("messages.planned")}</dt>
        <dd>
          <Time at={message.planned_at} style="full" />
        </dd>
      </div>
      {message.reason && (
        <div>
          <dt>{t("permission.reason")}</dt>
          <dd>{reasonText(message.reason, t)}</dd>
        </div>
      )}
    </dl>
  );
}

/** One message: what it said, to whom, why, and what became of it. */
export function Component() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const message = useQuery({
    queryKey: ["message", id],
    queryFn: ({ signal }) => api.message(id, signal),
    refetchInterval: 5_000,
  });
  if (message.isPending) return <PageBones />;
  if (!message.data)
    return <ErrorState page error={message.error} retry={() => void message.refetch()} />;
  const data = message.data;
  return (
    <>
      <PageHead
        back={{ to: "/messages", text: t("nav.messages") }}
        title={data.subject || data.address || t("mail.frame")}
        note={<MessageStatus status={data.status} />}
      />
      <Facts message={data} />
      <div className="message-pair">
        <Content message={data} />
        <section className="panel history message-history">
          <h2 className="sub-title">{t("message.history")}</h2>
          <MessageHistory message={data} />
        </section>
      </div>
    </>
  );
}

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { ChevronLeft, ImageOff, Inbox } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { api } from "@/api/operations";
import type { SandboxMessage } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ButtonLink } from "@/components/ButtonLink";
import { ErrorState } from "@/components/ErrorState";
import { MailFrame } from "@/components/MailFrame";
import { PageHead } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { Search } from "@/components/Search";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useCursor, useTypedFilter } from "@/lib/address";

type View = "html" | "text" | "raw";

function Reader({ mail, closeTo }: { mail: SandboxMessage; closeTo: string }) {
  const { t } = useTranslation();
  const [view, setView] = useState<View>(mail.html ? "html" : "text");
  const [images, setImages] = useState(false);
  return (
    <article className="reader">
      <Link to={closeTo} className="back reader-back">
        <ChevronLeft size={15} aria-hidden />
        {t("nav.sandbox")}
      </Link>
      <h2>{mail.subject || t("composer.no_subject")}</h2>
      <dl className="reader-facts">
        <div>
          <dt>{t("campaigns.from")}</dt>
          <dd>{mail.from}</dd>
        </div>
        <div>
          <dt>{t("sandbox.to")}</dt>
          <dd>{mail.to}</dd>
        </div>
        <div>
          <dt>{t("status.sent")}</dt>
          <dd>
            <Time at={mail.sent_at} style="full" />
          </dd>
        </div>
      </dl>
      <div className="filters">
        <Segmented<View>
          size="small"
          value={view}
          onChange={setView}
          options={[
            { value: "html", label: "HTML", disabled: !mail.html },
            { value: "text", label: t("composer.text") },
            { value: "raw", label: t("sandbox.raw") },
          ]}
        />
        {view === "html" && !images && (
          <Button
            size="small"
            type="text"
            icon={<ImageOff size={14} />}
            onClick={() => setImages(true)}
          >
            {t("sandbox.show_images")}
          </Button>
        )}
      </div>
      {view === "html" ? (
        <MailFrame html={mail.html} images={images} />
      ) : (
        <pre className="mail-text">{view === "text" ? mail.text : mail.raw}</pre>
      )}
    </article>
  );
}

export function Component() {
  const { t } = useTranslation();
  const to = useTypedFilter("to");
  const cursor = useCursor();
  const [search] = useSearchParams();
  const query = { to: to.value, cursor: cursor.cursor, limit: 30 };
  const mails = useQuery({
    queryKey: ["sandbox", query],
    queryFn: ({ signal }) => api.sandboxMessages(query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: cursor.cursor ? false : 5_000,
  });
  const rows = mails.data?.items ?? [];
  const openId = search.get("mail");
  const open = rows.find((row) => row.id === openId) ?? null;
  const address = (id: string | null) => {
    const after = new URLSearchParams(search);
    if (id) after.set("mail", id);
    else after.delete("mail");
    return `?${after.toString()}`;
  };
  return (
    <div className={open ? "sandbox is-reading" : "sandbox"}>
      <PageHead title={t("nav.sandbox")} note={t("sandbox.note")} />
      <div className="filters sandbox-filters">
        <Search value={to.typed} onChange={to.setTyped} label={t("sandbox.search")} />
      </div>
      {mails.isPending && <ListBones />}
      {mails.isError && !mails.data && (
        <ErrorState error={mails.error} retry={() => void mails.refetch()} />
      )}
      {mails.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<Inbox size={22} />}
          title={to.value ? t("sandbox.none_found") : t("sandbox.empty_title")}
          text={to.value ? t("sandbox.none_found_text") : t("sandbox.empty_text")}
          action={!to.value && <ButtonLink to="/campaigns">{t("nav.campaigns")}</ButtonLink>}
        />
      )}
      {rows.length > 0 && (
        <div className="sandbox-pair">
          <div className="sandbox-list">
            <ul>
              {rows.map((mail) => (
                <li key={mail.id}>
                  <Link
                    to={address(mail.id)}
                    className={mail.id === openId ? "mail is-open" : "mail"}
                    aria-current={mail.id === openId ? "true" : undefined}
                  >
                    <span className="mail-line">
                      <strong className="clip">{mail.to}</strong>
                      <small className="muted">
                        <Time at={mail.sent_at} />
                      </small>
                    </span>
                    <span className="clip muted">{mail.subject}</span>
                  </Link>
                </li>
              ))}
            </ul>
            <Pager cursor={cursor} next={mails.data?.next_cursor} busy={mails.isPlaceholderData} />
          </div>
          {open ? (
            <Reader key={open.id} mail={open} closeTo={address(null)} />
          ) : (
            <div className="reader reader-empty">
              <StateNote icon={<Inbox size={22} />} title={t("sandbox.choose")} />
            </div>
          )}
        </div>
      )}
    </div>
  );
}

import { Segmented, Select } from "antd";
import { FileText, Monitor, Smartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Template } from "@/api/types";
import { MailFrame } from "@/components/MailFrame";
import { personalise } from "@/lib/personalise";
import type { Plan } from "./plan";
import { useReader } from "./reader";

type Width = "wide" | "narrow" | "text";

/** The message as one customer of the audience would read it. */
export function MailPreview({
  template,
  from,
  plan,
}: {
  template: Template;
  from: string;
  plan: Plan;
}) {
  const { t } = useTranslation();
  const [width, setWidth] = useState<Width>("wide");
  const [typed, setTyped] = useState("");
  const { person, offered, choose } = useReader(plan, typed);
  const shown = offered.some((reader) => reader.id === person.id)
    ? offered
    : [person, ...offered].filter((reader) => reader.id !== "");
  const data = {
    customer: { id: person.id, email: person.email, traits: person.traits },
    unsubscribe_url: "#",
  };
  return (
    <section className="mail-preview" aria-label={t("composer.preview")}>
      <div className="mail-preview-head">
        <Segmented<Width>
          size="small"
          value={width}
          onChange={setWidth}
          options={[
            {
              value: "wide",
              icon: <Monitor size={15} aria-label={t("composer.wide")} />,
              title: t("composer.wide"),
            },
            {
              value: "narrow",
              icon: <Smartphone size={15} aria-label={t("composer.narrow")} />,
              title: t("composer.narrow"),
            },
            {
              value: "text",
              icon: <FileText size={15} aria-label={t("composer.text")} />,
              title: t("composer.text"),
            },
          ]}
        />
        <label className="mail-preview-as">
          <span className="muted">{t("composer.preview_as")}</span>
          <Select<string>
            size="small"
            variant="borderless"
            value={person.id || undefined}
            onChange={choose}
            showSearch={{ onSearch: setTyped, filterOption: false }}
            placeholder={t("customers.search")}
            options={shown.map((reader) => ({ value: reader.id, label: reader.name }))}
            aria-label={t("composer.preview_as")}
            popupMatchSelectWidth={260}
          />
        </label>
      </div>
      <div className="mail-head">
        <strong>
          {personalise(template.subject, data, false) || (
            <span className="faint">{t("composer.no_subject")}</span>
          )}
        </strong>
        <small className="muted">
          {from || t("composer.no_from")}
          {person.email && ` → ${person.email}`}
        </small>
      </div>
      {width === "text" ? (
        <pre className="mail-text">{personalise(template.text, data, false)}</pre>
      ) : (
        <MailFrame
          html={personalise(template.html, data, true)}
          images
          narrow={width === "narrow"}
        />
      )}
    </section>
  );
}

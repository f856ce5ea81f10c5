import { useQuery } from "@tanstack/react-query";
import { Segmented, Select } from "antd";
import { FileText, Monitor, Smartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { Member, Template } from "@/api/types";
import { MailFrame } from "@/components/MailFrame";
import { nameFromTraits } from "@/lib/people";
import { personalise } from "@/lib/personalise";

type Width = "wide" | "narrow" | "text";

const nobody: Member = { id: "", traits: {}, email: "" };

/** The message as one customer of the audience would read it. */
export function MailPreview({
  template,
  from,
  segmentId,
}: {
  template: Template;
  from: string;
  segmentId: string;
}) {
  const { t } = useTranslation();
  const [width, setWidth] = useState<Width>("wide");
  const [chosen, setChosen] = useState("");
  const members = useQuery({
    queryKey: ["segment-members", segmentId, "preview"],
    queryFn: ({ signal }) => api.segmentMembers(segmentId, { limit: 20 }, signal),
    enabled: segmentId !== "",
    staleTime: 60_000,
  });
  const people = members.data?.items ?? [];
  const person = people.find((member) => member.id === chosen) ?? people[0] ?? nobody;
  const data = {
    customer: { id: person.id, email: person.email ?? "", traits: person.traits },
    unsubscribe_url: "#",
  };
  const named = (member: Member) => nameFromTraits(member.traits) || (member.email ?? member.id);
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
        {people.length > 0 && (
          <label className="mail-preview-as">
            <span className="muted">{t("composer.preview_as")}</span>
            <Select<string>
              size="small"
              variant="borderless"
              value={person.id}
              onChange={setChosen}
              options={people.map((member) => ({ value: member.id, label: named(member) }))}
              aria-label={t("composer.preview_as")}
              popupMatchSelectWidth={false}
            />
          </label>
        )}
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

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { contentApi, type Finding } from "@/api/content";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { StateNote } from "@/components/StateNote";
import { type Draft, trialOf } from "./kinds";
import { compileDraft } from "./mjml";

const icons = { error: CircleAlert, warning: TriangleAlert, note: Info };

function Row({ finding }: { finding: Finding }) {
  const { t } = useTranslation();
  const severity = finding.severity as keyof typeof icons;
  const Icon = icons[severity] ?? Info;
  const where = [
    finding.language,
    t(`content.part.${finding.part}`),
    finding.line > 0 && t("content.line", { line: finding.line }),
  ].filter(Boolean);
  return (
    <li className={`finding is-${severity}`}>
      <Icon size={16} aria-label={t(`content.severity.${severity}`)} />
      <span>
        <strong>{t(`content.finding.${finding.code}`)}</strong>
        {finding.detail && <code>{finding.detail}</code>}
        <small className="muted">{where.join(" · ")}</small>
      </span>
    </li>
  );
}

/** What is wrong with the message before it is sent. */
export function ChecksPane({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const checks = useQuery({
    queryKey: ["content", "check", draft],
    queryFn: async ({ signal }) => {
      const { draft: compiled } = await compileDraft(draft);
      const body = { template: trialOf(compiled) };
      return (await contentApi.check(body, signal)).findings;
    },
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (checks.isPending) return <ListBones />;
  if (checks.isError)
    return <ErrorState error={checks.error} retry={() => void checks.refetch()} />;
  if (checks.data.length === 0)
    return (
      <StateNote
        icon={<CircleCheck size={22} />}
        title={t("content.all_well")}
        text={t("content.all_well_text")}
        action={<Button onClick={() => void checks.refetch()}>{t("content.check_again")}</Button>}
      />
    );
  return (
    <ul className="findings" aria-label={t("content.checks")}>
      {checks.data.map((finding, at) => (
        // Findings have no identity of their own.
        <Row key={`${finding.code} ${finding.detail} ${at}`} finding={finding} />
      ))}
    </ul>
  );
}

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { Pill } from "@/components/Pill";
import { Snippet } from "@/components/Snippet";
import { Time } from "@/components/Time";
import { useFormat } from "@/lib/format";
import { useLiveChanges } from "@/lib/live";

const fallingBehind = 10_000;

/** The installation: version, health, how far the log is applied, and what lies on the disk. */
export function Component() {
  const { t } = useTranslation();
  const format = useFormat();
  const system = useQuery({
    queryKey: ["system"],
    queryFn: ({ signal }) => api.system(signal),
    refetchInterval: 10_000,
  });
  useLiveChanges(() => void system.refetch(), 2_000);
  if (system.isPending) return <ListBones rows={5} />;
  if (!system.data) return <ErrorState error={system.error} retry={() => void system.refetch()} />;
  const data = system.data;
  const lag = Math.max(0, data.log_end - data.applied);
  const total = data.storage.reduce((sum, part) => sum + part.bytes, 0);
  return (
    <>
      <h2 className="section-title">{t("system.title")}</h2>
      <dl className="facts">
        <dt>{t("system.status")}</dt>
        <dd>
          <Pill tone={data.status === "ready" ? "good" : "warn"}>
            {t(`system_status.${data.status}`)}
          </Pill>
        </dd>
        <dt>{t("system.version")}</dt>
        <dd>{data.version}</dd>
        <dt>{t("system.started")}</dt>
        <dd>
          <Time at={data.started_at} style="full" />
        </dd>
        <dt>{t("system.address")}</dt>
        <dd>{data.public_url}</dd>
        <dt>{t("system.log")}</dt>
        <dd>
          {t("system.log_events", { count: data.log_end, number: format.number(data.log_end) })}
        </dd>
        <dt>{t("system.lag")}</dt>
        <dd>
          <Pill tone={lag > fallingBehind ? "warn" : "good"}>
            {t("system.lag_events", { count: lag, number: format.number(lag) })}
          </Pill>
        </dd>
        <dt>{t("system.in_flight")}</dt>
        <dd>{format.number(data.messages_in_flight)}</dd>
        <dt>{t("system.memory")}</dt>
        <dd>{format.bytes(data.resident_bytes)}</dd>
      </dl>
      <h3 className="sub-title">{t("system.storage", { size: format.bytes(total) })}</h3>
      <ul className="storage">
        {data.storage.map((part) => (
          <li key={part.name}>
            <span>{t(`system_storage.${part.name}`)}</span>
            <span className="meter-track" aria-hidden>
              <span
                className="meter-fill meter-main"
                style={{ width: `${total > 0 ? (part.bytes / total) * 100 : 0}%` }}
              />
            </span>
            <span className="numeric">{format.bytes(part.bytes)}</span>
          </li>
        ))}
      </ul>
      <h3 className="sub-title">{t("system.metrics")}</h3>
      <Snippet text={`${data.public_url}/metrics`} />
    </>
  );
}

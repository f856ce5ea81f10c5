import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { api } from "@/api/operations";
import type { Condition as ApiCondition } from "@/api/types";
import { CustomerName } from "@/components/CustomerName";
import { useErrorText } from "@/components/ErrorState";
import { useRested } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { nameFromTraits } from "@/lib/people";
import type { Condition } from "@/components/conditions/language";

const restMs = 250;

/** The server tells the cost and waits to be told that it may. */
function isDear(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.status === 422 &&
    error.fields.some(({ field }) => field === "accept_cost")
  );
}

/**
 * Who meets the condition as it stands; follows the editing and drops answers that came too
 * late.
 */
export function Preview({ condition }: { condition: Condition | null }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const asked = useRested(condition ? JSON.stringify(condition) : "", restMs);
  const [accepted, setAccepted] = useState("");
  const language = i18n.language;
  const preview = useQuery({
    queryKey: ["segment-preview", asked, language, accepted === asked],
    queryFn: ({ signal }) =>
      api.previewInWords(JSON.parse(asked) as ApiCondition, language, accepted === asked, signal),
    retry: (count, error) => !isDear(error) && count < 2,
    enabled: asked !== "",
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const overview = useQuery({
    queryKey: ["overview"],
    queryFn: ({ signal }) => api.overview(signal),
  });
  const all = overview.data?.customers ?? 0;
  const data = condition ? preview.data : undefined;
  const stale =
    preview.isPlaceholderData ||
    preview.isFetching ||
    asked !== (condition ? JSON.stringify(condition) : "");
  return (
    <section className="panel preview" aria-live="polite" aria-busy={stale}>
      <h2>{t("segments.preview")}</h2>
      {!condition && <p className="muted">{t("segments.preview_incomplete")}</p>}
      {condition && preview.isError && (
        <>
          <p className={isDear(preview.error) ? undefined : "bad-text"}>
            {errorText(preview.error)}
          </p>
          {isDear(preview.error) && (
            <Button onClick={() => setAccepted(asked)}>{t("segments.count_anyway")}</Button>
          )}
        </>
      )}
      {data && !preview.isError && (
        <div className={stale ? "preview-body is-dim" : "preview-body"}>
          <p className="preview-count">
            <strong>{format.number(data.count)}</strong>
            <span className="muted">
              {t("segments.of_customers", { count: all, number: format.number(all) })}
              {all > 0 && ` (${format.rate(data.count, all)})`}
            </span>
          </p>
          <div className="meter-track" aria-hidden>
            <span
              className="meter-fill"
              style={{ width: `${all > 0 ? Math.min(100, (data.count / all) * 100) : 0}%` }}
            />
          </div>
          <p className="preview-sentence">{data.sentence}</p>
          <p className="preview-cost muted">
            {t("segments.cost", {
              count: data.cost.rows,
              rows: format.number(data.cost.rows),
              time: format.seconds(data.cost.estimated_ms / 1000),
            })}
          </p>
          {data.sample.length > 0 && <h3>{t("segments.sample")}</h3>}
          <ul className="preview-sample">
            {data.sample.map((member) => (
              <li key={member.id}>
                <CustomerName
                  id={member.id}
                  name={nameFromTraits(member.traits) || (member.email ?? "")}
                  note={member.email ?? ""}
                />
              </li>
            ))}
          </ul>
        </div>
      )}
      {condition && !data && preview.isPending && <p className="muted">{t("segments.counting")}</p>}
    </section>
  );
}

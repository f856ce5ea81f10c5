import { useQuery } from "@tanstack/react-query";
import { Check, Minus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type ExplainedNode, insight } from "@/api/insight";
import { ErrorState } from "@/components/ErrorState";
import { Json } from "@/components/Json";
import { Time } from "@/components/Time";
import { useFormat } from "@/lib/format";
import { isObject } from "@/lib/json";
import { ConditionText } from "./ConditionText";
import { conditionAt, depthOf, isGroup } from "./explained";
import type { Condition } from "./language";

/** What decided a node: a value, or how many events and which. */
function Evidence({ node }: { node: ExplainedNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  const evidence = node.evidence;
  if (evidence === null || evidence === undefined) return null;
  if (isObject(evidence)) {
    const count = evidence["count"];
    const value = "found" in evidence ? evidence["found"] : evidence["value"];
    if (typeof count === "number") {
      return <small className="muted">{t("explain.events", { count })}</small>;
    }
    if (value === null || value === undefined) {
      return Object.keys(evidence).length > 1 ? (
        <Json value={evidence} />
      ) : (
        <small className="muted">{t("explain.unknown")}</small>
      );
    }
    const text = typeof value === "number" ? format.number(value) : String(value);
    return typeof value === "object" ? (
      <Json value={evidence} />
    ) : (
      <small className="muted">{t("explain.has", { value: text })}</small>
    );
  }
  return <small className="muted">{t("explain.has", { value: JSON.stringify(evidence) })}</small>;
}

/** Why a customer is in a segment or not, condition by condition, with what decided each. */
export function ExplainView({
  segmentId,
  condition,
  customerId,
}: {
  segmentId: string;
  condition: Condition;
  customerId: string;
}) {
  const { t } = useTranslation();
  const explained = useQuery({
    queryKey: ["explain", segmentId, customerId, JSON.stringify(condition)],
    queryFn: ({ signal }) => insight.explain(segmentId, customerId, signal),
  });
  if (explained.isError) {
    return <ErrorState error={explained.error} retry={() => void explained.refetch()} />;
  }
  if (!explained.data) return <p className="muted">{t("common.loading")}</p>;
  const { value, changes_at, nodes } = explained.data;
  return (
    <div className="explain">
      <p className={value ? "explain-verdict is-in" : "explain-verdict"}>
        <strong>{value ? t("explain.in") : t("explain.out")}</strong>
        {changes_at && (
          <span className="muted">
            {t("explain.changes")} <Time at={changes_at} style="full" />
          </span>
        )}
      </p>
      <ul>
        {nodes.map((node) => {
          const part = conditionAt(condition, node.pointer);
          if (!part) return null;
          const Icon = node.value ? Check : Minus;
          return (
            <li
              key={node.pointer}
              className={node.value ? "explain-node is-met" : "explain-node"}
              style={{ paddingLeft: depthOf(node.pointer) * 20 }}
            >
              <Icon size={16} aria-label={node.value ? t("explain.met") : t("explain.not_met")} />
              <span className="explain-text">
                {isGroup(part) ? (
                  <span className="muted">
                    {t(`explain.${"all" in part ? "all" : "any" in part ? "any" : "not"}`)}
                  </span>
                ) : (
                  <ConditionText condition={part} />
                )}
                {!isGroup(part) && <Evidence node={node} />}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

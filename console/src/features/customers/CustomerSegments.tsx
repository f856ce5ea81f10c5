import { useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { ChevronRight, Shapes } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { insight } from "@/api/insight";
import { api } from "@/api/operations";
import type { Segment } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ExplainView } from "@/components/conditions/ExplainView";
import type { Condition } from "@/components/conditions/language";
import { ErrorState } from "@/components/ErrorState";
import { Pill } from "@/components/Pill";
import { StateNote } from "@/components/StateNote";

const shownSegments = 100;
type Show = "in" | "all";

function SegmentRow({
  segment,
  customerId,
  show,
}: {
  segment: Segment;
  customerId: string;
  show: Show;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const panel = useId();
  const condition = segment.condition as Condition;
  const explained = useQuery({
    queryKey: ["explain", segment.id, customerId, JSON.stringify(condition)],
    queryFn: ({ signal }) => insight.explain(segment.id, customerId, signal),
    staleTime: 15_000,
  });
  const inside = explained.data?.value;
  if (show === "in" && inside !== true) return null;
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
          <span className="event-text">{segment.name}</span>
        </button>
        {inside !== undefined && (
          <Pill tone={inside ? "good" : "neutral"}>
            {inside ? t("explain.in") : t("explain.out")}
          </Pill>
        )}
        <Link to={`/segments/${segment.id}`}>{t("explain.open")}</Link>
      </div>
      <div id={panel} hidden={!open}>
        {open && (
          <div className="history">
            <ExplainView segmentId={segment.id} condition={condition} customerId={customerId} />
          </div>
        )}
      </div>
    </li>
  );
}

/** The segments the customer is in, and why; or all, and why not. */
export function CustomerSegments({ customerId }: { customerId: string }) {
  const { t } = useTranslation();
  const [show, setShow] = useState<Show>("in");
  const segments = useQuery({
    queryKey: ["segments", "choice", shownSegments],
    queryFn: ({ signal }) => api.segments({ limit: shownSegments }, signal),
    staleTime: 30_000,
  });
  const rows = segments.data?.items ?? [];
  return (
    <section aria-label={t("nav.segments")}>
      {segments.isPending && <ListBones rows={4} />}
      {segments.isError && (
        <ErrorState error={segments.error} retry={() => void segments.refetch()} />
      )}
      {segments.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<Shapes size={22} />}
          title={t("segments.empty_title")}
          text={t("segments.empty_text")}
        />
      )}
      {rows.length > 0 && (
        <div className="filters">
          <Segmented<Show>
            value={show}
            onChange={setShow}
            options={[
              { value: "in", label: t("explain.only_in") },
              { value: "all", label: t("explain.all_segments") },
            ]}
          />
        </div>
      )}
      <ul>
        {rows.map((segment) => (
          <SegmentRow key={segment.id} segment={segment} customerId={customerId} show={show} />
        ))}
      </ul>
      {rows.length > 0 && show === "in" && <p className="faint">{t("explain.only_in_note")}</p>}
    </section>
  );
}

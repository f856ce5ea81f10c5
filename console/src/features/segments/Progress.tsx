import { useQueryClient } from "@tanstack/react-query";
import { Progress as Bar } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/types";
import { useLive } from "@/lib/live";

interface Computed {
  id: string;
  fraction: number;
}

/** How far a membership that is being computed is, as the server tells it; gone when it is live. */
export function Progress({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const computing = segment.status === "computing";
  const [fraction, setFraction] = useState(segment.fraction ?? 0);
  useLive(
    "segments",
    (data) => {
      const mine = (data as Computed[]).find(({ id }) => id === segment.id);
      if (mine) setFraction(mine.fraction);
      else void client.invalidateQueries({ queryKey: ["segment", segment.id] });
    },
    computing,
  );
  if (!computing) return null;
  return (
    <section className="panel" role="status">
      <h2>{t("segments.computing")}</h2>
      <Bar
        percent={Math.floor(fraction * 100)}
        status="active"
        size="small"
        aria-label={t("segments.computing")}
      />
      <p className="muted">{t("segments.computing_text")}</p>
    </section>
  );
}

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { Combine } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { insight, type Overlap } from "@/api/insight";
import { api } from "@/api/operations";
import type { Segment } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { StateNote } from "@/components/StateNote";
import { useFormat } from "@/lib/format";

const most = 6;

/** Each combination as a row: dots for the segments in it, a bar for who is in exactly those. */
function Bars({ overlap, segments }: { overlap: Overlap; segments: Segment[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = overlap.intersections.filter((row) => row.only > 0).sort((a, b) => b.only - a.only);
  const largest = rows[0]?.only ?? 1;
  return (
    <table className="table overlap">
      <caption className="hidden">{t("overlap.title")}</caption>
      <thead>
        <tr>
          {segments.map((segment) => (
            <th key={segment.id} scope="col" className="overlap-name">
              <span className="clip">{segment.name}</span>
            </th>
          ))}
          <th scope="col">{t("overlap.only")}</th>
          <th scope="col" className="numeric">
            {t("overlap.share")}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.segment_ids.join()}>
            {segments.map((segment) => {
              const inside = row.segment_ids.includes(segment.id);
              return (
                <td key={segment.id} className="overlap-dot">
                  <span className={inside ? "dot is-in" : "dot"} aria-hidden />
                  <span className="hidden">{inside ? t("common.yes") : t("common.no")}</span>
                </td>
              );
            })}
            <td className="overlap-bar">
              <span style={{ width: `${(row.only / largest) * 70}%` }} aria-hidden />
              <strong>{format.number(row.only)}</strong>
            </td>
            <td className="numeric muted">{format.rate(row.only, overlap.total) ?? "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Component() {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, setSearch] = useSearchParams();
  const chosen = (search.get("of") ?? "").split(",").filter(Boolean).slice(0, most);
  const segments = useQuery({
    queryKey: ["segments", "choice"],
    queryFn: ({ signal }) => api.segments({ limit: 500 }, signal),
    staleTime: 60_000,
  });
  const items = segments.data?.items ?? [];
  const known = chosen
    .map((id) => items.find((item) => item.id === id))
    .filter((item) => item !== undefined);
  const overlap = useQuery({
    queryKey: ["overlap", known.map((item) => item.id)],
    queryFn: ({ signal }) =>
      insight.overlap(
        known.map((item) => item.id),
        signal,
      ),
    enabled: known.length >= 2,
    placeholderData: keepPreviousData,
  });
  const choose = (ids: string[]) =>
    setSearch(ids.length > 0 ? { of: ids.join(",") } : {}, { replace: true });
  return (
    <>
      <PageHead
        back={{ to: "/segments", text: t("nav.segments") }}
        title={t("overlap.title")}
        note={t("overlap.note")}
      />
      <div className="filters">
        <Select<string[]>
          mode="multiple"
          className="overlap-choice"
          value={known.map((item) => item.id)}
          onChange={choose}
          maxCount={most}
          loading={segments.isPending}
          showSearch={{ optionFilterProp: "label" }}
          options={items.map((item) => ({ value: item.id, label: item.name }))}
          placeholder={t("overlap.choose")}
          aria-label={t("overlap.choose")}
        />
      </div>
      {known.length < 2 && (
        <StateNote
          icon={<Combine size={22} />}
          title={t("overlap.empty_title")}
          text={t("overlap.empty_text")}
        />
      )}
      {known.length >= 2 && overlap.isPending && <ListBones rows={4} />}
      {overlap.isError && <ErrorState error={overlap.error} retry={() => void overlap.refetch()} />}
      {known.length >= 2 && overlap.data && (
        <div className={overlap.isPlaceholderData ? "overlap-box is-dim" : "overlap-box"}>
          <p className="muted">
            {t("overlap.total", {
              count: overlap.data.total,
              number: format.number(overlap.data.total),
            })}
          </p>
          <Bars overlap={overlap.data} segments={known} />
        </div>
      )}
    </>
  );
}

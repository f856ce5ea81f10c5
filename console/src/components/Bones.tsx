import { useTranslation } from "react-i18next";

/** Grey lines in the shape of a list that is on its way. */
export function ListBones({ rows = 8 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div className="bones" role="status" aria-label={t("common.loading")}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="bone-row">
          <span className="bone bone-dot" />
          <span className="bone" style={{ width: `${32 + ((index * 13) % 24)}%` }} />
          <span className="bone bone-short" />
        </div>
      ))}
    </div>
  );
}

/** Grey blocks in the shape of a page with a heading and panels. */
export function PageBones() {
  const { t } = useTranslation();
  return (
    <div className="bones" role="status" aria-label={t("common.loading")}>
      <span className="bone bone-title" />
      <div className="bone-panels">
        <span className="bone bone-panel" />
        <span className="bone bone-panel" />
        <span className="bone bone-panel" />
      </div>
      <span className="bone bone-panel bone-tall" />
    </div>
  );
}

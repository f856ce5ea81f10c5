import { Megaphone, Shapes, Waypoints } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { AudienceUse } from "@/api/lists";

const places = {
  campaign: { path: "/campaigns", icon: Megaphone, text: "uses.campaign" },
  segment: { path: "/segments", icon: Shapes, text: "uses.segment" },
  journey: { path: null, icon: Waypoints, text: "uses.journey" }, // it has no page of its own
} as const;

/** What uses a segment or a list, each a link. */
export function UsedBy({ uses }: { uses: AudienceUse[] | undefined }) {
  const { t } = useTranslation();
  return (
    <section className="panel" aria-label={t("uses.title")}>
      <h2>{t("uses.title")}</h2>
      {uses?.length === 0 && <p className="muted">{t("uses.nothing")}</p>}
      <ul className="uses">
        {uses?.map((use) => {
          const place = use.kind in places ? places[use.kind as keyof typeof places] : null;
          const Icon = place?.icon ?? Shapes;
          return (
            <li key={use.id}>
              <Icon size={15} aria-hidden />
              {place?.path ? <Link to={`${place.path}/${use.id}`}>{use.name}</Link> : use.name}
              <small className="muted">{place ? t(place.text) : use.kind}</small>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { kinds, placeOf } from "./kinds";

/** Templates, content blocks, layouts, brand: the rooms of content. */
export function Places() {
  const { t } = useTranslation();
  const places = [
    ...kinds.map((kind) => ({ to: placeOf(kind), text: t(`content.kind.${kind}`) })),
    { to: "/templates/brand", text: t("content.brand") },
  ];
  return (
    <nav className="content-places" aria-label={t("nav.templates")}>
      {places.map((place) => (
        <NavLink key={place.to} to={place.to} end>
          {place.text}
        </NavLink>
      ))}
    </nav>
  );
}

import { Search } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, NavLink } from "react-router";
import type { Session } from "@/api/types";
import { Mark } from "@/components/Mark";
import { useSession } from "@/lib/session";
import { navigation, type Place, settingsPlace } from "./navigation";
import { UserMenu } from "./UserMenu";

function PlaceLink({ place, onNavigate }: { place: Place; onNavigate: (() => void) | undefined }) {
  const { t } = useTranslation();
  const Icon = place.icon;
  const permissions = useSession().data?.permissions;
  if (place.needs && !permissions?.includes(place.needs)) return null;
  return (
    <li>
      <NavLink to={place.to} end={place.to === "/"} className="place" onClick={onNavigate}>
        <Icon size={17} strokeWidth={1.9} aria-hidden />
        {t(place.text)}
      </NavLink>
    </li>
  );
}

interface Props {
  session: Session;
  onNavigate?: () => void;
  onSearch: () => void;
}

const searchKeys = /Mac|iP(hone|ad)/.test(navigator.userAgent) ? "⌘K" : "Ctrl K";

export function SideBar({ session, onNavigate, onSearch }: Props) {
  const { t } = useTranslation();
  return (
    <div className="sidebar">
      <Link to="/" className="brand" onClick={onNavigate}>
        <Mark size={28} />
        <span className="brand-text">
          <span>Rapport</span>
          <small title={session.workspace.name}>{session.workspace.name}</small>
        </span>
      </Link>
      <button type="button" className="search-button" onClick={onSearch}>
        <Search size={15} aria-hidden />
        <span>{t("palette.open")}</span>
        <kbd>{searchKeys}</kbd>
      </button>
      <nav aria-label={t("nav.menu")}>
        {navigation.map((group) => (
          <div key={group.title ?? "first"} className="place-group">
            {group.title && <h2>{t(group.title)}</h2>}
            <ul>
              {group.places.map((place) => (
                <PlaceLink key={place.to} place={place} onNavigate={onNavigate} />
              ))}
            </ul>
          </div>
        ))}
        <ul className="place-last">
          <PlaceLink place={settingsPlace} onNavigate={onNavigate} />
        </ul>
      </nav>
      <UserMenu session={session} />
    </div>
  );
}

import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, Outlet, useLocation } from "react-router";
import { PageHead } from "@/components/PageHead";
import { type Permission, useSession } from "@/lib/session";

const sections: { to: string; text: string; needs?: Permission }[] = [
  { to: "workspace", text: "settings.workspace" },
  { to: "email", text: "settings.email", needs: "settings.read" },
  { to: "deliverability", text: "deliverability.title", needs: "settings.read" },
  { to: "restraint", text: "settings.restraint", needs: "settings.read" },
  { to: "users", text: "settings.users", needs: "access.write" },
  { to: "keys", text: "settings.keys", needs: "access.write" },
  { to: "sources", text: "settings.sources" },
  { to: "system", text: "settings.system", needs: "operations" },
  { to: "account", text: "settings.account" },
];

export function Component() {
  const { t } = useTranslation();
  const permissions = useSession().data?.permissions;
  const path = useLocation().pathname;
  const sectionsList = useRef<HTMLElement>(null);
  // On narrow screens the sections scroll sideways; the open one must be seen.
  useEffect(() => {
    sectionsList.current
      ?.querySelector(".active")
      ?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [path]);
  return (
    <>
      <PageHead title={t("nav.settings")} />
      <div className="settings">
        <nav aria-label={t("nav.settings")} ref={sectionsList}>
          <ul>
            {sections
              .filter((section) => !section.needs || permissions?.includes(section.needs))
              .map((section) => (
                <li key={section.to}>
                  <NavLink to={section.to} className="place">
                    {t(section.text)}
                  </NavLink>
                </li>
              ))}
          </ul>
        </nav>
        <div className="settings-body">
          <Outlet />
        </div>
      </div>
    </>
  );
}

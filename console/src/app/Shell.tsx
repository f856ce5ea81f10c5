import { Button, Drawer } from "antd";
import { Menu as MenuIcon } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, Outlet, useLocation, useNavigation } from "react-router";
import { ErrorState } from "@/components/ErrorState";
import { Mark } from "@/components/Mark";
import { useSession, useSessionEnded } from "@/lib/session";
import { Boot } from "./Boot";
import { LiveNote } from "./LiveNote";
import { SessionEnded } from "./SessionEnded";
import { SideBar } from "./SideBar";

const CommandPalette = lazy(() => import("./CommandPalette"));

/**
 * The frame of every page behind the sign-in: side bar (a drawer on narrow screens) and content.
 */
export function Component() {
  const { t } = useTranslation();
  const session = useSession();
  const ended = useSessionEnded();
  const location = useLocation();
  const moving = useNavigation().state !== "idle";
  const [drawer, setDrawer] = useState(false);
  const [palette, setPalette] = useState(false);
  const content = useRef<HTMLElement>(null);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setPalette((open) => !open);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  const firstPath = useRef(location.pathname);

  useEffect(() => {
    setDrawer(false);
    if (firstPath.current === location.pathname) return;
    firstPath.current = location.pathname;
    // Keyboard and screen reader users start at the new page, not at the side bar.
    content.current?.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }, [location.pathname]);

  if (session.isPending) return <Boot />;
  if (session.isError) {
    return (
      <main className="content">
        <ErrorState page error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  }
  if (session.data === null) {
    const wanted = location.pathname + location.search;
    return (
      <Navigate
        to={wanted === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(wanted)}`}
        replace
      />
    );
  }
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t("nav.skip")}
      </a>
      <header className="topbar">
        <Button
          type="text"
          aria-label={t("nav.open")}
          icon={<MenuIcon size={20} />}
          onClick={() => setDrawer(true)}
        />
        <Link to="/" className="brand">
          <Mark size={26} />
          <span>Rapport</span>
        </Link>
      </header>
      <aside className="side">
        <SideBar session={session.data} onSearch={() => setPalette(true)} />
      </aside>
      <Drawer
        open={drawer}
        onClose={() => setDrawer(false)}
        placement="left"
        size={272}
        closable={false}
        rootClassName="side-drawer"
        aria-label={t("nav.menu")}
      >
        <SideBar
          session={session.data}
          onNavigate={() => setDrawer(false)}
          onSearch={() => {
            setDrawer(false);
            setPalette(true);
          }}
        />
      </Drawer>
      <main
        id="content"
        ref={content}
        tabIndex={-1}
        className={moving ? "content is-moving" : "content"}
      >
        <LiveNote />
        <Outlet />
      </main>
      {palette && (
        <Suspense fallback={null}>
          <CommandPalette onClose={() => setPalette(false)} />
        </Suspense>
      )}
      {ended && <SessionEnded email={session.data.user.email} />}
    </div>
  );
}

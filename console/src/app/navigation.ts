import {
  Activity,
  BookHeart,
  CircleAlert,
  House,
  type LucideIcon,
  Inbox,
  LayoutTemplate,
  ListChecks,
  MailX,
  Mails,
  Megaphone,
  Settings,
  Shapes,
  Upload,
  UsersRound,
} from "lucide-react";
import type { Permission } from "@/lib/session";

export interface Place {
  to: string;
  text: string;
  icon: LucideIcon;
  /** Who may not do this is not offered the place. */
  needs?: Permission;
}

export interface PlaceGroup {
  title: string | null;
  places: Place[];
}

/**
 * The rooms of the console, in the order of the side bar. A new page is one line here and one
 * route.
 */
export const navigation: PlaceGroup[] = [
  { title: null, places: [{ to: "/", text: "nav.home", icon: House }] },
  {
    title: "nav.audience",
    places: [
      { to: "/customers", text: "nav.customers", icon: UsersRound },
      { to: "/segments", text: "nav.segments", icon: Shapes },
      { to: "/lists", text: "nav.lists", icon: ListChecks },
    ],
  },
  {
    title: "nav.messaging",
    places: [
      { to: "/campaigns", text: "nav.campaigns", icon: Megaphone, needs: "campaigns.read" },
      { to: "/messages", text: "nav.messages", icon: Mails, needs: "campaigns.read" },
      { to: "/templates", text: "nav.templates", icon: LayoutTemplate },
      { to: "/topics", text: "nav.topics", icon: BookHeart, needs: "campaigns.read" },
      { to: "/suppressions", text: "nav.suppressions", icon: MailX, needs: "campaigns.read" },
      { to: "/sandbox", text: "nav.sandbox", icon: Inbox },
    ],
  },
  {
    title: "nav.data",
    places: [
      { to: "/events", text: "nav.events", icon: Activity },
      { to: "/import", text: "nav.import", icon: Upload, needs: "events.import" },
      { to: "/rejected", text: "nav.rejected", icon: CircleAlert },
    ],
  },
];

export const settingsPlace: Place = { to: "/settings", text: "nav.settings", icon: Settings };

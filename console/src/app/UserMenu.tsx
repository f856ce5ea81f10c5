import { App, Dropdown, type MenuProps } from "antd";
import { ChevronsUpDown, KeyRound, Languages, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { Session } from "@/api/types";
import { Avatar } from "@/components/Avatar";
import {
  type ColorScheme,
  type Language,
  languageNames,
  languages,
  setPreferences,
  usePreferences,
} from "@/lib/preferences";
import { useSessionActions } from "@/lib/session";

const schemes = [
  { key: "system", text: "user.scheme_system", icon: <Monitor size={15} /> },
  { key: "light", text: "user.scheme_light", icon: <Sun size={15} /> },
  { key: "dark", text: "user.scheme_dark", icon: <Moon size={15} /> },
];

/** Who is signed in, and what is theirs to choose: appearance, language, password, leaving. */
export function UserMenu({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { language, scheme } = usePreferences();
  const { signOut } = useSessionActions();
  const navigate = useNavigate();
  const { message } = App.useApp();

  const items: MenuProps["items"] = [
    {
      key: "scheme",
      label: t("user.appearance"),
      icon: <Moon size={15} />,
      children: schemes.map((item) => ({
        key: `scheme:${item.key}`,
        label: t(item.text),
        icon: item.icon,
      })),
    },
    {
      key: "language",
      label: t("user.language"),
      icon: <Languages size={15} />,
      children: languages.map((item) => ({ key: `language:${item}`, label: languageNames[item] })),
    },
    { key: "account", label: t("user.password"), icon: <KeyRound size={15} /> },
    { type: "divider" },
    { key: "sign-out", label: t("user.sign_out"), icon: <LogOut size={15} /> },
  ];

  const choose = async (key: string) => {
    const [kind, value] = key.split(":");
    if (kind === "scheme") setPreferences({ scheme: value as ColorScheme });
    if (kind === "language") setPreferences({ language: value as Language });
    if (kind === "account") void navigate("/settings/account");
    if (kind === "sign-out") {
      try {
        await signOut();
        void navigate("/sign-in");
      } catch {
        void message.error(t("user.sign_out_failed"));
      }
    }
  };

  return (
    <Dropdown
      trigger={["click"]}
      placement="topLeft"
      menu={{
        items,
        selectedKeys: [`scheme:${scheme}`, `language:${language}`],
        onClick: ({ key }) => void choose(key),
      }}
    >
      <button type="button" className="user">
        <Avatar seed={session.user.id} name={session.user.email} size={30} />
        <span className="user-text">
          <span title={session.user.email}>{session.user.email}</span>
          <small>{t(`role.${session.user.role}`)}</small>
        </span>
        <ChevronsUpDown size={15} aria-hidden />
      </button>
    </Dropdown>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Modal } from "antd";
import {
  CornerDownLeft,
  type LucideIcon,
  Megaphone,
  Moon,
  Plus,
  Search,
  Shapes,
  Sun,
  Upload,
  UserRound,
} from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api } from "@/api/operations";
import { displayName, emailOf } from "@/lib/people";
import { setPreferences } from "@/lib/preferences";
import { type Permission, useSession } from "@/lib/session";
import { matches } from "@/lib/match";
import { navigation, settingsPlace } from "./navigation";

interface Entry {
  key: string;
  group: string;
  text: string;
  note?: string;
  icon: LucideIcon;
  run: () => void;
}

const perGroup = 6;
const restMs = 150;

function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), restMs);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}

/** Pages and actions that this user may open, whatever is typed. */
function useFixedEntries(go: (to: string) => void): Entry[] {
  const { t } = useTranslation();
  const permissions = useSession().data?.permissions;
  return useMemo(() => {
    const may = (needs?: Permission) => !needs || (permissions?.includes(needs) ?? false);
    const pages = [...navigation.flatMap((group) => group.places), settingsPlace]
      .filter((place) => may(place.needs))
      .map((place) => ({
        key: `page ${place.to}`,
        group: t("palette.pages"),
        text: t(place.text),
        icon: place.icon,
        run: () => go(place.to),
      }));
    const actions: (Omit<Entry, "group"> & { needs?: Permission })[] = [
      {
        key: "new segment",
        text: t("palette.new_segment"),
        icon: Plus,
        needs: "segments.write",
        run: () => go("/segments/new"),
      },
      {
        key: "new campaign",
        text: t("palette.new_campaign"),
        icon: Plus,
        needs: "campaigns.write",
        run: () => go("/campaigns/new"),
      },
      {
        key: "import",
        text: t("palette.import"),
        icon: Upload,
        needs: "events.import",
        run: () => go("/import"),
      },
      {
        key: "light",
        text: t("palette.light"),
        icon: Sun,
        run: () => setPreferences({ scheme: "light" }),
      },
      {
        key: "dark",
        text: t("palette.dark"),
        icon: Moon,
        run: () => setPreferences({ scheme: "dark" }),
      },
    ];
    return [
      ...pages,
      ...actions
        .filter((action) => may(action.needs))
        .map((action) => ({ ...action, group: t("palette.actions") })),
    ];
  }, [t, permissions, go]);
}

function useFoundEntries(text: string, go: (to: string) => void): Entry[] {
  const { t } = useTranslation();
  const asked = text.trim().length >= 2;
  const customers = useQuery({
    queryKey: ["palette", "customers", text],
    queryFn: ({ signal }) => api.customers({ query: text.trim(), limit: perGroup }, signal),
    enabled: asked,
  });
  const segments = useQuery({
    queryKey: ["palette", "segments"],
    queryFn: ({ signal }) => api.segments({ limit: 200 }, signal),
    enabled: asked,
  });
  const campaigns = useQuery({
    queryKey: ["palette", "campaigns"],
    queryFn: ({ signal }) => api.campaigns({ limit: 200 }, signal),
    enabled: asked,
  });
  if (!asked) return [];
  const named = (items: { id: string; name: string }[] | undefined) =>
    (items ?? []).filter((item) => matches(item.name, text)).slice(0, perGroup);
  return [
    ...(customers.data?.items ?? []).map((customer) => ({
      key: customer.id,
      group: t("nav.customers"),
      text: displayName(customer) || t("customers.anonymous"),
      note: emailOf(customer),
      icon: UserRound,
      run: () => go(`/customers/${customer.id}`),
    })),
    ...named(segments.data?.items).map((segment) => ({
      key: segment.id,
      group: t("nav.segments"),
      text: segment.name,
      icon: Shapes,
      run: () => go(`/segments/${segment.id}`),
    })),
    ...named(campaigns.data?.items).map((campaign) => ({
      key: campaign.id,
      group: t("nav.campaigns"),
      text: campaign.name,
      icon: Megaphone,
      run: () => go(`/campaigns/${campaign.id}`),
    })),
  ];
}

function Entries({
  entries,
  chosen,
  onChoose,
  onRun,
  listId,
}: {
  entries: Entry[];
  chosen: number;
  onChoose: (index: number) => void;
  onRun: (entry: Entry) => void;
  listId: string;
}) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <div ref={box} id={listId} role="listbox" aria-label={t("palette.title")} className="palette">
      {entries.map((entry, index) => (
        <div key={entry.key}>
          {entry.group !== entries[index - 1]?.group && (
            <div className="palette-group" aria-hidden>
              {entry.group}
            </div>
          )}
          {/* The field keeps the focus and its keys; the list follows aria-activedescendant. */}
          {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events */}
          <div
            role="option"
            id={`${listId}-${index}`}
            aria-selected={index === chosen}
            tabIndex={-1}
            className="palette-entry"
            onMouseMove={() => onChoose(index)}
            onClick={() => onRun(entry)}
          >
            <entry.icon size={16} aria-hidden />
            <span className="clip">{entry.text}</span>
            {entry.note && entry.note !== entry.text && (
              <small className="muted clip">{entry.note}</small>
            )}
            {index === chosen && <CornerDownLeft size={14} className="palette-enter" aria-hidden />}
          </div>
        </div>
      ))}
    </div>
  );
}

/** Finds customers, segments, campaigns, pages and actions by typing; keys alone suffice. */
export default function CommandPalette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const listId = useId();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const rested = useRested(text);
  const go = useMemo(() => (to: string) => void navigate(to), [navigate]);
  const fixed = useFixedEntries(go);
  const found = useFoundEntries(rested, go);
  const entries = [...found, ...fixed.filter((entry) => matches(entry.text, text))];
  const at = Math.min(chosen, Math.max(0, entries.length - 1));

  const run = (entry: Entry) => {
    onClose();
    entry.run();
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move && entries.length > 0) {
      event.preventDefault();
      setChosen((at + move + entries.length) % entries.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const entry = entries[at];
      if (entry) run(entry);
    }
  };
  return (
    <Modal
      open
      onCancel={onClose}
      footer={null}
      closable={false}
      width={600}
      className="palette-modal"
      title={<span className="hidden">{t("palette.title")}</span>}
    >
      <div className="palette-field">
        <Search size={18} aria-hidden />
        <input
          autoFocus
          type="text"
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={entries.length > 0 ? `${listId}-${at}` : undefined}
          aria-label={t("palette.placeholder")}
          placeholder={t("palette.placeholder")}
          value={text}
          maxLength={200}
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
          }}
          onKeyDown={press}
        />
      </div>
      {entries.length > 0 ? (
        <Entries entries={entries} chosen={at} onChoose={setChosen} onRun={run} listId={listId} />
      ) : (
        <p className="palette-none muted" role="status">
          {t("palette.none", { text })}
        </p>
      )}
      <p className="palette-keys faint" aria-hidden>
        {t("palette.keys")}
      </p>
    </Modal>
  );
}

import { Button, Dropdown, Select } from "antd";
import { CalendarCheck, ChevronDown, FolderPlus, Trash2, UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import {
  type Draft,
  type GroupDraft,
  type Kind,
  newDraft,
  newEvent,
  newTrait,
  type TraitDraft,
} from "@/components/conditions/condition";
import { EventFields } from "./EventFields";
import { AbsenceFields, BucketFields, MemberFields, SequenceFields, Sign } from "./OtherFields";
import { MessageFields, TopicFields } from "./MessageFields";
import { PlaceFields } from "./PlaceFields";
import { TestFields } from "./TestFields";

interface Props<T> {
  draft: T;
  onChange: (draft: T) => void;
}

const maxDepth = 15;
const otherKinds: Kind[] = [
  "sequence",
  "absence",
  "message",
  "segment",
  "list",
  "topic",
  "place",
  "bucket",
];

function TraitFields({ draft, onChange }: Props<TraitDraft>) {
  const { t } = useTranslation();
  return (
    <div className="condition-line">
      <Sign
        draft={draft}
        onChange={onChange}
        yes={t("builder.trait")}
        no={t("builder.trait_not")}
      />
      <TestFields
        test={draft.test}
        onChange={(test) => onChange({ ...draft, test })}
        nameLabel={t("builder.trait_name")}
        names={{ kind: "traits" }}
        values={{ trait: draft.test.path }}
      />
    </div>
  );
}

const groupSigns = ["all", "any", "not_any", "not_all"] as const;
type GroupSign = (typeof groupSigns)[number];

function withSign(draft: GroupDraft, sign: GroupSign): GroupDraft {
  return { ...draft, negated: sign.startsWith("not_"), op: sign.endsWith("any") ? "any" : "all" };
}

function NodeFields({ draft, onChange, depth }: Props<Draft> & { depth: number }) {
  switch (draft.kind) {
    case "group":
      return <GroupFields draft={draft} onChange={onChange} depth={depth + 1} />;
    case "trait":
      return <TraitFields draft={draft} onChange={onChange} />;
    case "event":
      return <EventFields draft={draft} onChange={onChange} />;
    case "absence":
      return <AbsenceFields draft={draft} onChange={onChange} />;
    case "sequence":
      return <SequenceFields draft={draft} onChange={onChange} />;
    case "message":
      return <MessageFields draft={draft} onChange={onChange} />;
    case "segment":
    case "list":
      return <MemberFields draft={draft} onChange={onChange} />;
    case "topic":
      return <TopicFields draft={draft} onChange={onChange} />;
    case "place":
      return <PlaceFields draft={draft} onChange={onChange} />;
    case "bucket":
      return <BucketFields draft={draft} onChange={onChange} />;
  }
}

function AddButtons({ onAdd, mayNest }: { onAdd: (draft: Draft) => void; mayNest: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="group-add">
      <Button icon={<UserRound size={15} />} onClick={() => onAdd(newTrait())}>
        {t("builder.add_trait")}
      </Button>
      <Button icon={<CalendarCheck size={15} />} onClick={() => onAdd(newEvent())}>
        {t("builder.add_event")}
      </Button>
      <Dropdown
        trigger={["click"]}
        menu={{
          items: otherKinds.map((kind) => ({
            key: kind,
            label: (
              <span className="menu-item">
                {t(`form.${kind}`)}
                <small className="muted">{t(`form_note.${kind}`)}</small>
              </span>
            ),
          })),
          onClick: ({ key }) => onAdd(newDraft(key as Kind)),
        }}
      >
        <Button type="text" icon={<ChevronDown size={15} />} iconPlacement="end">
          {t("builder.add_more")}
        </Button>
      </Dropdown>
      {mayNest && (
        <Button
          type="text"
          icon={<FolderPlus size={15} />}
          onClick={() => onAdd(newDraft("group"))}
        >
          {t("builder.add_group")}
        </Button>
      )}
    </div>
  );
}

/** One group with everything in it; groups nest. */
export function GroupFields({
  draft,
  onChange,
  depth = 0,
}: Props<GroupDraft> & { depth?: number }) {
  const { t } = useTranslation();
  const change = (child: Draft) =>
    onChange({
      ...draft,
      children: draft.children.map((other) => (other.key === child.key ? child : other)),
    });
  const remove = (key: number) =>
    onChange({ ...draft, children: draft.children.filter((other) => other.key !== key) });
  const sign: GroupSign = draft.negated ? `not_${draft.op}` : draft.op;
  return (
    <div
      className={depth === 0 ? "group" : "group group-inner"}
      role="group"
      aria-label={t("builder.group")}
    >
      <div className="group-head">
        <span>{t("builder.match_before")}</span>
        <Select<GroupSign>
          variant="filled"
          value={sign}
          onChange={(value) => onChange(withSign(draft, value))}
          options={groupSigns.map((value) => ({ value, label: t(`builder.match_${value}`) }))}
          aria-label={t("builder.match")}
          popupMatchSelectWidth={false}
        />
        <span>{t("builder.match_after")}</span>
      </div>
      <ul className="group-children">
        {draft.children.map((child) => (
          <li key={child.key} className={`condition condition-${child.kind}`}>
            <div className="condition-body">
              <NodeFields draft={child} onChange={change} depth={depth} />
            </div>
            <Button
              type="text"
              icon={<Trash2 size={15} />}
              aria-label={t("builder.remove")}
              onClick={() => remove(child.key)}
              className="condition-remove"
            />
          </li>
        ))}
      </ul>
      <AddButtons
        onAdd={(child) => onChange({ ...draft, children: [...draft.children, child] })}
        mayNest={depth < maxDepth}
      />
    </div>
  );
}

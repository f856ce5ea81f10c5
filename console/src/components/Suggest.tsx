import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { AutoComplete } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { audience, type VocabularyName } from "@/api/audience";
import { useRested } from "@/lib/address";
import { useFormat } from "@/lib/format";

const restMs = 120;
const freshMs = 60_000;

/** What is asked for names: a trait, an event, or a property of an event. */
export type NamesOf = { kind: "traits" } | { kind: "events" } | { kind: "properties"; of: string };
/** What is asked for values. */
export type ValuesOf = { trait: string } | { event: string; property: string };

function ask(of: NamesOf, typed: string, signal: AbortSignal) {
  if (of.kind === "traits") return audience.traitNames(typed, signal);
  if (of.kind === "events") return audience.eventNames(typed, signal);
  return audience.propertyNames(of.of, typed, signal);
}

/** Names that really occur, the best matches first; stale answers are dropped. */
export function useNames(of: NamesOf, typed: string, enabled: boolean): VocabularyName[] {
  const rested = useRested(typed, restMs);
  const names = useQuery({
    queryKey: ["vocabulary", of.kind, of.kind === "properties" ? of.of : "", rested],
    queryFn: ({ signal }) => ask(of, rested, signal),
    enabled: enabled && (of.kind !== "properties" || of.of !== ""),
    placeholderData: keepPreviousData,
    staleTime: freshMs,
  });
  return names.data?.items ?? [];
}

/** Values that really occur, as they are typed. */
export function useValues(of: ValuesOf, typed: string, enabled: boolean): string[] {
  const rested = useRested(typed, restMs);
  const asked = "trait" in of ? of.trait !== "" : of.event !== "" && of.property !== "";
  const values = useQuery({
    queryKey: ["vocabulary", "values", of, rested],
    queryFn: ({ signal }) => audience.values(of, rested, signal),
    enabled: enabled && asked,
    placeholderData: keepPreviousData,
    staleTime: freshMs,
  });
  return (values.data?.items ?? []).map((item) => String(item.value));
}

/** A field for a name, offering those that occur with how often they do. */
export function NameField({
  of,
  value,
  onChange,
  label,
  autoFocus = false,
}: {
  of: NamesOf;
  value: string;
  onChange: (value: string) => void;
  label: string;
  autoFocus?: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const [typing, setTyping] = useState(false);
  const names = useNames(of, typing ? value : "", open);
  const types: Record<string, string> = {
    text: t("type.text"),
    number: t("type.number"),
    boolean: t("type.boolean"),
    time: t("type.time"),
    list: t("type.list"),
    object: t("type.object"),
  };
  return (
    <AutoComplete
      className="field-name"
      value={value}
      open={open && names.length > 0}
      onOpenChange={(next) => {
        setOpen(next);
        if (next) setTyping(false);
      }}
      onChange={(text: string) => {
        setTyping(true);
        onChange(text ?? "");
      }}
      options={names.map((name) => ({
        value: name.name,
        label: (
          <span className="suggestion">
            <span className="clip">{name.name}</span>
            <small className="muted">{types[name.type] ?? format.compact(name.count)}</small>
          </span>
        ),
      }))}
      placeholder={label}
      aria-label={label}
      popupMatchSelectWidth={300}
      autoFocus={autoFocus}
    />
  );
}

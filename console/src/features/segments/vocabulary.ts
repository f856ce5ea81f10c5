import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, useMemo } from "react";
import { api } from "@/api/operations";
import type { JsonObject } from "@/api/types";
import { isObject } from "@/lib/json";

/** Names and values that really occur, to be offered while typing. */
export interface Vocabulary {
  traits: string[];
  traitValues: Map<string, string[]>;
  events: string[];
  properties: Map<string, string[]>;
  propertyValues: Map<string, string[]>;
}

const empty: Vocabulary = {
  traits: [],
  traitValues: new Map(),
  events: [],
  properties: new Map(),
  propertyValues: new Map(),
};

export const VocabularyContext = createContext<Vocabulary>(empty);
export const useVocabulary = () => useContext(VocabularyContext);

const maxValues = 30;
const maxValueLength = 60;

function collect(
  object: JsonObject,
  visit: (path: string, value: string) => void,
  prefix = "",
): void {
  for (const [name, value] of Object.entries(object)) {
    const path = prefix + name.replaceAll("\\", "\\\\").replaceAll(".", "\\.");
    if (isObject(value)) {
      if (prefix.split(".").length < 3) collect(value, visit, `${path}.`);
    } else if (value !== null && !Array.isArray(value)) {
      visit(path, String(value));
    }
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key) ?? new Set();
  if (set.size < maxValues && value.length <= maxValueLength) set.add(value);
  map.set(key, set);
}

const sorted = (items: Iterable<string>) => [...items].sort((a, b) => a.localeCompare(b));
const sortedMap = (map: Map<string, Set<string>>) =>
  new Map([...map].map(([key, set]) => [key, sorted(set)]));

/** Reads the vocabulary from the newest customers and events. */
export function useLoadedVocabulary(): Vocabulary {
  const sample = useQuery({
    queryKey: ["vocabulary"],
    staleTime: 300_000,
    queryFn: async ({ signal }) => {
      const [customers, events] = await Promise.all([
        api.customers({ limit: 200 }, signal),
        api.events({ limit: 500, type: "track" }, signal),
      ]);
      return { customers: customers.items, events: events.items };
    },
  });
  return useMemo(() => {
    if (!sample.data) return empty;
    const traitValues = new Map<string, Set<string>>();
    const properties = new Map<string, Set<string>>();
    const propertyValues = new Map<string, Set<string>>();
    for (const customer of sample.data.customers) {
      collect(customer.traits, (path, value) => add(traitValues, path, value));
    }
    const events = new Set<string>();
    for (const event of sample.data.events) {
      const name = event.name ?? "";
      if (!name) continue;
      events.add(name);
      collect(event.properties, (path, value) => {
        add(properties, name, path);
        add(propertyValues, `${name}\n${path}`, value);
      });
    }
    return {
      traits: sorted(traitValues.keys()),
      traitValues: sortedMap(traitValues),
      events: sorted(events),
      properties: sortedMap(properties),
      propertyValues: sortedMap(propertyValues),
    };
  }, [sample.data]);
}

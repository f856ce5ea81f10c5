import type { ReactNode } from "react";

export type Tone = "neutral" | "good" | "busy" | "bad" | "warn";

/** A small word with a coloured dot; the word alone tells the state, the colour only helps. */
export function Pill({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`pill pill-${tone}`}>{children}</span>;
}

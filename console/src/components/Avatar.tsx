import { hueStep, initials } from "@/lib/people";

/** Initials on a quiet colour that stays the same for the same person. */
export function Avatar({ seed, name, size = 32 }: { seed: string; name: string; size?: number }) {
  return (
    <span
      className={`avatar avatar-${hueStep(seed, 6)}`}
      style={{ width: size, height: size, fontSize: Math.round(size * 0.38) }}
      aria-hidden
    >
      {initials(name) || "·"}
    </span>
  );
}

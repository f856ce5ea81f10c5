import { useState } from "react";
import { hueStep, initials } from "@/lib/people";

/**
 * A picture, or initials on a quiet colour that stays the same for the same person; also while the
 * picture is on its way and when it does not come.
 */
export function Avatar({
  seed,
  name,
  picture = "",
  size = 32,
}: {
  seed: string;
  name: string;
  picture?: string;
  size?: number;
}) {
  const [broken, setBroken] = useState("");
  return (
    <span
      className={`avatar avatar-${hueStep(seed, 6)}`}
      style={{ width: size, height: size, fontSize: Math.round(size * 0.38) }}
      aria-hidden
    >
      {initials(name) || "·"}
      {picture && picture !== broken && (
        <img
          src={picture}
          alt=""
          width={size}
          height={size}
          referrerPolicy="no-referrer"
          onError={() => setBroken(picture)}
        />
      )}
    </span>
  );
}

import { WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive, useLiveState } from "@/lib/live";

const patienceMs = 4_000;

/** Keeps the live connection open and says when what is on the screen may be old. */
export function LiveNote() {
  const { t } = useTranslation();
  const state = useLiveState();
  const [shown, setShown] = useState(false);
  useLive("changed", () => undefined);
  // A connection that is back at once is not worth a word.
  useEffect(() => {
    if (state !== "stale") {
      setShown(false);
      return undefined;
    }
    const timer = setTimeout(() => setShown(true), patienceMs);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <div role="status" className="live-note-box">
      {shown && (
        <p className="live-note">
          <WifiOff size={15} aria-hidden />
          {t("live.stale")}
        </p>
      )}
    </div>
  );
}

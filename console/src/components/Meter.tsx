import { Link } from "react-router";
import { useFormat } from "@/lib/format";

interface Props {
  label: string;
  value: number;
  whole: number;
  tone?: "main" | "soft" | "warm" | "bad";
  note?: string;
  /** Opens what is behind the number. */
  to?: string;
}

/** A number with its part of a whole as a quiet bar. */
export function Meter({ label, value, whole, tone = "main", note, to }: Props) {
  const format = useFormat();
  const part = whole > 0 ? Math.min(1, value / whole) : 0;
  return (
    <div className="meter">
      <div className="meter-head">
        <span className="meter-label">{label}</span>
        <span className="meter-value">
          {to && value > 0 ? (
            <Link to={to} aria-label={`${label}: ${format.number(value)}`}>
              {format.number(value)}
            </Link>
          ) : (
            format.number(value)
          )}
        </span>
        <span className="meter-rate">{format.rate(value, whole) ?? "–"}</span>
      </div>
      <div className="meter-track" aria-hidden>
        <span className={`meter-fill meter-${tone}`} style={{ width: `${part * 100}%` }} />
      </div>
      {note && <small className="muted">{note}</small>}
    </div>
  );
}

import { Link } from "react-router";
import { useFormat } from "@/lib/format";
import { recipientsOf } from "./variants";

/** A number of the report that leads to exactly the recipients it counts. */
export function Behind({
  campaign,
  number,
  query,
  label,
}: {
  campaign: { id: string };
  number: number;
  query: Record<string, string>;
  label: string;
}) {
  const format = useFormat();
  const text = format.number(number);
  if (number === 0) return text;
  return (
    <Link to={recipientsOf(campaign, query)} aria-label={`${label}: ${text}`}>
      {text}
    </Link>
  );
}

import { useQuery } from "@tanstack/react-query";
import { insight } from "@/api/insight";

const day = 86_400_000;
const width = 88;
const height = 22;

/** The line of the last weeks, without axes: a size beside it gives the scale. */
export function Sparkline({ segmentId, label }: { segmentId: string; label: string }) {
  const end = (Math.floor(Date.now() / day) + 1) * day;
  const from = new Date(end - 30 * day).toISOString();
  const sizes = useQuery({
    queryKey: ["segment-sizes", segmentId, "day", from],
    queryFn: ({ signal }) =>
      insight.sizes(segmentId, "day", from, new Date(end).toISOString(), signal),
    staleTime: 300_000,
  });
  const values = sizes.data?.items.map((item) => item.size) ?? [];
  if (values.length < 2) return <span className="faint">–</span>;
  const low = Math.min(...values);
  const span = Math.max(1, Math.max(...values) - low);
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * (width - 2) + 1;
    const y = height - 2 - ((value - low) / span) * (height - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg className="sparkline" width={width} height={height} role="img" aria-label={label}>
      <polyline points={points.join(" ")} fill="none" strokeWidth={1.6} />
    </svg>
  );
}

import { Tooltip } from "antd";
import { useFormat } from "@/lib/format";

interface Props {
  at: string | null | undefined;
  style?: "relative" | "full" | "date" | "time" | "precise";
}

/** A moment in the workspace's time zone; exact time and UTC on hover. */
export function Time({ at, style = "relative" }: Props) {
  const format = useFormat();
  if (!format.valid(at)) return <span className="faint">–</span>;
  const text = {
    relative: format.relative,
    full: format.dateTime,
    date: format.date,
    time: format.time,
    precise: format.preciseTime,
  }[style](at);
  return (
    <Tooltip
      title={
        <span className="time-tip">
          {format.dateTime(at)} ({format.timeZone})
          <br />
          {new Date(at).toISOString()}
        </span>
      }
    >
      <time dateTime={at}>{text}</time>
    </Tooltip>
  );
}

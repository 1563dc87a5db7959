import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import { exactTime, relativeTime } from "@/lib/time";

/** "3 h ago", the exact time when pointed at; kept up to date. */
export function TimeAgo({ time }: { time: number | undefined }) {
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), 30_000, { autoInvoke: true });
  if (!time) return <span>—</span>;
  return (
    <time dateTime={new Date(time).toISOString()} title={exactTime(time)}>
      {relativeTime(time, Math.max(now, time))}
    </time>
  );
}

import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import { exactTime, relativeTime } from "@/lib/time";

/** "3 h ago", kept up to date, with the exact time as its tooltip. */
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

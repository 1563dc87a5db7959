import type { RunStatus as Status } from "@/api/types";
import css from "./run-status.module.css";

const WORDS: Record<Status, string> = {
  RUNNING: "Running",
  SCHEDULED: "Scheduled",
  FINISHED: "Finished",
  FAILED: "Failed",
  KILLED: "Killed",
};

const TONES: Record<Status, string | undefined> = {
  RUNNING: css.live,
  SCHEDULED: css.live,
  FINISHED: css.ok,
  FAILED: css.bad,
  KILLED: css.warn,
};

const LOST = "Its client was not heard of in time. If it comes back, the run is open again.";

/** A coloured dot and a word, so that the meaning does not depend on colour alone. */
export function RunStatus({ lost = false, status }: { lost?: boolean; status: Status }) {
  return (
    <span className={`${css.status} ${TONES[status] ?? ""}`} title={lost ? LOST : undefined}>
      <span aria-hidden="true" className={css.dot} />
      {lost ? "Lost" : (WORDS[status] ?? status)}
    </span>
  );
}

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

/** A dot and a word: colour never speaks alone. */
export function RunStatus({ status }: { status: Status }) {
  return (
    <span className={`${css.status} ${TONES[status] ?? ""}`}>
      <span aria-hidden="true" className={css.dot} />
      {WORDS[status] ?? status}
    </span>
  );
}

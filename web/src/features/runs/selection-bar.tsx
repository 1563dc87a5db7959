import { Button, CloseButton } from "@mantine/core";
import { useState } from "react";
import { deleteRun, restoreRun } from "@/api/runs";
import type { Run } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { ErrorLine } from "@/components/error-panel";
import { Icon } from "@/components/icon";
import { useChange } from "@/components/use-change";
import { plural } from "@/lib/numbers";
import { runName } from "@/lib/run";
import css from "./selection-bar.module.css";

interface SelectionBarProps {
  runs: Run[];
  /** True for deleted runs, which can only be restored. */
  deleted: boolean;
  onCompare: () => void;
  onClear: () => void;
  /** Called with the runs that were deleted or restored. */
  onDone: (runIds: string[]) => void;
}

const NAMED = 8;

/** The actions for the selected runs. */
export function SelectionBar({ runs, deleted, onCompare, onClear, onDone }: SelectionBarProps) {
  const [asking, setAsking] = useState(false);
  const each = (work: (id: string) => Promise<object>) => async () => {
    const ids = runs.map((run) => run.info.run_id);
    for (const id of ids) await work(id);
    onDone(ids);
  };
  const remove = useChange(each(deleteRun), [["runs"]]);
  const restore = useChange(each(restoreRun), [["runs"]]);
  if (runs.length === 0) return null;
  return (
    <section aria-label="Selected runs" className={css.bar}>
      <span>{runs.length} selected</span>
      {deleted ? (
        <Button loading={restore.busy} onClick={() => restore.start()} variant="light">
          Restore
        </Button>
      ) : (
        <>
          <Button
            disabled={runs.length < 2}
            leftSection={<Icon name="compare" size={14} />}
            onClick={onCompare}
            variant="light"
          >
            Compare
          </Button>
          <Button
            color="red"
            leftSection={<Icon name="trash" size={14} />}
            onClick={() => setAsking(true)}
            variant="light"
          >
            Delete
          </Button>
        </>
      )}
      <CloseButton aria-label="Clear the selection" onClick={onClear} size="sm" />
      <ErrorLine error={restore.error} />
      <ConfirmDialog
        change={remove}
        confirm={`Delete ${plural(runs.length, "run")}`}
        danger
        onClose={() => setAsking(false)}
        opened={asking}
        title={`Delete ${plural(runs.length, "run")}?`}
      >
        <ul className={css.names}>
          {runs.slice(0, NAMED).map((run) => (
            <li key={run.info.run_id}>{runName(run)}</li>
          ))}
          {runs.length > NAMED && <li>and {runs.length - NAMED} more</li>}
        </ul>
        They can be restored from “Deleted” until they are purged.
      </ConfirmDialog>
    </section>
  );
}

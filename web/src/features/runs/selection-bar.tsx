import { Button, CloseButton } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteRun, restoreRun } from "@/api/runs";
import type { Run } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { ErrorLine } from "@/components/error-panel";
import { Icon } from "@/components/icon";
import { plural } from "@/lib/numbers";
import { runName } from "@/lib/run";
import css from "./selection-bar.module.css";

interface SelectionBarProps {
  runs: Run[];
  /** Whether these are deleted runs, which can only be restored. */
  deleted: boolean;
  onCompare: () => void;
  onClear: () => void;
}

const NAMED = 8;

/** What can be done with the selected runs. */
export function SelectionBar({ runs, deleted, onCompare, onClear }: SelectionBarProps) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const done = async () => {
    setAsking(false);
    onClear();
    await client.invalidateQueries({ queryKey: ["runs"] });
  };
  const each = (work: (id: string) => Promise<object>) => async () => {
    for (const run of runs) await work(run.info.run_id);
  };
  const remove = useMutation({ mutationFn: each(deleteRun), onSuccess: done });
  const restore = useMutation({ mutationFn: each(restoreRun), onSuccess: done });
  if (runs.length === 0) return null;
  return (
    <section aria-label="Selected runs" className={css.bar}>
      <span>{runs.length} selected</span>
      {deleted ? (
        <Button loading={restore.isPending} onClick={() => restore.mutate()} variant="light">
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
            onClick={() => {
              remove.reset();
              setAsking(true);
            }}
            variant="light"
          >
            Delete
          </Button>
        </>
      )}
      <CloseButton aria-label="Clear the selection" onClick={onClear} size="sm" />
      <ErrorLine error={restore.error} />
      <ConfirmDialog
        busy={remove.isPending}
        confirm={`Delete ${plural(runs.length, "run")}`}
        danger
        error={remove.error}
        onClose={() => setAsking(false)}
        onConfirm={() => remove.mutate()}
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

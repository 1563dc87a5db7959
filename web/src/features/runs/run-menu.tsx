import { deleteRun, renameRun } from "@/api/runs";
import type { Run } from "@/api/types";
import { deleteAction, EntityMenu, renameAction } from "@/components/entity-menu";
import { useChange } from "@/components/use-change";
import { runName } from "@/lib/run";

export function RunMenu({ run, onDeleted }: { run: Run; onDeleted: () => void }) {
  const name = runName(run);
  const rename = useChange((newName: string) => renameRun(run.info.run_id, newName), [["runs"]]);
  const remove = useChange(async () => {
    await deleteRun(run.info.run_id);
    onDeleted();
  }, [["runs"]]);
  const consequences = (
    <>
      The run <strong>{name}</strong> disappears from the lists. It can be restored until it is
      purged.
    </>
  );
  return (
    <EntityMenu
      actions={[
        renameAction({ what: "the run", name, change: rename }),
        deleteAction({ what: "the run", consequences, change: remove }),
      ]}
      label="More about this run"
    />
  );
}

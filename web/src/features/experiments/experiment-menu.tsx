import { deleteExperiment, renameExperiment } from "@/api/experiments";
import type { Experiment } from "@/api/types";
import { deleteAction, EntityMenu, renameAction } from "@/components/entity-menu";
import { useChange } from "@/components/use-change";

interface ExperimentMenuProps {
  experiment: Experiment;
  onDeleted?: () => void;
}

export function ExperimentMenu({ experiment, onDeleted }: ExperimentMenuProps) {
  const { experiment_id: id, name } = experiment;
  const rename = useChange((newName: string) => renameExperiment(id, newName), [["experiments"]]);
  const remove = useChange(async () => {
    await deleteExperiment(id);
    onDeleted?.();
  }, [["experiments"]]);
  const consequences = (
    <>
      The experiment <strong>{name}</strong> and its runs disappear from the lists. They can be
      restored until they are purged.
    </>
  );
  return (
    <EntityMenu
      actions={[
        renameAction({ what: "the experiment", name, change: rename }),
        deleteAction({ what: "the experiment", consequences, change: remove }),
      ]}
      compact
      label={`More about ${name}`}
    />
  );
}

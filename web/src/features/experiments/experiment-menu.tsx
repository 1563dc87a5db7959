import { ActionIcon, Menu } from "@mantine/core";
import { useState } from "react";
import { deleteExperiment, renameExperiment } from "@/api/experiments";
import type { Experiment } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Icon } from "@/components/icon";
import { NameDialog } from "@/components/name-dialog";
import { useChange } from "@/components/use-change";

interface ExperimentMenuProps {
  experiment: Experiment;
  onDeleted?: () => void;
}

export function ExperimentMenu({ experiment, onDeleted }: ExperimentMenuProps) {
  const [dialog, setDialog] = useState<"rename" | "delete">();
  const rename = useChange(
    (name: string) => renameExperiment(experiment.experiment_id, name),
    [["experiments"]],
  );
  const remove = useChange(async () => {
    await deleteExperiment(experiment.experiment_id);
    onDeleted?.();
  }, [["experiments"]]);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`More about ${experiment.name}`} size="sm">
            <Icon name="dots" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="pencil" />} onClick={() => setDialog("rename")}>
            Rename
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<Icon name="trash" />}
            onClick={() => setDialog("delete")}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <NameDialog
        change={rename}
        confirm="Rename"
        initial={experiment.name}
        label="Name"
        onClose={() => setDialog(undefined)}
        opened={dialog === "rename"}
        title="Rename the experiment"
      />
      <ConfirmDialog
        change={remove}
        confirm="Delete"
        danger
        onClose={() => setDialog(undefined)}
        opened={dialog === "delete"}
        title="Delete the experiment"
      >
        The experiment <strong>{experiment.name}</strong> and its runs disappear from the lists.
        They can be restored until they are purged.
      </ConfirmDialog>
    </>
  );
}

import { ActionIcon, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteExperiment, renameExperiment } from "@/api/experiments";
import type { Experiment } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Icon } from "@/components/icon";
import { NameDialog } from "@/components/name-dialog";

interface ExperimentMenuProps {
  experiment: Experiment;
  onDeleted?: () => void;
}

export function ExperimentMenu({ experiment, onDeleted }: ExperimentMenuProps) {
  const [dialog, setDialog] = useState<"rename" | "delete">();
  const client = useQueryClient();
  const done = async () => {
    setDialog(undefined);
    await client.invalidateQueries({ queryKey: ["experiments"] });
  };
  const rename = useMutation({
    mutationFn: (name: string) => renameExperiment(experiment.experiment_id, name),
    onSuccess: done,
  });
  const remove = useMutation({
    mutationFn: () => deleteExperiment(experiment.experiment_id),
    onSuccess: async () => {
      onDeleted?.();
      await done();
    },
  });
  const open = (which: "rename" | "delete") => {
    rename.reset();
    remove.reset();
    setDialog(which);
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`More about ${experiment.name}`} size="sm">
            <Icon name="dots" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="pencil" />} onClick={() => open("rename")}>
            Rename
          </Menu.Item>
          <Menu.Item color="red" leftSection={<Icon name="trash" />} onClick={() => open("delete")}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <NameDialog
        busy={rename.isPending}
        confirm="Rename"
        error={rename.error}
        initial={experiment.name}
        label="Name"
        onClose={() => setDialog(undefined)}
        onConfirm={(name) => rename.mutate(name)}
        opened={dialog === "rename"}
        title="Rename the experiment"
      />
      <ConfirmDialog
        busy={remove.isPending}
        confirm="Delete"
        danger
        error={remove.error}
        onClose={() => setDialog(undefined)}
        onConfirm={() => remove.mutate()}
        opened={dialog === "delete"}
        title="Delete the experiment"
      >
        The experiment <strong>{experiment.name}</strong> and its runs disappear from the lists.
        They can be restored until they are purged.
      </ConfirmDialog>
    </>
  );
}

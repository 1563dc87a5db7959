import { ActionIcon, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteRun, renameRun } from "@/api/runs";
import type { Run } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Icon } from "@/components/icon";
import { NameDialog } from "@/components/name-dialog";
import { runName } from "@/lib/run";

export function RunMenu({ run, onDeleted }: { run: Run; onDeleted: () => void }) {
  const [dialog, setDialog] = useState<"rename" | "delete">();
  const client = useQueryClient();
  const done = async () => {
    setDialog(undefined);
    await client.invalidateQueries({ queryKey: ["runs"] });
  };
  const rename = useMutation({
    mutationFn: (name: string) => renameRun(run.info.run_id, name),
    onSuccess: done,
  });
  const remove = useMutation({
    mutationFn: () => deleteRun(run.info.run_id),
    onSuccess: async () => {
      onDeleted();
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
          <ActionIcon aria-label="More about this run" variant="default">
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
        initial={runName(run)}
        label="Name"
        onClose={() => setDialog(undefined)}
        onConfirm={(name) => rename.mutate(name)}
        opened={dialog === "rename"}
        title="Rename the run"
      />
      <ConfirmDialog
        busy={remove.isPending}
        confirm="Delete"
        danger
        error={remove.error}
        onClose={() => setDialog(undefined)}
        onConfirm={() => remove.mutate()}
        opened={dialog === "delete"}
        title="Delete the run"
      >
        The run <strong>{runName(run)}</strong> disappears from the lists. It can be restored until
        it is purged.
      </ConfirmDialog>
    </>
  );
}

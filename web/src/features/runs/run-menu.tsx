import { ActionIcon, Menu } from "@mantine/core";
import { useState } from "react";
import { deleteRun, renameRun } from "@/api/runs";
import type { Run } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Icon } from "@/components/icon";
import { NameDialog } from "@/components/name-dialog";
import { useChange } from "@/components/use-change";
import { runName } from "@/lib/run";

export function RunMenu({ run, onDeleted }: { run: Run; onDeleted: () => void }) {
  const [dialog, setDialog] = useState<"rename" | "delete">();
  const rename = useChange((name: string) => renameRun(run.info.run_id, name), [["runs"]]);
  const remove = useChange(async () => {
    await deleteRun(run.info.run_id);
    onDeleted();
  }, [["runs"]]);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label="More about this run" variant="default">
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
        initial={runName(run)}
        label="Name"
        onClose={() => setDialog(undefined)}
        opened={dialog === "rename"}
        title="Rename the run"
      />
      <ConfirmDialog
        change={remove}
        confirm="Delete"
        danger
        onClose={() => setDialog(undefined)}
        opened={dialog === "delete"}
        title="Delete the run"
      >
        The run <strong>{runName(run)}</strong> disappears from the lists. It can be restored until
        it is purged.
      </ConfirmDialog>
    </>
  );
}

import { ActionIcon, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteRegisteredModel, renameRegisteredModel } from "@/api/registered-models";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Icon } from "@/components/icon";
import { NameDialog } from "@/components/name-dialog";

interface ModelMenuProps {
  name: string;
  onRenamed: (name: string) => void;
  onDeleted: () => void;
}

export function ModelMenu({ name, onRenamed, onDeleted }: ModelMenuProps) {
  const [dialog, setDialog] = useState<"rename" | "delete">();
  const client = useQueryClient();
  const refresh = async () => {
    setDialog(undefined);
    await client.invalidateQueries({ queryKey: ["registered-models", "search"] });
    await client.invalidateQueries({ queryKey: ["model-versions", "run"] });
  };
  const rename = useMutation({
    mutationFn: (newName: string) => renameRegisteredModel(name, newName),
    onSuccess: async (_answer, newName) => {
      onRenamed(newName);
      await refresh();
    },
  });
  const remove = useMutation({
    mutationFn: () => deleteRegisteredModel(name),
    onSuccess: async () => {
      onDeleted();
      await refresh();
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
          <ActionIcon aria-label="More about this model" variant="default">
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
        initial={name}
        label="Name"
        onClose={() => setDialog(undefined)}
        onConfirm={(newName) => rename.mutate(newName)}
        opened={dialog === "rename"}
        title="Rename the model"
      />
      <ConfirmDialog
        busy={remove.isPending}
        confirm="Delete"
        danger
        error={remove.error}
        onClose={() => setDialog(undefined)}
        onConfirm={() => remove.mutate()}
        opened={dialog === "delete"}
        title="Delete the model"
      >
        <strong>{name}</strong> and all its versions leave the registry for good. The runs and their
        files stay.
      </ConfirmDialog>
    </>
  );
}

import { ActionIcon, Menu } from "@mantine/core";
import { useState } from "react";
import { deleteRegisteredModel, renameRegisteredModel } from "@/api/registered-models";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Icon } from "@/components/icon";
import { NameDialog } from "@/components/name-dialog";
import { useChange } from "@/components/use-change";

interface ModelMenuProps {
  name: string;
  onRenamed: (name: string) => void;
  onDeleted: () => void;
}

export function ModelMenu({ name, onRenamed, onDeleted }: ModelMenuProps) {
  const [dialog, setDialog] = useState<"rename" | "delete">();
  const shownIn = [
    ["registered-models", "search"],
    ["model-versions", "run"],
  ];
  const gone = [
    ["registered-models", "one", name],
    ["model-versions", "one", name],
  ];
  const rename = useChange(
    async (newName: string) => {
      await renameRegisteredModel(name, newName);
      onRenamed(newName);
    },
    shownIn,
    gone,
  );
  const remove = useChange(
    async () => {
      await deleteRegisteredModel(name);
      onDeleted();
    },
    shownIn,
    gone,
  );
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label="More about this model" variant="default">
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
        initial={name}
        label="Name"
        onClose={() => setDialog(undefined)}
        opened={dialog === "rename"}
        title="Rename the model"
      />
      <ConfirmDialog
        change={remove}
        confirm="Delete"
        danger
        onClose={() => setDialog(undefined)}
        opened={dialog === "delete"}
        title="Delete the model"
      >
        <strong>{name}</strong> and all its versions leave the registry for good. The runs and their
        files stay.
      </ConfirmDialog>
    </>
  );
}

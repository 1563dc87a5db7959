import { ActionIcon, Menu } from "@mantine/core";
import { useState } from "react";
import { deleteModelVersion } from "@/api/model-versions";
import type { ModelVersion } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Icon } from "@/components/icon";
import { useChange } from "@/components/use-change";

interface VersionMenuProps {
  version: ModelVersion;
  onDeleted: () => void;
}

export function VersionMenu({ version, onDeleted }: VersionMenuProps) {
  const [opened, setOpened] = useState(false);
  const remove = useChange(
    async () => {
      await deleteModelVersion(version.name, version.version);
      onDeleted();
    },
    [["model-versions", "model"], ["model-versions", "run"], ["registered-models"]],
    [["model-versions", "one", version.name, version.version]],
  );
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label="More about this version" variant="default">
            <Icon name="dots" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            color="red"
            leftSection={<Icon name="trash" />}
            onClick={() => setOpened(true)}
          >
            Delete version
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        change={remove}
        confirm="Delete"
        danger
        onClose={() => setOpened(false)}
        opened={opened}
        title="Delete the version"
      >
        Version {version.version} of <strong>{version.name}</strong> leaves the registry for good.
        The run and its files stay.
      </ConfirmDialog>
    </>
  );
}

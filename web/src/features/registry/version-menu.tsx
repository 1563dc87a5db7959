import { ActionIcon, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteModelVersion } from "@/api/model-versions";
import type { ModelVersion } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Icon } from "@/components/icon";

interface VersionMenuProps {
  version: ModelVersion;
  onDeleted: () => void;
}

export function VersionMenu({ version, onDeleted }: VersionMenuProps) {
  const [opened, setOpened] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteModelVersion(version.name, version.version),
    onSuccess: async () => {
      setOpened(false);
      onDeleted();
      client.removeQueries({ queryKey: ["model-versions", "one", version.name, version.version] });
      await client.invalidateQueries({ queryKey: ["model-versions"] });
      await client.invalidateQueries({ queryKey: ["registered-models"] });
    },
  });
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
            onClick={() => {
              remove.reset();
              setOpened(true);
            }}
          >
            Delete version
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        busy={remove.isPending}
        confirm="Delete"
        danger
        error={remove.error}
        onClose={() => setOpened(false)}
        onConfirm={() => remove.mutate()}
        opened={opened}
        title="Delete the version"
      >
        Version {version.version} of <strong>{version.name}</strong> leaves the registry for good.
        The run and its files stay.
      </ConfirmDialog>
    </>
  );
}

import { deleteModelVersion } from "@/api/model-versions";
import type { ModelVersion } from "@/api/types";
import { deleteAction, EntityMenu } from "@/components/entity-menu";
import { useChange } from "@/components/use-change";

interface VersionMenuProps {
  version: ModelVersion;
  onDeleted: () => void;
}

export function VersionMenu({ version: { name, version }, onDeleted }: VersionMenuProps) {
  const remove = useChange(
    async () => {
      await deleteModelVersion(name, version);
      onDeleted();
    },
    [["model-versions", "model"], ["model-versions", "run"], ["registered-models"]],
    [["model-versions", "one", name, version]],
  );
  const consequences = (
    <>
      Version {version} of <strong>{name}</strong> leaves the registry for good. The run and its
      files stay.
    </>
  );
  return (
    <EntityMenu
      actions={[
        deleteAction({
          what: "the version",
          consequences,
          change: remove,
          label: "Delete version",
        }),
      ]}
      label="More about this version"
    />
  );
}

import { deleteRegisteredModel, renameRegisteredModel } from "@/api/registered-models";
import { deleteAction, EntityMenu, renameAction } from "@/components/entity-menu";
import { useChange } from "@/components/use-change";

interface ModelMenuProps {
  name: string;
  onRenamed: (name: string) => void;
  onDeleted: () => void;
}

export function ModelMenu({ name, onRenamed, onDeleted }: ModelMenuProps) {
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
  const consequences = (
    <>
      <strong>{name}</strong> and all its versions leave the registry for good. The runs and their
      files stay.
    </>
  );
  return (
    <EntityMenu
      actions={[
        renameAction({ what: "the model", name, change: rename }),
        deleteAction({ what: "the model", consequences, change: remove }),
      ]}
      label="More about this model"
    />
  );
}

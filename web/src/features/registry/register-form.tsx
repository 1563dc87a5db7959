import { Button, Group, SegmentedControl, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { createModelVersion } from "@/api/model-versions";
import { createRegisteredModel, registeredModelsQuery } from "@/api/registered-models";
import { ErrorLine } from "@/components/error-panel";
import { useChange } from "@/components/use-change";
import { useSearchText } from "@/components/use-search-text";

export interface ModelSource {
  runId: string;
  /** `runs:/<run id>/<path>` or `models:/<model id>`. */
  uri: string;
  modelId?: string;
}

interface RegisterFormProps {
  source: ModelSource;
  onDone: () => void;
  onCancel: () => void;
}

const NEW = "New model";
const EXISTING = "Existing model";

export function RegisterForm({ source, onDone, onCancel }: RegisterFormProps) {
  const [kind, setKind] = useState(NEW);
  const [newName, setNewName] = useState("");
  const [oldName, setOldName] = useState<string | null>(null);
  const [search, setSearch] = useState("");
  const { searchSoon } = useSearchText(search, setSearch);
  const [description, setDescription] = useState("");
  const models = useInfiniteQuery(registeredModelsQuery(search === oldName ? "" : search));
  const names = models.data?.pages.flatMap((page) => page.registered_models ?? []) ?? [];
  const options = [
    ...new Set([...(oldName === null ? [] : [oldName]), ...names.map((m) => m.name)]),
  ];
  const name = kind === NEW ? newName.trim() : (oldName ?? "");

  const register = useChange(async () => {
    if (kind === NEW) await createRegisteredModel(name);
    await createModelVersion({
      name,
      source: source.uri,
      run_id: source.runId,
      model_id: source.modelId,
      description: description.trim() || undefined,
    });
  }, [["model-versions"], ["registered-models"]]);

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        register.start(undefined, onDone);
      }}
    >
      <Stack gap="sm">
        <SegmentedControl
          data={[NEW, EXISTING]}
          fullWidth
          onChange={(value) => {
            register.forget();
            setKind(value);
          }}
          value={kind}
        />
        {kind === NEW ? (
          <TextInput
            data-autofocus
            description="A name that no other registered model has."
            label="Model name"
            onChange={(event) => setNewName(event.currentTarget.value)}
            required
            value={newName}
          />
        ) : (
          <Select
            allowDeselect={false}
            data={options}
            description="The model gets its next version."
            filter={({ options: found }) => found}
            label="Model"
            nothingFoundMessage={models.isFetching ? "Searching…" : "No model is named like this"}
            onChange={setOldName}
            onSearchChange={searchSoon}
            placeholder="Pick a registered model"
            required
            searchable
            value={oldName}
          />
        )}
        <Textarea
          autosize
          description="What this version is. You can change it later."
          label="Description of the version"
          maxRows={8}
          minRows={2}
          onChange={(event) => setDescription(event.currentTarget.value)}
          value={description}
        />
        <ErrorLine error={register.error} />
        <Group gap="xs" justify="flex-end">
          <Button onClick={onCancel} variant="default">
            Cancel
          </Button>
          <Button disabled={name === ""} loading={register.busy} type="submit">
            Register
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

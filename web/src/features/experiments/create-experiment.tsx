import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { createExperiment } from "@/api/experiments";
import { ErrorLine } from "@/components/error-panel";
import { Icon } from "@/components/icon";
import { useChange } from "@/components/use-change";

/** The button and its dialog. Calls `onCreated` with the id of the new experiment. */
export function CreateExperiment({ onCreated }: { onCreated: (id: string) => void }) {
  const [opened, dialog] = useDisclosure(false);
  const [name, setName] = useState("");
  const [location, setLocation] = useState("");
  const create = useChange(() => createExperiment(name.trim(), location.trim()), [["experiments"]]);
  const close = () => {
    create.forget();
    dialog.close();
  };
  const submit = () =>
    create.start(undefined, ({ experiment_id }) => {
      close();
      setName("");
      setLocation("");
      onCreated(experiment_id);
    });
  return (
    <>
      <Button leftSection={<Icon name="plus" size={14} />} onClick={dialog.open}>
        New experiment
      </Button>
      <Modal onClose={close} opened={opened} title="New experiment">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <Stack gap="sm">
            <TextInput
              data-autofocus
              label="Name"
              onChange={(event) => setName(event.currentTarget.value)}
              required
              value={name}
            />
            <TextInput
              description="Where its runs store their files, such as s3://bucket. Leave empty for the server's default."
              label="Artifact location"
              onChange={(event) => setLocation(event.currentTarget.value)}
              value={location}
            />
            <ErrorLine error={create.error} />
            <Group gap="xs" justify="flex-end">
              <Button onClick={close} variant="default">
                Cancel
              </Button>
              <Button disabled={name.trim() === ""} loading={create.busy} type="submit">
                Create
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

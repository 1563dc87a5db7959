import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createExperiment } from "@/api/experiments";
import { ErrorLine } from "@/components/error-panel";
import { Icon } from "@/components/icon";

/** The button and its dialog; tells the id of the new experiment. */
export function CreateExperiment({ onCreated }: { onCreated: (id: string) => void }) {
  const [opened, dialog] = useDisclosure(false);
  const [name, setName] = useState("");
  const [location, setLocation] = useState("");
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => createExperiment(name.trim(), location.trim()),
    onSuccess: async ({ experiment_id }) => {
      dialog.close();
      setName("");
      setLocation("");
      await client.invalidateQueries({ queryKey: ["experiments"] });
      onCreated(experiment_id);
    },
  });
  const open = () => {
    create.reset();
    dialog.open();
  };
  return (
    <>
      <Button leftSection={<Icon name="plus" size={14} />} onClick={open}>
        New experiment
      </Button>
      <Modal onClose={dialog.close} opened={opened} title="New experiment">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
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
              description="Where its runs keep their files, such as s3://bucket. Empty: the server's default."
              label="Artifact location"
              onChange={(event) => setLocation(event.currentTarget.value)}
              value={location}
            />
            <ErrorLine error={create.error} />
            <Group gap="xs" justify="flex-end">
              <Button onClick={dialog.close} variant="default">
                Cancel
              </Button>
              <Button disabled={name.trim() === ""} loading={create.isPending} type="submit">
                Create
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

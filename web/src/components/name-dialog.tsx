import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { ErrorLine } from "./error-panel";
import type { Change } from "./use-change";

interface NameFormProps {
  label: string;
  initial: string;
  confirm: string;
  change: Change<string>;
  onClose: () => void;
}

interface NameDialogProps extends NameFormProps {
  opened: boolean;
  title: string;
}

/** Asks for the new name of a run, an experiment or a model. Closing it stops only the wait for the answer. */
export function NameDialog({ opened, title, onClose, ...form }: NameDialogProps) {
  const close = () => {
    form.change.forget();
    onClose();
  };
  return (
    <Modal onClose={close} opened={opened} title={title}>
      <NameForm {...form} onClose={close} />
    </Modal>
  );
}

/** Mounted only while the dialog is open. If the name changes meanwhile, what is being typed stays. */
function NameForm({ label, initial, confirm, change, onClose }: NameFormProps) {
  const [name, setName] = useState(initial);
  const wanted = name.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted !== "") change.start(wanted, onClose);
      }}
    >
      <Stack gap="md">
        <TextInput
          data-autofocus
          label={label}
          onChange={(event) => setName(event.currentTarget.value)}
          value={name}
        />
        <ErrorLine error={change.error} />
        <Group gap="xs" justify="flex-end">
          <Button onClick={onClose} variant="default">
            Cancel
          </Button>
          <Button disabled={wanted === ""} loading={change.busy} type="submit">
            {confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

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

/** Asks for one name: rename a run, an experiment, a model. Who closes it waits for no answer any more. */
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

/** Lives as long as the dialog is open: a name that changes meanwhile does not replace what is being typed. */
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

import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { ErrorLine } from "./error-panel";

interface NameDialogProps {
  opened: boolean;
  title: string;
  label: string;
  initial: string;
  confirm: string;
  busy: boolean;
  error: Error | null;
  onConfirm: (name: string) => void;
  onClose: () => void;
}

/** Asks for one name: rename a run, an experiment, a model. */
export function NameDialog(props: NameDialogProps) {
  const { opened, initial } = props;
  const [name, setName] = useState(initial);
  useEffect(() => {
    if (opened) setName(initial);
  }, [opened, initial]);
  const wanted = name.trim();
  return (
    <Modal onClose={props.onClose} opened={opened} title={props.title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted !== "") props.onConfirm(wanted);
        }}
      >
        <Stack gap="md">
          <TextInput
            data-autofocus
            label={props.label}
            onChange={(event) => setName(event.currentTarget.value)}
            value={name}
          />
          <ErrorLine error={props.error} />
          <Group gap="xs" justify="flex-end">
            <Button onClick={props.onClose} variant="default">
              Cancel
            </Button>
            <Button disabled={wanted === ""} loading={props.busy} type="submit">
              {props.confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

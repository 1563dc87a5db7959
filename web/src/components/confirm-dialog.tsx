import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorLine } from "./error-panel";
import type { Change } from "./use-change";

interface ConfirmDialogProps {
  opened: boolean;
  title: string;
  confirm: string;
  danger?: boolean;
  change: Change;
  onClose: () => void;
  children: ReactNode;
}

/** Asks before a change is made. Closing it does not stop a change that has started, only the wait for it. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { change, onClose } = props;
  const close = () => {
    change.forget();
    onClose();
  };
  return (
    <Modal onClose={close} opened={props.opened} title={props.title}>
      <Stack gap="md">
        <div>{props.children}</div>
        <ErrorLine error={change.error} />
        <Group gap="xs" justify="flex-end">
          <Button onClick={close} variant="default">
            Cancel
          </Button>
          <Button
            color={props.danger ? "red" : undefined}
            data-autofocus
            loading={change.busy}
            onClick={() => change.start(undefined, close)}
          >
            {props.confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

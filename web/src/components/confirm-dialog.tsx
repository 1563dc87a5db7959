import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorLine } from "./error-panel";

interface ConfirmDialogProps {
  opened: boolean;
  title: string;
  confirm: string;
  danger?: boolean;
  busy: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Modal onClose={props.onClose} opened={props.opened} title={props.title}>
      <Stack gap="md">
        <div>{props.children}</div>
        <ErrorLine error={props.error} />
        <Group gap="xs" justify="flex-end">
          <Button onClick={props.onClose} variant="default">
            Cancel
          </Button>
          <Button
            color={props.danger ? "red" : undefined}
            data-autofocus
            loading={props.busy}
            onClick={props.onConfirm}
          >
            {props.confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

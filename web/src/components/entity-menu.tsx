import { ActionIcon, Menu } from "@mantine/core";
import { Fragment, type ReactNode, useState } from "react";
import { ConfirmDialog } from "./confirm-dialog";
import { Icon, type IconName } from "./icon";
import { NameDialog } from "./name-dialog";
import type { Change } from "./use-change";

interface DialogProps {
  opened: boolean;
  onClose: () => void;
}

export interface MenuAction {
  label: string;
  icon: IconName;
  danger?: boolean;
  /** Asks before anything is done. It is always mounted, so that it can fade when it closes. */
  dialog: (props: DialogProps) => ReactNode;
}

interface EntityMenuProps {
  label: string;
  actions: MenuAction[];
  /** Small and without a border: it also stands in the rows of a table. */
  compact?: boolean;
}

/** The three dots beside an experiment, a run, a model or a version: each action opens its dialog. */
export function EntityMenu({ label, actions, compact }: EntityMenuProps) {
  const [open, setOpen] = useState<string>();
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={label} {...(compact ? { size: "sm" } : { variant: "default" })}>
            <Icon name="dots" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {actions.map((action) => (
            <Menu.Item
              color={action.danger ? "red" : undefined}
              key={action.label}
              leftSection={<Icon name={action.icon} />}
              onClick={() => setOpen(action.label)}
            >
              {action.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {actions.map(({ label, dialog }) => (
        <Fragment key={label}>
          {dialog({ opened: open === label, onClose: () => setOpen(undefined) })}
        </Fragment>
      ))}
    </>
  );
}

interface RenameOptions {
  /** "the run" */
  what: string;
  name: string;
  change: Change<string>;
}

export function renameAction({ what, name, change }: RenameOptions): MenuAction {
  return {
    label: "Rename",
    icon: "pencil",
    dialog: (props) => (
      <NameDialog
        {...props}
        change={change}
        confirm="Rename"
        initial={name}
        label="Name"
        title={`Rename ${what}`}
      />
    ),
  };
}

interface DeleteOptions {
  /** "the run" */
  what: string;
  /** What else happens, and whether it can be undone. */
  consequences: ReactNode;
  change: Change;
  label?: string;
}

export function deleteAction(options: DeleteOptions): MenuAction {
  const { what, consequences, change, label = "Delete" } = options;
  return {
    label,
    icon: "trash",
    danger: true,
    dialog: (props) => (
      <ConfirmDialog {...props} change={change} confirm="Delete" danger title={`Delete ${what}`}>
        {consequences}
      </ConfirmDialog>
    ),
  };
}

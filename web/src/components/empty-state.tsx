import type { ReactNode } from "react";
import { Command } from "./command";
import { Icon, type IconName } from "./icon";
import css from "./panels.module.css";

interface EmptyStateProps {
  icon: IconName;
  title: string;
  children?: ReactNode;
  /** A shell command that fills this page. */
  command?: string;
  action?: ReactNode;
}

export function EmptyState({ icon, title, children, command, action }: EmptyStateProps) {
  return (
    <div className={css.empty}>
      <span className={css.emptyIcon}>
        <Icon name={icon} size={22} />
      </span>
      <strong>{title}</strong>
      {children !== undefined && <p>{children}</p>}
      {command !== undefined && <Command text={command} />}
      {action}
    </div>
  );
}

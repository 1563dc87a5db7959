import css from "./command.module.css";
import { CopyButton } from "./copy-button";

/** A shell command with a copy button. */
export function Command({ text }: { text: string }) {
  return (
    <span className={css.command}>
      <code>{text}</code>
      <CopyButton label="Copy the command" text={text} />
    </span>
  );
}

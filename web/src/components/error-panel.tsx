import { Button } from "@mantine/core";
import css from "./panels.module.css";

interface ErrorPanelProps {
  /** The thing that could not be shown: "the run 3fa9…". */
  what: string;
  error: Error;
  onRetry?: () => void;
}

export function ErrorPanel({ what, error, onRetry }: ErrorPanelProps) {
  return (
    <div className={css.error} role="alert">
      <div>
        <strong>Could not load {what}</strong>
        <p>{error.message}</p>
      </div>
      {onRetry !== undefined && (
        <Button color="red" onClick={onRetry} variant="light">
          Try again
        </Button>
      )}
    </div>
  );
}

/** One line under a form or a button. */
export function ErrorLine({ error }: { error: Error | null }) {
  if (error === null) return null;
  return (
    <p className={css.line} role="alert">
      {error.message}
    </p>
  );
}

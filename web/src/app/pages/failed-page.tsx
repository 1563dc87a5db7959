import type { ErrorComponentProps } from "@tanstack/react-router";
import { ErrorPanel } from "@/components/error-panel";
import { Page } from "@/components/page";

/** Shown when a page cannot be drawn: its script did not load, or this code has a bug. */
export function FailedPage({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="Something went wrong">
      <ErrorPanel
        error={error instanceof Error ? error : new Error(String(error))}
        onRetry={reset}
        what="this page"
      />
    </Page>
  );
}

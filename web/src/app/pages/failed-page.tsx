import type { ErrorComponentProps } from "@tanstack/react-router";
import { ErrorPanel } from "@/components/error-panel";
import { Page } from "@/components/page";

/** Where a page itself broke: a chunk that did not load, a fault in this code. */
export function FailedPage({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="Something broke">
      <ErrorPanel
        error={error instanceof Error ? error : new Error(String(error))}
        onRetry={reset}
        what="this page"
      />
    </Page>
  );
}

import { Link } from "@tanstack/react-router";
import { EmptyState } from "@/components/empty-state";
import { Page } from "@/components/page";

export function NotFoundPage() {
  return (
    <Page title="No such page">
      <EmptyState
        action={<Link to="/experiments">Go to the experiments</Link>}
        icon="alert"
        title="There is no page at this address"
      />
    </Page>
  );
}

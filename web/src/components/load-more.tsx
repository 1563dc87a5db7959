import { Button } from "@mantine/core";

interface LoadMoreProps {
  more: boolean;
  busy: boolean;
  onMore: () => void;
}

export function LoadMore({ more, busy, onMore }: LoadMoreProps) {
  if (!more) return null;
  return (
    <Button loading={busy} m={10} onClick={onMore} variant="default">
      Load more
    </Button>
  );
}

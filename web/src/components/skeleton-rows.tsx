import { Skeleton, Stack } from "@mantine/core";

export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <Stack aria-busy="true" aria-label="Loading" gap={14} p={16} role="status">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <Skeleton height={12} key={row} radius="xl" width={`${92 - ((row * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

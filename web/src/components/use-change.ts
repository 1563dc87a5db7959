import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";

export interface Change<Input = void, Answer = unknown> {
  busy: boolean;
  error: Error | null;
  /** `follow` is not called if the component has unmounted, has started again or has called `forget`. */
  start: (input: Input, follow?: (answer: Answer) => void) => void;
  forget: () => void;
}

/**
 * A change on the server. `work` always runs to its end, even if the user has left the page. Then the queries in
 * `shownIn` are read again, also after a failure, since part of the work may be done. The queries in `gone` are
 * only marked as stale: the page of a deleted thing may still be mounted, and a refetch would show an error there.
 */
export function useChange<Answer, Input = void>(
  work: (input: Input) => Promise<Answer>,
  shownIn: QueryKey[],
  gone: QueryKey[] = [],
): Change<Input, Answer> {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: work,
    onSettled: (_answer, error) => {
      for (const queryKey of shownIn) void client.invalidateQueries({ queryKey });
      if (error === null)
        for (const queryKey of gone)
          void client.invalidateQueries({ queryKey, refetchType: "none" });
    },
  });
  return {
    busy: mutation.isPending,
    error: mutation.error,
    start: (input, follow) => mutation.mutate(input, { onSuccess: (answer) => follow?.(answer) }),
    forget: mutation.reset,
  };
}

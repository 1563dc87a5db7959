import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";

export interface Change<Input = void, Answer = unknown> {
  busy: boolean;
  error: Error | null;
  /** What is to follow belongs to the asker: it does not once that is gone, has asked anew or has called `forget`. */
  start: (input: Input, follow?: (answer: Answer) => void) => void;
  forget: () => void;
}

/**
 * A change of what the server has. `work` runs to its end wherever the user is by then, and then what shows the
 * change is read again, after a failure too: a part of the work may be done. What is gone is only marked as old, as
 * its page may still stand for a moment and would be told that there is no such thing.
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

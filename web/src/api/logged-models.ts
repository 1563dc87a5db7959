import { queryOptions } from "@tanstack/react-query";
import { ApiError, call, get } from "./client";
import type { LoggedModelAnswer, LoggedModelsAnswer } from "./types";

/** The models that a run logged outside its own artifacts. Empty on servers without logged models. */
export function loggedModelsOfRunQuery(experimentId: string, runId: string) {
  return queryOptions({
    queryKey: ["logged-models", "run", runId],
    queryFn: async ({ signal }) => {
      try {
        const page = await call<LoggedModelsAnswer>(
          "POST",
          "logged-models/search",
          { experiment_ids: [experimentId], filter: `source_run_id = '${runId}'`, max_results: 50 },
          signal,
        );
        return page.models ?? [];
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return [];
        throw error;
      }
    },
  });
}

export function loggedModelQuery(modelId: string) {
  return queryOptions({
    queryKey: ["logged-models", "one", modelId],
    queryFn: async ({ signal }) =>
      (
        await get<LoggedModelAnswer>(
          `logged-models/${encodeURIComponent(modelId)}`,
          undefined,
          signal,
        )
      ).model,
  });
}

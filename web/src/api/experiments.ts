import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { nameFilter } from "@/lib/filters";
import { call, get } from "./client";
import type { ExperimentAnswer, ExperimentId, ExperimentsAnswer, ViewType } from "./types";

export function experimentsQuery(search: string, view: ViewType = "ACTIVE_ONLY") {
  return infiniteQueryOptions({
    queryKey: ["experiments", "search", search, view],
    queryFn: ({ pageParam, signal }) =>
      call<ExperimentsAnswer>(
        "POST",
        "experiments/search",
        {
          max_results: 100,
          filter: nameFilter("name", search),
          order_by: ["last_update_time DESC"],
          view_type: view,
          page_token: pageParam,
        },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_page_token || undefined,
  });
}

export function experimentQuery(id: string) {
  return queryOptions({
    queryKey: ["experiments", "one", id],
    queryFn: async ({ signal }) =>
      (await get<ExperimentAnswer>("experiments/get", { experiment_id: id }, signal)).experiment,
  });
}

export function createExperiment(name: string, artifactLocation?: string) {
  return call<ExperimentId>("POST", "experiments/create", {
    name,
    artifact_location: artifactLocation || undefined,
  });
}

export function renameExperiment(id: string, newName: string) {
  return call<object>("POST", "experiments/update", { experiment_id: id, new_name: newName });
}

export function deleteExperiment(id: string) {
  return call<object>("POST", "experiments/delete", { experiment_id: id });
}

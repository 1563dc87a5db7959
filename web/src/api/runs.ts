import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, get } from "./client";
import type { RunAnswer, RunStatus, RunsAnswer, ViewType } from "./types";

const PAGE = 200;

export interface RunSearch {
  experimentId: string;
  filter: string;
  orderBy: string[];
  view: ViewType;
}

export function runsQuery({ experimentId, filter, orderBy, view }: RunSearch) {
  return infiniteQueryOptions({
    queryKey: ["runs", "search", experimentId, filter, orderBy, view],
    queryFn: ({ pageParam, signal }) =>
      call<RunsAnswer>(
        "POST",
        "runs/search",
        {
          experiment_ids: [experimentId],
          filter,
          order_by: orderBy,
          run_view_type: view,
          max_results: PAGE,
          page_token: pageParam,
        },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_page_token || undefined,
  });
}

export function runQuery(id: string) {
  return queryOptions({
    queryKey: ["runs", "one", id],
    queryFn: async ({ signal }) => (await get<RunAnswer>("runs/get", { run_id: id }, signal)).run,
    // A live run is polled; a finished one is read again only when the page is shown again.
    refetchInterval: (query) => (isLive(query.state.data?.info.status) ? 5_000 : false),
  });
}

export function isLive(status: RunStatus | undefined): boolean {
  return status === "RUNNING" || status === "SCHEDULED";
}

/** The child runs of this run. */
export function childRunsQuery(experimentId: string, runId: string) {
  return queryOptions({
    queryKey: ["runs", "children", experimentId, runId],
    queryFn: async ({ signal }) => {
      const page = await call<RunsAnswer>(
        "POST",
        "runs/search",
        {
          experiment_ids: [experimentId],
          filter: `tags.\`mlflow.parentRunId\` = '${runId}'`,
          max_results: 50,
        },
        signal,
      );
      return page.runs ?? [];
    },
  });
}

export function deleteRun(id: string) {
  return call<object>("POST", "runs/delete", { run_id: id });
}

export function restoreRun(id: string) {
  return call<object>("POST", "runs/restore", { run_id: id });
}

export function renameRun(id: string, name: string) {
  return call<object>("POST", "runs/update", { run_id: id, run_name: name });
}

export function setRunTag(id: string, key: string, value: string) {
  return call<object>("POST", "runs/set-tag", { run_id: id, key, value });
}

export function deleteRunTag(id: string, key: string) {
  return call<object>("POST", "runs/delete-tag", { run_id: id, key });
}

import { queryOptions } from "@tanstack/react-query";
import { quoted } from "@/lib/filters";
import { call, get } from "./client";
import type { ModelVersion, ModelVersionAnswer, ModelVersionsAnswer } from "./types";

async function searchVersions(filter: string, signal: AbortSignal) {
  const found: ModelVersion[] = [];
  let token: string | undefined;
  do {
    const page = await get<ModelVersionsAnswer>(
      "model-versions/search",
      { filter, max_results: 1000, page_token: token },
      signal,
    );
    found.push(...(page.model_versions ?? []));
    token = page.next_page_token || undefined;
  } while (token !== undefined && found.length < 10_000);
  return found.sort((a, b) => Number(b.version) - Number(a.version));
}

export function versionsOfModelQuery(name: string) {
  return queryOptions({
    queryKey: ["model-versions", "model", name],
    queryFn: ({ signal }) => searchVersions(`name = ${quoted(name)}`, signal),
  });
}

export function versionsOfRunQuery(runId: string) {
  return queryOptions({
    queryKey: ["model-versions", "run", runId],
    queryFn: ({ signal }) => searchVersions(`run_id = '${runId}'`, signal),
  });
}

export function modelVersionQuery(name: string, version: string) {
  return queryOptions({
    queryKey: ["model-versions", "one", name, version],
    queryFn: async ({ signal }) =>
      (await get<ModelVersionAnswer>("model-versions/get", { name, version }, signal))
        .model_version,
    refetchInterval: (query) =>
      query.state.data?.status === "PENDING_REGISTRATION" ? 2_000 : false,
  });
}

export interface NewVersion {
  name: string;
  source: string;
  run_id?: string;
  model_id?: string;
  description?: string;
}

export async function createModelVersion(version: NewVersion) {
  const answer = await call<ModelVersionAnswer>("POST", "model-versions/create", version);
  return answer.model_version;
}

export function describeModelVersion(name: string, version: string, description: string) {
  return call<object>("PATCH", "model-versions/update", { name, version, description });
}

export function transitionStage(name: string, version: string, stage: string, archive: boolean) {
  return call<object>("POST", "model-versions/transition-stage", {
    name,
    version,
    stage,
    archive_existing_versions: archive,
  });
}

export function deleteModelVersion(name: string, version: string) {
  return call<object>("DELETE", "model-versions/delete", { name, version });
}

export function setModelVersionTag(name: string, version: string, key: string, value: string) {
  return call<object>("POST", "model-versions/set-tag", { name, version, key, value });
}

export function deleteModelVersionTag(name: string, version: string, key: string) {
  return call<object>("DELETE", "model-versions/delete-tag", { name, version, key });
}

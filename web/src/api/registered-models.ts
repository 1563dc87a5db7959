import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { nameFilter } from "@/lib/filters";
import { call, get } from "./client";
import type { RegisteredModelAnswer, RegisteredModelsAnswer } from "./types";

export function registeredModelsQuery(search: string) {
  return infiniteQueryOptions({
    queryKey: ["registered-models", "search", search],
    queryFn: ({ pageParam, signal }) =>
      get<RegisteredModelsAnswer>(
        "registered-models/search",
        { filter: nameFilter("name", search), max_results: 100, page_token: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_page_token || undefined,
  });
}

export function registeredModelQuery(name: string) {
  return queryOptions({
    queryKey: ["registered-models", "one", name],
    queryFn: async ({ signal }) =>
      (await get<RegisteredModelAnswer>("registered-models/get", { name }, signal))
        .registered_model,
  });
}

export function createRegisteredModel(name: string, description?: string) {
  return call<RegisteredModelAnswer>("POST", "registered-models/create", {
    name,
    description: description || undefined,
  });
}

export function describeRegisteredModel(name: string, description: string) {
  return call<object>("PATCH", "registered-models/update", { name, description });
}

export function renameRegisteredModel(name: string, newName: string) {
  return call<object>("POST", "registered-models/rename", { name, new_name: newName });
}

export function deleteRegisteredModel(name: string) {
  return call<object>("DELETE", "registered-models/delete", { name });
}

export function setRegisteredModelTag(name: string, key: string, value: string) {
  return call<object>("POST", "registered-models/set-tag", { name, key, value });
}

export function deleteRegisteredModelTag(name: string, key: string) {
  return call<object>("DELETE", "registered-models/delete-tag", { name, key });
}

export function setAlias(name: string, alias: string, version: string) {
  return call<object>("POST", "registered-models/alias", { name, alias, version });
}

export function deleteAlias(name: string, alias: string) {
  return call<object>("DELETE", "registered-models/alias", { name, alias });
}

import type { ModelVersion, RegisteredModel } from "@/api/types";

/** The version with the highest number among the latest versions of all stages. */
export function newestVersion(model: RegisteredModel): ModelVersion | undefined {
  return [...(model.latest_versions ?? [])].sort(
    (a, b) => Number(b.version) - Number(a.version),
  )[0];
}

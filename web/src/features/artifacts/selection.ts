import type { ArtifactRoot } from "@/api/artifacts";

/** A file or folder: in the run's own tree, or in that of one of its logged models. */
export interface Selection {
  path: string;
  isFolder: boolean;
  modelId?: string;
}

/** A folder that holds a model, as the registry needs to know it. */
export interface ModelFolder {
  path: string;
  modelId?: string;
}

export function rootOf(runId: string, modelId: string | undefined, name = ""): ArtifactRoot {
  return modelId === undefined ? { kind: "run", runId } : { kind: "model", modelId, name };
}

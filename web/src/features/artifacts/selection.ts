import type { ArtifactRoot } from "@/api/artifacts";

/** A selected file or folder: of the run itself, or of the logged model `modelId`. */
export interface Selection {
  path: string;
  isFolder: boolean;
  modelId?: string;
}

/** A folder with a model that can be registered. */
export interface ModelFolder {
  path: string;
  modelId?: string;
}

export function rootOf(runId: string, modelId: string | undefined, name = ""): ArtifactRoot {
  return modelId === undefined ? { kind: "run", runId } : { kind: "model", modelId, name };
}

import { queryOptions } from "@tanstack/react-query";
import { apiUrl, get, getBlob, withQuery } from "./client";
import type { FileInfo, FilesAnswer, ModelVersion } from "./types";

/** Owner of a tree of files: a run, or a logged model that is stored outside the run. */
export type ArtifactRoot =
  | { kind: "run"; runId: string }
  | { kind: "model"; modelId: string; name: string };

function listPage(
  root: ArtifactRoot,
  path: string,
  token: string | undefined,
  signal: AbortSignal,
) {
  if (root.kind === "run")
    return get<FilesAnswer>(
      "artifacts/list",
      { run_id: root.runId, path, page_token: token },
      signal,
    );
  return get<FilesAnswer>(
    `logged-models/${encodeURIComponent(root.modelId)}/artifacts/directories`,
    { artifact_directory_path: path, page_token: token },
    signal,
  );
}

/** The content of one folder: subfolders first, then files, both sorted by name. */
export function folderQuery(root: ArtifactRoot, path: string) {
  return queryOptions({
    queryKey: ["artifacts", "folder", root, path],
    queryFn: async ({ signal }) => {
      const files: FileInfo[] = [];
      let token: string | undefined;
      do {
        const page = await listPage(root, path, token, signal);
        files.push(...(page.files ?? []));
        token = page.next_page_token || undefined;
      } while (token !== undefined && files.length < 5000);
      return files.sort(
        (a, b) =>
          Number(b.is_dir ?? false) - Number(a.is_dir ?? false) || a.path.localeCompare(b.path),
      );
    },
  });
}

export function fileUrl(root: ArtifactRoot, path: string): string {
  if (root.kind === "run") return withQuery("get-artifact", { run_id: root.runId, path });
  return apiUrl(`logged-models/${encodeURIComponent(root.modelId)}/artifacts/files`, {
    artifact_file_path: path,
  });
}

export function fileQuery(root: ArtifactRoot, path: string) {
  return queryOptions({
    queryKey: ["artifacts", "file", root, path],
    queryFn: ({ signal }) => getBlob(fileUrl(root, path), signal),
    staleTime: 60_000,
  });
}

/** The text of the MLmodel file of a model version. */
export function versionMlmodelQuery(version: Pick<ModelVersion, "name" | "version">) {
  const url = withQuery("model-versions/get-artifact", {
    name: version.name,
    version: version.version,
    path: "MLmodel",
  });
  return queryOptions({
    queryKey: ["artifacts", "mlmodel", version.name, version.version],
    queryFn: async ({ signal }) => await (await getBlob(url, signal)).text(),
    staleTime: 60_000,
  });
}

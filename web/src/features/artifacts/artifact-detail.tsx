import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type ArtifactRoot, fileUrl, folderQuery } from "@/api/artifacts";
import { CopyButton } from "@/components/copy-button";
import { Icon } from "@/components/icon";
import { baseName } from "@/lib/file-kinds";
import { formatBytes } from "@/lib/numbers";
import css from "./artifact-browser.module.css";
import { FilePreview } from "./file-preview";
import { ModelSummary } from "./model-summary";
import type { ModelFolder, Selection } from "./selection";

interface ArtifactDetailProps {
  root: ArtifactRoot;
  selection: Selection;
  onSelect: (selection: Selection) => void;
  modelActions: (folder: ModelFolder) => ReactNode;
}

const parentOf = (path: string) => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "");

export function ArtifactDetail({ root, selection, onSelect, modelActions }: ArtifactDetailProps) {
  const { path, isFolder, modelId } = selection;
  const folderPath = isFolder ? path : parentOf(path);
  const folder = useQuery(folderQuery(root, folderPath));
  const files = folder.data ?? [];
  const isModel = files.some((file) => !file.is_dir && baseName(file.path) === "MLmodel");
  const file = files.find((one) => one.path === path);
  const label = path === "" && root.kind === "model" ? root.name : path;
  return (
    <>
      <div className={css.head}>
        <div className={css.path}>
          <strong>{label}</strong>
          {file !== undefined && <span>{formatBytes(file.file_size)}</span>}
          <CopyButton label="Copy the path" text={label} />
        </div>
        <div className={css.actions}>
          {!isFolder && (
            <Button
              component="a"
              download={baseName(path)}
              href={fileUrl(root, path)}
              leftSection={<Icon name="download" size={14} />}
              variant="default"
            >
              Download
            </Button>
          )}
          {isModel && modelActions({ path: folderPath, modelId })}
        </div>
      </div>
      {isFolder && isModel && (
        <ModelSummary path={path === "" ? "MLmodel" : `${path}/MLmodel`} root={root} />
      )}
      {isFolder && !isModel && (
        <ul className={css.files}>
          {files.map((one) => (
            <li key={one.path}>
              <button
                onClick={() => onSelect({ path: one.path, isFolder: one.is_dir ?? false, modelId })}
                type="button"
              >
                <Icon name={one.is_dir ? "folder" : "file"} size={15} />
                <span>{baseName(one.path)}</span>
                <span>{formatBytes(one.file_size)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {!isFolder && folder.isSuccess && (
        <FilePreview key={path} path={path} root={root} size={file?.file_size} />
      )}
    </>
  );
}

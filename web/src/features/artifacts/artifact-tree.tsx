import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import { type ArtifactRoot, folderQuery } from "@/api/artifacts";
import { Icon, type IconName } from "@/components/icon";
import { baseName, kindOf } from "@/lib/file-kinds";
import { formatBytes } from "@/lib/numbers";
import css from "./artifact-tree.module.css";
import { rootOf, type Selection } from "./selection";

interface TreeContext {
  selection: Selection | undefined;
  onSelect: (selection: Selection) => void;
}

interface NodeProps extends TreeContext {
  root: ArtifactRoot;
  path: string;
  label: string;
  depth: number;
  icon: IconName;
}

const modelIdOf = (root: ArtifactRoot) => (root.kind === "model" ? root.modelId : undefined);

function isSelected(selection: Selection | undefined, root: ArtifactRoot, path: string): boolean {
  return selection?.path === path && selection.modelId === modelIdOf(root);
}

/** Whether the selection is in this folder, which then starts open. */
function holdsSelection(
  selection: Selection | undefined,
  root: ArtifactRoot,
  path: string,
): boolean {
  if (selection === undefined || selection.modelId !== modelIdOf(root)) return false;
  return path === "" || selection.path === path || selection.path.startsWith(`${path}/`);
}

function FolderNode(props: NodeProps) {
  const { root, path, label, depth, selection, onSelect } = props;
  const [open, setOpen] = useState(() => holdsSelection(selection, root, path));
  return (
    <li aria-expanded={open} aria-selected={isSelected(selection, root, path)} role="treeitem">
      <button
        className={css.node}
        data-folder={open ? "open" : "closed"}
        onClick={() => {
          setOpen(!open || !isSelected(selection, root, path));
          onSelect({ path, isFolder: true, modelId: modelIdOf(root) });
        }}
        style={{ paddingLeft: 8 + depth * 16 }}
        type="button"
      >
        <span className={css.arrow}>
          <Icon name={open ? "down" : "right"} size={11} />
        </span>
        <Icon name={props.icon} size={15} />
        <span className={css.label}>{label}</span>
      </button>
      {open && <Children {...props} depth={depth + 1} />}
    </li>
  );
}

function Children({ root, path, depth, selection, onSelect }: NodeProps) {
  const folder = useQuery(folderQuery(root, path));
  if (folder.isPending) return <p className={css.quiet}>Loading…</p>;
  if (folder.isError) return <p className={css.quiet}>{folder.error.message}</p>;
  return (
    <ul className={css.list} role="group">
      {folder.data.map((file) =>
        file.is_dir ? (
          <FolderNode
            depth={depth}
            icon="folder"
            key={file.path}
            label={baseName(file.path)}
            onSelect={onSelect}
            path={file.path}
            root={root}
            selection={selection}
          />
        ) : (
          <li
            aria-selected={isSelected(selection, root, file.path)}
            key={file.path}
            role="treeitem"
          >
            <button
              className={css.node}
              onClick={() =>
                onSelect({ path: file.path, isFolder: false, modelId: modelIdOf(root) })
              }
              style={{ paddingLeft: 8 + depth * 16 + 17 }}
              type="button"
            >
              <Icon name={kindOf(file.path) === "image" ? "image" : "file"} size={15} />
              <span className={css.label}>{baseName(file.path)}</span>
              <span className={css.size}>{formatBytes(file.file_size)}</span>
            </button>
          </li>
        ),
      )}
    </ul>
  );
}

/** Arrow keys: up and down move the focus, right opens a folder, left closes it. */
function walk(event: KeyboardEvent<HTMLElement>) {
  const nodes = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button")];
  const at = nodes.findIndex((one) => one.matches(":focus"));
  const node = nodes[at];
  if (node === undefined) return;
  const { key } = event;
  if (key === "ArrowDown") nodes[at + 1]?.focus();
  else if (key === "ArrowUp") nodes[at - 1]?.focus();
  else if (key === "ArrowRight" && node.dataset.folder === "closed") node.click();
  else if (key === "ArrowLeft" && node.dataset.folder === "open") node.click();
  else return;
  event.preventDefault();
}

interface ArtifactTreeProps extends TreeContext {
  runId: string;
  models: { modelId: string; name: string }[];
}

export function ArtifactTree({ runId, models, selection, onSelect }: ArtifactTreeProps) {
  const shared = { selection, onSelect, path: "", depth: 0 };
  return (
    <ul aria-label="Artifacts" className={css.tree} onKeyDown={walk} role="tree">
      {models.map((model) => (
        <FolderNode
          {...shared}
          icon="model"
          key={model.modelId}
          label={model.name}
          root={rootOf(runId, model.modelId, model.name)}
        />
      ))}
      <Children {...shared} icon="folder" label="" root={rootOf(runId, undefined)} />
    </ul>
  );
}

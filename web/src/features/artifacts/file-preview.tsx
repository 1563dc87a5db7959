import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { type ArtifactRoot, fileQuery } from "@/api/artifacts";
import { PREVIEW_LIMIT } from "@/api/client";
import { EmptyState } from "@/components/empty-state";
import { ErrorPanel } from "@/components/error-panel";
import { SkeletonRows } from "@/components/skeleton-rows";
import { TextBlock } from "@/components/text-block";
import { parseCsv } from "@/lib/csv";
import { baseName, extension, imageType, kindOf, looksBinary } from "@/lib/file-kinds";
import { formatBytes } from "@/lib/numbers";
import css from "./artifact-browser.module.css";
import { useText } from "./model-summary";

const ROWS = 500;

function ImagePreview({ blob, path }: { blob: Blob; path: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    // The type comes from the file's name, not from the server. An image element never runs scripts.
    const made = URL.createObjectURL(new Blob([blob], { type: imageType(path) }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob, path]);
  return url === undefined ? null : <img alt={baseName(path)} className={css.image} src={url} />;
}

function TablePreview({ text, path }: { text: string; path: string }) {
  const [head = [], ...rows] = useMemo(
    () => parseCsv(text, extension(path) === "tsv" ? "\t" : ",", ROWS + 1),
    [text, path],
  );
  return (
    <>
      <div className={css.table}>
        <table aria-label={baseName(path)}>
          <thead>
            <tr>
              {head.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells of a file have no other key
                <th key={column}>{cell}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, line) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <tr key={line}>
                {row.map((cell, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === ROWS && <p className={css.note}>Only the first {ROWS} rows are shown.</p>}
    </>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function TextPreview({ blob, path }: { blob: Blob; path: string }) {
  const text = useText(blob);
  if (text === undefined) return <SkeletonRows />;
  if (looksBinary(text)) return <NoPreview reason="The file is not text." />;
  if (text === "") return <p className={css.note}>The file is empty.</p>;
  const kind = kindOf(path);
  if (kind === "table") return <TablePreview path={path} text={text} />;
  return <TextBlock label={baseName(path)} text={kind === "json" ? pretty(text) : text} />;
}

function NoPreview({ reason }: { reason: string }) {
  return (
    <EmptyState icon="file" title="No preview of this file">
      {reason} You can download it.
    </EmptyState>
  );
}

interface FilePreviewProps {
  root: ArtifactRoot;
  path: string;
  size: number | undefined;
}

export function FilePreview({ root, path, size = 0 }: FilePreviewProps) {
  const kind = kindOf(path);
  const tooLarge = size > PREVIEW_LIMIT;
  const file = useQuery({ ...fileQuery(root, path), enabled: kind !== "binary" && !tooLarge });
  if (kind === "binary") return <NoPreview reason={`.${extension(path)} files are binary.`} />;
  if (tooLarge)
    return (
      <NoPreview
        reason={`The file is ${formatBytes(size)}; only files up to ${formatBytes(PREVIEW_LIMIT)} are previewed.`}
      />
    );
  if (file.isError)
    return <ErrorPanel error={file.error} onRetry={() => void file.refetch()} what={path} />;
  if (file.isPending) return <SkeletonRows />;
  return kind === "image" ? (
    <ImagePreview blob={file.data} path={path} />
  ) : (
    <TextPreview blob={file.data} path={path} />
  );
}

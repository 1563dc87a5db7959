import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type ArtifactRoot, fileQuery } from "@/api/artifacts";
import { ErrorPanel } from "@/components/error-panel";
import { SchemaTable } from "@/components/schema-table";
import { SkeletonRows } from "@/components/skeleton-rows";
import { TextBlock } from "@/components/text-block";
import { readMlmodel } from "@/lib/mlmodel";
import css from "./artifact-browser.module.css";

/** The text in a blob, once it is read. */
export function useText(blob: Blob | undefined): string | undefined {
  const [text, setText] = useState<string>();
  useEffect(() => {
    let current = true;
    setText(undefined);
    void blob?.text().then((read) => {
      if (current) setText(read);
    });
    return () => {
      current = false;
    };
  }, [blob]);
  return text;
}

/** What lies in a model's folder: its flavors, its signature, and MLmodel as it is. */
export function ModelSummary({ root, path }: { root: ArtifactRoot; path: string }) {
  const file = useQuery(fileQuery(root, path));
  const text = useText(file.data);
  if (file.isError)
    return <ErrorPanel error={file.error} onRetry={() => void file.refetch()} what={path} />;
  if (text === undefined) return <SkeletonRows />;
  return (
    <>
      <SchemaTable summary={readMlmodel(text)} />
      <h3 className={css.section}>MLmodel</h3>
      <TextBlock label="MLmodel" text={text} />
    </>
  );
}

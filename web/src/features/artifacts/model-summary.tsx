import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type ArtifactRoot, fileQuery } from "@/api/artifacts";
import { ErrorPanel } from "@/components/error-panel";
import { SchemaTable } from "@/components/schema-table";
import { SkeletonRows } from "@/components/skeleton-rows";
import { TextBlock } from "@/components/text-block";
import { readMlmodel } from "@/lib/mlmodel";
import css from "./artifact-browser.module.css";

/** The text of a blob, undefined until it has been read. */
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

/** The flavors and the signature of a model, and the text of its MLmodel file. */
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

import { Button, Group, Textarea } from "@mantine/core";
import { useState } from "react";
import css from "./description-panel.module.css";
import { ErrorLine } from "./error-panel";
import { Panel } from "./panel";

interface DescriptionPanelProps {
  text: string;
  onSave: (text: string) => Promise<unknown>;
}

/** Free text about a thing, shown as it was typed. */
export function DescriptionPanel({ text, onSave }: DescriptionPanelProps) {
  const [draft, setDraft] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);

  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      await onSave(draft ?? "");
      setDraft(undefined);
    } catch (reason) {
      setError(reason instanceof Error ? reason : new Error(String(reason)));
    } finally {
      setBusy(false);
    }
  };

  const tools = draft === undefined && (
    <Button color="gray" onClick={() => setDraft(text)} size="compact-xs" variant="subtle">
      {text === "" ? "Add a description" : "Edit the description"}
    </Button>
  );
  return (
    <Panel title="Description" tools={tools}>
      {draft === undefined ? (
        <p className={text === "" ? `${css.text} ${css.none}` : css.text}>
          {text === "" ? "No description yet." : text}
        </p>
      ) : (
        <div className={css.editor}>
          <Textarea
            aria-label="Description"
            autosize
            data-autofocus
            maxRows={20}
            minRows={3}
            onChange={(event) => setDraft(event.currentTarget.value)}
            value={draft}
          />
          <ErrorLine error={error} />
          <Group gap="xs">
            <Button loading={busy} onClick={() => void save()}>
              Save
            </Button>
            <Button onClick={() => setDraft(undefined)} variant="default">
              Cancel
            </Button>
          </Group>
        </div>
      )}
    </Panel>
  );
}

import { Button, Group, Textarea } from "@mantine/core";
import { useState } from "react";
import css from "./description-panel.module.css";
import { ErrorLine } from "./error-panel";
import { Panel } from "./panel";
import { useChange } from "./use-change";

interface DescriptionPanelProps {
  text: string;
  onSave: (text: string) => Promise<unknown>;
}

/** A free-text description, shown as it was typed, with an editor. */
export function DescriptionPanel({ text, onSave }: DescriptionPanelProps) {
  const [draft, setDraft] = useState<string>();
  const saving = useChange(onSave, []);
  const save = (sent: string) =>
    // Keep what was typed since the request was sent.
    saving.start(sent, () => setDraft((now) => (now === sent ? undefined : now)));
  const cancel = () => {
    saving.forget();
    setDraft(undefined);
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
          <ErrorLine error={saving.error} />
          <Group gap="xs">
            <Button loading={saving.busy} onClick={() => save(draft)}>
              Save
            </Button>
            <Button onClick={cancel} variant="default">
              Cancel
            </Button>
          </Group>
        </div>
      )}
    </Panel>
  );
}

import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { plural } from "@/lib/numbers";
import { ErrorLine } from "./error-panel";
import { Icon } from "./icon";
import { Panel } from "./panel";
import css from "./tags-panel.module.css";

interface TagsPanelProps {
  tags: { key: string; value: string }[];
  /** Sets or adds a tag. The promise settles when the server has answered. */
  onSet: (key: string, value: string) => Promise<unknown>;
  onDelete: (key: string) => Promise<unknown>;
}

const isSystem = (key: string) => key.startsWith("mlflow.") || key.startsWith("mlyard.");

export function TagsPanel({ tags, onSet, onDelete }: TagsPanelProps) {
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const [showSystem, setShowSystem] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const hidden = tags.filter((tag) => isSystem(tag.key)).length;
  const shown = tags.filter((tag) => showSystem || !isSystem(tag.key));

  const attempt = async (work: Promise<unknown>) => {
    setError(null);
    try {
      await work;
      return true;
    } catch (reason) {
      setError(reason instanceof Error ? reason : new Error(String(reason)));
      return false;
    }
  };
  const add = async () => {
    if (key.trim() === "" || !(await attempt(onSet(key.trim(), value)))) return;
    // Keep what was typed since the request was sent.
    setKey((now) => (now === key ? "" : now));
    setValue((now) => (now === value ? "" : now));
  };

  const tools = hidden > 0 && (
    <Button
      color="gray"
      onClick={() => setShowSystem(!showSystem)}
      size="compact-xs"
      variant="subtle"
    >
      {showSystem ? "Hide system tags" : `Show ${plural(hidden, "system tag")}`}
    </Button>
  );
  return (
    <Panel count={tags.length - hidden} title="Tags" tools={tools}>
      <div className={css.body}>
        {shown.length > 0 && (
          <ul className={css.tags}>
            {shown.map((tag) => (
              <li key={tag.key}>
                <span className={css.key}>{tag.key}</span>
                <span className={css.value}>{tag.value}</span>
                {!isSystem(tag.key) && (
                  <ActionIcon
                    aria-label={`Delete the tag ${tag.key}`}
                    onClick={() => void attempt(onDelete(tag.key))}
                    size="xs"
                  >
                    <Icon name="close" size={12} />
                  </ActionIcon>
                )}
              </li>
            ))}
          </ul>
        )}
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <TextInput
            aria-label="New tag's key"
            onChange={(event) => setKey(event.currentTarget.value)}
            placeholder="Key"
            value={key}
          />
          <TextInput
            aria-label="New tag's value"
            onChange={(event) => setValue(event.currentTarget.value)}
            placeholder="Value"
            value={value}
          />
          <Button disabled={key.trim() === ""} type="submit" variant="default">
            Add tag
          </Button>
        </form>
        <ErrorLine error={error} />
      </div>
    </Panel>
  );
}

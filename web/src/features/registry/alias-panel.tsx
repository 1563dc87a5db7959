import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { deleteAlias, setAlias } from "@/api/registered-models";
import type { ModelVersion } from "@/api/types";
import { AliasChip } from "@/components/chip";
import { ErrorLine } from "@/components/error-panel";
import { Icon } from "@/components/icon";
import { Panel } from "@/components/panel";
import { useChange } from "@/components/use-change";
import css from "./registry.module.css";

/** The aliases of this version, as in `models:/name@alias`. */
export function AliasPanel({ version }: { version: ModelVersion }) {
  const [alias, setText] = useState("");
  const { name } = version;
  const shownIn = [["model-versions"], ["registered-models"]];
  const add = useChange(
    (wanted: string) => setAlias(name, wanted.trim().replace(/^@/, ""), version.version),
    shownIn,
  );
  const remove = useChange((old: string) => deleteAlias(name, old), shownIn);
  const aliases = version.aliases ?? [];
  return (
    <Panel count={aliases.length} title="Aliases">
      <div className={css.aliases}>
        {aliases.length > 0 && (
          <span className={css.chips}>
            {aliases.map((one) => (
              <span className={css.alias} key={one}>
                <AliasChip alias={one} />
                <ActionIcon
                  aria-label={`Remove the alias ${one}`}
                  onClick={() => remove.start(one)}
                  size="xs"
                >
                  <Icon name="close" size={12} />
                </ActionIcon>
              </span>
            ))}
          </span>
        )}
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault();
            // Keep what was typed since the request was sent.
            add.start(alias, () => setText((now) => (now === alias ? "" : now)));
          }}
        >
          <TextInput
            aria-label="New alias"
            onChange={(event) => setText(event.currentTarget.value)}
            placeholder="champion"
            value={alias}
          />
          <Button disabled={alias.trim() === ""} loading={add.busy} type="submit" variant="default">
            Add alias
          </Button>
        </form>
        <ErrorLine error={add.error ?? remove.error} />
      </div>
    </Panel>
  );
}

import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteAlias, setAlias } from "@/api/registered-models";
import type { ModelVersion } from "@/api/types";
import { AliasChip } from "@/components/chip";
import { ErrorLine } from "@/components/error-panel";
import { Icon } from "@/components/icon";
import { Panel } from "@/components/panel";
import css from "./registry.module.css";

/** Names that point at this version: `models:/name@alias`. */
export function AliasPanel({ version }: { version: ModelVersion }) {
  const [alias, setText] = useState("");
  const client = useQueryClient();
  const { name } = version;
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["model-versions"] }),
      client.invalidateQueries({ queryKey: ["registered-models"] }),
    ]);
  const add = useMutation({
    mutationFn: () => setAlias(name, alias.trim().replace(/^@/, ""), version.version),
    onSuccess: async () => {
      setText("");
      await refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (old: string) => deleteAlias(name, old),
    onSuccess: refresh,
  });
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
                  onClick={() => remove.mutate(one)}
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
            add.mutate();
          }}
        >
          <TextInput
            aria-label="New alias"
            onChange={(event) => setText(event.currentTarget.value)}
            placeholder="champion"
            value={alias}
          />
          <Button
            disabled={alias.trim() === ""}
            loading={add.isPending}
            type="submit"
            variant="default"
          >
            Add alias
          </Button>
        </form>
        <ErrorLine error={add.error ?? remove.error} />
      </div>
    </Panel>
  );
}

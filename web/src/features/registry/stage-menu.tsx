import { Button, Checkbox, Menu } from "@mantine/core";
import { useState } from "react";
import { transitionStage } from "@/api/model-versions";
import type { ModelVersion } from "@/api/types";
import { StageChip } from "@/components/chip";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Icon } from "@/components/icon";
import { useChange } from "@/components/use-change";
import { STAGES, type Stage } from "@/lib/stages";
import css from "./registry.module.css";

/** The stage of a version, with a menu to change it. */
export function StageMenu({ version }: { version: ModelVersion }) {
  const [target, setTarget] = useState<Stage>();
  const [opened, setOpened] = useState(false);
  const [archive, setArchive] = useState(false);
  const current = version.current_stage || "None";
  const move = useChange(
    async () =>
      target &&
      (await transitionStage(version.name, version.version, target, archive && isServing(target))),
    [["model-versions"], ["registered-models"]],
  );
  const ask = (stage: Stage) => {
    setArchive(false);
    setTarget(stage);
    setOpened(true);
  };
  return (
    <>
      <Menu position="bottom-end" width={190}>
        <Menu.Target>
          <Button rightSection={<Icon name="down" size={12} />} variant="default">
            Stage: {current}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Transition to</Menu.Label>
          {STAGES.filter((stage) => stage !== current).map((stage) => (
            <Menu.Item key={stage} onClick={() => ask(stage)}>
              <StageChip stage={stage} />
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        change={move}
        confirm={`Transition to ${target ?? ""}`}
        onClose={() => setOpened(false)}
        opened={opened}
        title={`Change the stage of version ${version.version}`}
      >
        <div className={css.question}>
          <div>
            <StageChip stage={current} />
            <span className={css.arrow}>→</span>
            <StageChip stage={target} />
          </div>
          {target !== undefined && isServing(target) && (
            <Checkbox
              checked={archive}
              label={`Archive the other versions in ${target}`}
              onChange={(event) => setArchive(event.currentTarget.checked)}
            />
          )}
        </div>
      </ConfirmDialog>
    </>
  );
}

function isServing(stage: Stage): boolean {
  return stage === "Staging" || stage === "Production";
}

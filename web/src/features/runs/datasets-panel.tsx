import type { DatasetInput } from "@/api/types";
import { Chip } from "@/components/chip";
import { Panel } from "@/components/panel";
import css from "./run-overview.module.css";

/** The datasets that a run has logged as its inputs. */
export function DatasetsPanel({ inputs }: { inputs: DatasetInput[] }) {
  if (inputs.length === 0) return null;
  return (
    <Panel count={inputs.length} title="Datasets">
      <ul className={css.list}>
        {inputs.map(({ dataset, tags }) => (
          <li key={`${dataset.name} ${dataset.digest}`}>
            <span>{dataset.name}</span>
            <code title="Digest">{dataset.digest}</code>
            {tags?.map((tag) => (
              <Chip key={tag.key}>{tag.value}</Chip>
            ))}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

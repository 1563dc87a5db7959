import { Popover } from "@mantine/core";
import { cloneElement, type ReactElement, useState } from "react";
import css from "./run-search-box.module.css";

const EXAMPLES: [filter: string, meaning: string][] = [
  ["metrics.rmse < 60", "the last value of a metric"],
  ["params.alpha = '0.5'", "a parameter; its value is text in quotes"],
  ["tags.team LIKE 'fore%'", "a tag; ILIKE ignores upper and lower case"],
  ["metrics.`val/loss` < 0.1", "a key with other characters needs backticks"],
  ["attributes.status = 'FAILED'", "also run_name, run_id, user_id, start_time, end_time"],
];

interface SearchHelpProps {
  target: ReactElement<{ onClick?: () => void }>;
  onUse: (filter: string) => void;
}

export function SearchHelp({ target, onUse }: SearchHelpProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover onChange={setOpened} opened={opened} position="bottom-end" trapFocus width={360}>
      <Popover.Target>{cloneElement(target, { onClick: () => setOpened(!opened) })}</Popover.Target>
      <Popover.Dropdown>
        <div className={css.help}>
          <p>
            Plain words search the names of the runs. A filter compares fields with{" "}
            <code>= != &lt; &lt;= &gt; &gt;= LIKE ILIKE IN</code>; join several with{" "}
            <code>AND</code>.
          </p>
          <ul className={css.examples}>
            {EXAMPLES.map(([filter, meaning]) => (
              <li key={filter}>
                <button
                  onClick={() => {
                    setOpened(false);
                    onUse(filter);
                  }}
                  type="button"
                >
                  <code>{filter}</code>
                  {meaning}
                </button>
              </li>
            ))}
          </ul>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

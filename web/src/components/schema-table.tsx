import type { MlmodelSummary, SchemaColumn } from "@/lib/mlmodel";
import { Chip } from "./chip";
import css from "./schema-table.module.css";

function Part({ title, columns }: { title: string; columns: SchemaColumn[] | undefined }) {
  if (columns === undefined || columns.length === 0) return null;
  return (
    <div>
      <h3 className={css.title}>
        {title} <span>{columns.length}</span>
      </h3>
      <ul className={css.columns}>
        {columns.map((column) => (
          <li key={column.name}>
            <span>{column.name}</span>
            <code>
              {column.type}
              {column.required ? "" : ", optional"}
            </code>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The flavors and the signature in an MLmodel file. */
export function SchemaTable({ summary }: { summary: MlmodelSummary }) {
  const { flavors, inputs, outputs, params } = summary;
  const silent = inputs === undefined && outputs === undefined;
  return (
    <div className={css.summary}>
      {flavors.length > 0 && (
        <div className={css.flavors}>
          <span>Flavors</span>
          {flavors.map((flavor) => (
            <Chip key={flavor}>{flavor}</Chip>
          ))}
        </div>
      )}
      {silent ? (
        <p className={css.none}>This model was logged without a signature.</p>
      ) : (
        <div className={css.parts}>
          <Part columns={inputs} title="Inputs" />
          <Part columns={outputs} title="Outputs" />
          <Part columns={params} title="Parameters" />
        </div>
      )}
    </div>
  );
}

// Reads just enough of an MLmodel file to show it: the names of its flavors and its signature.
// What this reader does not understand is left out of the summary; the text of the file is always shown as well.

export interface SchemaColumn {
  name: string;
  type: string;
  required: boolean;
}

export interface MlmodelSummary {
  flavors: string[];
  inputs?: SchemaColumn[];
  outputs?: SchemaColumn[];
  params?: SchemaColumn[];
}

/** The indented lines under a top-level key. */
function block(text: string, key: string): string[] {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => line.startsWith(`${key}:`));
  if (start < 0) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line !== "" && !/^\s/.test(line));
  return end < 0 ? rest : rest.slice(0, end);
}

/** The quoted scalar after `key:`, with folded lines joined as in YAML. */
function scalar(lines: string[], key: string): string | undefined {
  const start = lines.findIndex((line) => line.trimStart().startsWith(`${key}:`));
  const first = lines[start];
  if (first === undefined) return undefined;
  const indent = first.length - first.trimStart().length;
  const parts = [first.slice(first.indexOf(":") + 1).trim()];
  for (const line of lines.slice(start + 1)) {
    if (line.length - line.trimStart().length <= indent) break;
    parts.push(line.trim());
  }
  const folded = parts.join(" ");
  if (folded.startsWith("'") && folded.endsWith("'"))
    return folded.slice(1, -1).replaceAll("''", "'");
  if (folded.startsWith('"') && folded.endsWith('"')) {
    try {
      return JSON.parse(folded) as string;
    } catch {
      return undefined;
    }
  }
  return folded;
}

function typeName(column: Record<string, unknown>): string {
  const { type } = column;
  const tensor = column["tensor-spec"] as { dtype?: unknown; shape?: unknown[] } | undefined;
  if (type === "tensor" && tensor !== undefined)
    return `${String(tensor.dtype)} (${(tensor.shape ?? []).join(", ")})`;
  return typeof type === "string" ? type : JSON.stringify(type ?? column);
}

function columns(text: string | undefined): SchemaColumn[] | undefined {
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed)) return undefined;
    return parsed.map((item: Record<string, unknown>, index) => ({
      name: typeof item.name === "string" ? item.name : `(${index})`,
      type: typeName(item),
      required: item.required !== false && item.optional !== true,
    }));
  } catch {
    return undefined;
  }
}

export function readMlmodel(text: string): MlmodelSummary {
  const flavors = block(text, "flavors")
    .filter((line) => /^ {2}[^\s:#-][^:]*:/.test(line))
    .map((line) => line.trim().replace(/:.*$/, ""));
  const signature = block(text, "signature");
  return {
    flavors,
    inputs: columns(scalar(signature, "inputs")),
    outputs: columns(scalar(signature, "outputs")),
    params: columns(scalar(signature, "params")),
  };
}

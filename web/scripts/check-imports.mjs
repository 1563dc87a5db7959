// Holds the layers of web/src: app > features > components, api > lib. A feature never imports another
// feature, a component never fetches (types of the wire are allowed), no file is longer than 250 lines.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const SRC = new URL("../src", import.meta.url).pathname;
const MAX_LINES = 250;
const MAY_IMPORT = {
  lib: ["lib"],
  api: ["api", "lib"],
  components: ["components", "lib"],
  features: ["features", "components", "api", "lib"],
  app: ["app", "features", "components", "api", "lib"],
};
const IMPORT =
  /^\s*(import|export)(\s+type)?\s[^"]*?from\s+"([^"]+)"|import\("([^"]+)"\)|^import\s+"([^"]+)"/gm;

function inSrc(file, specifier) {
  if (specifier.startsWith("@/")) return specifier.slice(2);
  if (specifier.startsWith(".")) return relative(SRC, resolve(dirname(file), specifier));
  return null;
}

const problems = [];
for (const name of readdirSync(SRC, { recursive: true })) {
  if (!/\.(ts|tsx|css)$/.test(name)) continue;
  const file = join(SRC, name);
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n").length - 1;
  if (lines > MAX_LINES) problems.push(`${name}: ${lines} lines, at most ${MAX_LINES}`);
  const [layer, feature] = name.split("/");
  for (const [, , asType, from, lazy, bare] of text.matchAll(IMPORT)) {
    const target = inSrc(file, from ?? lazy ?? bare ?? "");
    if (target === null) continue;
    const [targetLayer, targetFeature] = target.split("/");
    if (asType && target === "api/types") continue;
    if (!MAY_IMPORT[layer]?.includes(targetLayer))
      problems.push(`${name}: may not import ${target}`);
    if (layer === "features" && targetLayer === "features" && feature !== targetFeature)
      problems.push(`${name}: a feature may not import the feature ${targetFeature}`);
  }
  if (layer !== "api" && /\bfetch\(/.test(text)) problems.push(`${name}: only api/ fetches`);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);

// Checks the layers of web/src: app > features > components, api > lib. A feature never imports another feature, a
// component never fetches (types of the wire are allowed), and no file is longer than 250 lines. Functions that can
// act after their page is gone may be used in one file each, which makes sure that they do not.
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
const ONE_PLACE = [
  { what: /\bfetch\(/, place: /^api\//, instead: "only api/ fetches" },
  {
    what: /\b(useNavigate|Navigate)\b|\brouter\.(navigate|history)\b|\blocation\.(hash|href|assign|replace)\b/,
    place: /^app\/use-page-navigate\.ts$/,
    instead: "a page navigates with usePageNavigate",
  },
  {
    what: /\buseMutation\b/,
    place: /^components\/use-change\.ts$/,
    instead: "a change on the server is made with useChange",
  },
  {
    what: /\b(setTimeout|setInterval|requestAnimationFrame|useTimeout|use(Debounced|Throttled)\w+)\b/,
    place: /^components\/use-search-text\.ts$/,
    instead: "delay a search with useSearchText; nothing else may be delayed",
  },
];
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
  if (/\.test\.tsx?$/.test(name)) continue;
  for (const { what, place, instead } of ONE_PLACE)
    if (what.test(text) && !place.test(name)) problems.push(`${name}: ${instead}`);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);

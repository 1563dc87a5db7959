import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { FailedPage } from "./pages/failed-page";
import { NotFoundPage } from "./pages/not-found-page";
import { text } from "./search-params";
import { Shell } from "./shell";

// The addresses are the same as MLflow's, since its clients print links to them.
const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFoundPage,
  errorComponent: FailedPage,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/experiments" });
  },
});

const experiments = createRoute({
  getParentRoute: () => root,
  path: "/experiments",
  validateSearch: (raw: Record<string, unknown>): { q?: string } => ({ q: text(raw.q) }),
  component: lazyRouteComponent(() => import("./pages/experiments-page"), "ExperimentsPage"),
});

export interface RunsParams {
  q?: string;
  sort?: string;
  desc?: boolean;
  deleted?: boolean;
}

const experiment = createRoute({
  getParentRoute: () => root,
  path: "/experiments/$experimentId",
  validateSearch: (raw: Record<string, unknown>): RunsParams => ({
    q: text(raw.q),
    sort: text(raw.sort),
    desc: raw.desc === true || undefined,
    deleted: raw.deleted === true || undefined,
  }),
  component: lazyRouteComponent(() => import("./pages/experiment-page"), "ExperimentPage"),
});

const experimentTab = createRoute({
  getParentRoute: () => root,
  path: "/experiments/$experimentId/runs",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/experiments/$experimentId", params, replace: true });
  },
});

const compare = createRoute({
  getParentRoute: () => root,
  path: "/experiments/$experimentId/compare",
  validateSearch: (raw: Record<string, unknown>): { runs?: string } => ({ runs: text(raw.runs) }),
  component: lazyRouteComponent(() => import("./pages/compare-page"), "ComparePage"),
});

export interface RunParams {
  artifact?: string;
  folder?: boolean;
  model?: string;
}

const run = createRoute({
  getParentRoute: () => root,
  path: "/experiments/$experimentId/runs/$runId",
  validateSearch: (raw: Record<string, unknown>): RunParams => ({
    artifact: text(raw.artifact),
    folder: raw.folder === true || undefined,
    model: text(raw.model),
  }),
  component: lazyRouteComponent(() => import("./pages/run-page"), "RunPage"),
});

const runTab = createRoute({
  getParentRoute: () => root,
  path: "/experiments/$experimentId/runs/$runId/$tab",
  beforeLoad: ({ params: { experimentId, runId } }) => {
    throw redirect({
      to: "/experiments/$experimentId/runs/$runId",
      params: { experimentId, runId },
      replace: true,
    });
  },
});

const loggedModel = createRoute({
  getParentRoute: () => root,
  path: "/experiments/$experimentId/models/$modelId",
  component: lazyRouteComponent(() => import("./pages/logged-model-page"), "LoggedModelPage"),
});

const models = createRoute({
  getParentRoute: () => root,
  path: "/models",
  validateSearch: (raw: Record<string, unknown>): { q?: string } => ({ q: text(raw.q) }),
  component: lazyRouteComponent(() => import("./pages/models-page"), "ModelsPage"),
});

const model = createRoute({
  getParentRoute: () => root,
  path: "/models/$name",
  component: lazyRouteComponent(() => import("./pages/model-page"), "ModelPage"),
});

const version = createRoute({
  getParentRoute: () => root,
  path: "/models/$name/versions/$version",
  component: lazyRouteComponent(() => import("./pages/version-page"), "VersionPage"),
});

export const router = createRouter({
  history: createHashHistory(),
  routeTree: root.addChildren([
    home,
    experiments,
    experiment,
    experimentTab,
    compare,
    run,
    runTab,
    loggedModel,
    models,
    model,
    version,
  ]),
  defaultPreload: "intent",
  // A page is mounted anew when its params change: a dialog or draft of one run must not go on in another run.
  defaultRemountDeps: ({ params }) => params,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

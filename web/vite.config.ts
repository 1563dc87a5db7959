import react from "@vitejs/plugin-react";
import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";

// The server the dev pages talk to: `mlyard server`, or any server of MLflow's REST format.
const backend = loadEnv("", ".", "MLYARD_").MLYARD_DEV_SERVER ?? "http://127.0.0.1:5000";
const proxy = Object.fromEntries(
  ["/ajax-api", "/get-artifact", "/model-versions"].map((path) => [
    path,
    { target: backend, changeOrigin: true, headers: { origin: backend } },
  ]),
);

export default defineConfig({
  // Only a test that hangs takes so long, on a busy machine too.
  test: { testTimeout: 120_000 },
  base: "./",
  plugins: [react()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  server: { host: "127.0.0.1", proxy },
  preview: { host: "127.0.0.1", proxy },
  build: {
    outDir: "../src/mlyard/server/static",
    emptyOutDir: true,
    target: "es2022",
    // The server's policy lets scripts come from files only.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // A few files that stay cached, rather than fifty tiny ones. Tables and charts load with their pages.
          groups: [
            {
              name: "vendor",
              test: /node_modules\/(react|react-dom|scheduler|@tanstack\/(react-|)(query|router|history|store))/,
            },
            { name: "library", test: /node_modules\/(@mantine|@floating-ui)/ },
            { name: "shared", test: /src\/(components|lib|api)\// },
          ],
        },
      },
    },
  },
});

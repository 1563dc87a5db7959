import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach } from "vitest";

// Only a test that hangs takes so long, on a busy machine too.
configure({ asyncUtilTimeout: 60_000 });
afterEach(cleanup);

/** Renders part of a page for a test, inside the providers that every page has. */
export function show(piece: ReactNode) {
  const client = new QueryClient();
  return render(piece, {
    wrapper: ({ children }) => (
      <MantineProvider env="test">
        <QueryClientProvider client={client}>{children}</QueryClientProvider>
      </MantineProvider>
    ),
  });
}

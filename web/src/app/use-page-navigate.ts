import {
  type RegisteredRouter,
  type RouteIds,
  type UseNavigateResult,
  useMatch,
  useNavigate,
  useRouter,
} from "@tanstack/react-router";
import { useCallback } from "react";

type PageId = Exclude<RouteIds<RegisteredRouter["routeTree"]>, "__root__">;

/**
 * Lets a page change the address. Does nothing once the user has left or is leaving: this page stays mounted until
 * the next one has loaded, and a late action of it (a delayed search, the step after an answer) would otherwise
 * take the user back.
 */
export function usePageNavigate<Page extends PageId>(page: Page): UseNavigateResult<Page> {
  const router = useRouter();
  const id = useMatch({ from: page, select: (match) => match.id });
  const navigate = useNavigate();
  return useCallback(
    async (options) => {
      const here = router.matchRoutes(router.latestLocation).some((match) => match.id === id);
      if (here) await navigate({ from: page, ...options } as never);
    },
    [router, navigate, page, id],
  ) as UseNavigateResult<Page>;
}

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
 * How a page changes the address. It does nothing once the user is elsewhere or on the way there: until the next
 * page is loaded this one still stands, and what it does late (a search after the last key, what follows an answer)
 * would take the user back.
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

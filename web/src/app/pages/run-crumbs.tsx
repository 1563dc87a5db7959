import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { experimentQuery } from "@/api/experiments";
import { Crumbs } from "@/components/crumbs";

/** Breadcrumb: Experiments / this experiment. */
export function RunCrumbs({ experimentId }: { experimentId: string }) {
  const { data } = useQuery(experimentQuery(experimentId));
  return (
    <Crumbs>
      <Link to="/experiments">Experiments</Link>
      <Link params={{ experimentId }} to="/experiments/$experimentId">
        {data?.name ?? `Experiment ${experimentId}`}
      </Link>
    </Crumbs>
  );
}

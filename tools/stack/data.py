"""Trains the tutorial's nine models and registers the best. Run it with `mlyard python`: train.py imports mlflow."""

from __future__ import annotations

import itertools
import runpy
import sys
from pathlib import Path

import mlyard

EXPERIMENT, MODEL = "exp", "ElasticnetWineModel"
TRAIN = Path(__file__).parents[2] / "examples" / "tutorial" / "train.py"
VALUES = ("0.25", "0.5", "0.75")


def main() -> None:
    client = mlyard.MlyardClient()
    if client.get_experiment_by_name(EXPERIMENT) is None:
        client.create_experiment(EXPERIMENT, artifact_location="s3://mlflow")
    mlyard.set_experiment(EXPERIMENT)
    finished = client.search_runs([client.get_experiment_by_name(EXPERIMENT).experiment_id], "status = 'FINISHED'")
    done = {(run.data.params.get("alpha"), run.data.params.get("l1_ratio")) for run in finished}
    for alpha, l1_ratio in itertools.product(VALUES, VALUES):
        if (alpha, l1_ratio) not in done:
            sys.argv = [str(TRAIN), "--alpha", alpha, "--l1-ratio", l1_ratio]
            runpy.run_path(str(TRAIN), run_name="__main__")
    if not client.search_model_versions(f"name = '{MODEL}'"):
        best = mlyard.search_runs(experiment_names=[EXPERIMENT], order_by=["metrics.rmse ASC"], output_format="list")[0]
        mlyard.register_model(f"runs:/{best.info.run_id}/model", MODEL)


if __name__ == "__main__":
    main()

"""Train an ElasticNet that predicts the progression of diabetes after one year, and log it."""

from __future__ import annotations

import argparse

from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import train_test_split

import mlyard as mlflow
from mlyard.models import infer_signature


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alpha", type=float, default=0.5, help="strength of the penalty")
    parser.add_argument("--l1-ratio", type=float, default=0.5, help="share of the L1 penalty in it")
    arguments = parser.parse_args()

    # 442 patients, ten measurements each; `scaled=False` keeps them in their own units.
    data, target = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    train_x, test_x, train_y, test_y = train_test_split(data, target, random_state=42)

    with mlflow.start_run():
        lr = ElasticNet(alpha=arguments.alpha, l1_ratio=arguments.l1_ratio, random_state=42)
        lr.fit(train_x, train_y)
        predicted = lr.predict(test_x)
        metrics = {
            "rmse": root_mean_squared_error(test_y, predicted),
            "mae": mean_absolute_error(test_y, predicted),
            "r2": r2_score(test_y, predicted),
        }

        print(f"Elasticnet model (alpha={arguments.alpha:f}, l1_ratio={arguments.l1_ratio:f}):")
        for name, value in metrics.items():
            print(f"  {name.upper()}: {value}")

        mlflow.log_param("alpha", arguments.alpha)
        mlflow.log_param("l1_ratio", arguments.l1_ratio)
        mlflow.log_metrics(metrics)
        mlflow.sklearn.log_model(
            sk_model=lr,
            artifact_path="model",
            signature=infer_signature(train_x, predicted),
            input_example=train_x.head(2),
        )


if __name__ == "__main__":
    main()

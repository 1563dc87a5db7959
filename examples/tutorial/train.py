"""Train an ElasticNet that predicts the quality of a red wine, and log it."""

from __future__ import annotations

import argparse
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from sklearn.linear_model import ElasticNet
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import train_test_split

DATA = Path(__file__).with_name("winequality-red.csv")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alpha", type=float, default=0.5, help="strength of the penalty")
    parser.add_argument("--l1-ratio", type=float, default=0.5, help="share of the L1 penalty in it")
    arguments = parser.parse_args()

    np.random.seed(40)
    train, test = train_test_split(pd.read_csv(DATA, sep=";"))
    train_x, train_y = train.drop(columns="quality"), train["quality"]
    test_x, test_y = test.drop(columns="quality"), test["quality"]

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
        mlflow.sklearn.log_model(sk_model=lr, artifact_path="model", input_example=train_x.head(2))


if __name__ == "__main__":
    main()

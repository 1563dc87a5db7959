import sys

import mlflow
import mlflow.sklearn
import numpy as np
import pandas as pd
import sklearn
from sklearn.linear_model import ElasticNet
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
from sklearn.model_selection import train_test_split

np.random.seed(40)
wines = pd.read_csv("winequality-red.csv", sep=";")
train, test = train_test_split(wines)
alpha, l1_ratio = float(sys.argv[1]), float(sys.argv[2])

with mlflow.start_run():
    model = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, random_state=42)
    model.fit(train.drop(["quality"], axis=1), train[["quality"]])
    found = model.predict(test.drop(["quality"], axis=1))
    print("scikit-learn", sklearn.__version__, "for mlflow", mlflow.__version__)
    mlflow.log_param("alpha", alpha)
    mlflow.log_param("l1_ratio", l1_ratio)
    mlflow.log_metric("rmse", np.sqrt(mean_squared_error(test["quality"], found)))
    mlflow.log_metric("r2", r2_score(test["quality"], found))
    mlflow.log_metric("mae", mean_absolute_error(test["quality"], found))
    mlflow.sklearn.log_model(model, "model")

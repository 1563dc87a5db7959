"""Experiments over REST."""

from __future__ import annotations

from mlyard.artifacts.locations import checked_location
from mlyard.core.errors import DoesNotExist
from mlyard.server.endpoints.context import Context, Handlers
from mlyard.wire import experiments as wire
from mlyard.wire import inputs, routes
from mlyard.wire.message import Empty
from mlyard.wire.tags import decode_tags


def register(handlers: Handlers) -> None:
    """Add the handlers of this file."""
    handlers.add(routes.CREATE_EXPERIMENT, create)
    handlers.add(routes.GET_EXPERIMENT, get)
    handlers.add(routes.GET_EXPERIMENT_BY_NAME, get_by_name)
    handlers.add(routes.SEARCH_EXPERIMENTS, search)
    handlers.add(routes.LIST_EXPERIMENTS, search)
    handlers.add(routes.UPDATE_EXPERIMENT, update)
    handlers.add(routes.DELETE_EXPERIMENT, delete)
    handlers.add(routes.RESTORE_EXPERIMENT, restore)
    handlers.add(routes.SET_EXPERIMENT_TAG, set_tag)
    handlers.add(routes.DELETE_EXPERIMENT_TAG, delete_tag)
    handlers.add(routes.SEARCH_DATASETS, search_datasets)


def create(context: Context, request: wire.CreateExperiment) -> wire.ExperimentId:
    location = checked_location(request.artifact_location) if request.artifact_location else ""
    created = context.store.experiments.create(request.name, location, decode_tags(request.tags), request.request_id)
    return wire.ExperimentId(experiment_id=created)


def get(context: Context, request: wire.ExperimentId) -> wire.ExperimentAnswer:
    return wire.ExperimentAnswer(
        experiment=wire.encode_experiment(context.store.experiments.get(request.experiment_id))
    )


def get_by_name(context: Context, request: wire.GetExperimentByName) -> wire.ExperimentAnswer:
    found = context.store.experiments.get_by_name(request.experiment_name)
    if found is None:
        raise DoesNotExist(f"Could not find experiment with name '{request.experiment_name}'")
    return wire.ExperimentAnswer(experiment=wire.encode_experiment(found))


def search(context: Context, request: wire.SearchExperiments) -> wire.ExperimentsAnswer:
    return wire.encode_experiments(context.store.experiments.search(wire.decode_query(request)))


def update(context: Context, request: wire.UpdateExperiment) -> Empty:
    context.store.experiments.rename(request.experiment_id, request.new_name)
    return Empty()


def delete(context: Context, request: wire.ExperimentId) -> Empty:
    context.store.experiments.delete(request.experiment_id)
    return Empty()


def restore(context: Context, request: wire.ExperimentId) -> Empty:
    context.store.experiments.restore(request.experiment_id)
    return Empty()


def set_tag(context: Context, request: wire.SetExperimentTag) -> Empty:
    context.store.experiments.set_tag(request.experiment_id, request.key, request.value)
    return Empty()


def delete_tag(context: Context, request: wire.DeleteExperimentTag) -> Empty:
    context.store.experiments.delete_tag(request.experiment_id, request.key)
    return Empty()


def search_datasets(context: Context, request: inputs.SearchDatasets) -> inputs.DatasetSummariesAnswer:
    inputs.check_search(request)
    return inputs.encode_summaries(context.store.experiments.search_datasets(request.experiment_ids))

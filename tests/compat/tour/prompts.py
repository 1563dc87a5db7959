"""Prompts, which clients since 2.21 keep among the registered models: texts with numbered versions."""

from __future__ import annotations

from contextlib import suppress

from basis import INVALID, MISSING, TAKEN, Tour, equal, refused
from mlflow.exceptions import MlflowException
from registry import model_with_versions

TEXTS = ("Hi {{who}}", "Hello {{who}}!")


def _prompt(tour: Tour) -> str:
    """The name of a new prompt with two versions."""
    name = tour.name("prompt")
    for text in TEXTS:
        equal(int(tour.client.register_prompt(name=name, template=text, commit_message=text).version) > 0, True)
    return name


def versions_and_aliases(tour: Tour) -> None:
    if not tour.has("register_prompt"):
        return
    client, name = tour.client, _prompt(tour)
    for number, text in enumerate(TEXTS, 1):
        loaded = client.load_prompt(f"prompts:/{name}/{number}")
        equal([loaded.name, int(loaded.version), loaded.template, loaded.commit_message], [name, number, text, text])
    client.set_prompt_alias(name, "best", 1)
    equal(client.load_prompt(f"prompts:/{name}@best").template, TEXTS[0])
    client.delete_prompt_alias(name, "best")
    equal(int(client.parse_prompt_uri(f"prompts:/{name}/2")[1]), 2)
    for missing in (f"prompts:/{name}@best", f"prompts:/{name}/9", f"prompts:/{tour.name()}/1"):
        with suppress(MlflowException):  # clients differ in whether this is an error
            equal(client.load_prompt(missing), None)


def prompts_of_runs(tour: Tour) -> None:
    if not tour.has("log_prompt") and not tour.has("link_prompt_version_to_run"):
        return
    client, name, run_id = tour.client, _prompt(tour), tour.run()
    if tour.has("log_prompt"):
        client.log_prompt(run_id, f"prompts:/{name}/1")
        equal([prompt.name for prompt in client.list_logged_prompts(run_id)], [name])
        client.detach_prompt_from_run(run_id, f"prompts:/{name}/1")
        equal(list(client.list_logged_prompts(run_id)), [])
        return
    client.link_prompt_version_to_run(run_id, f"prompts:/{name}/1")
    assert name in client.get_run(run_id).data.tags["mlflow.linkedPrompts"]
    equal(list(client.list_logged_prompts(run_id)), [])  # those that clients of 2.x have logged
    with suppress(MlflowException):  # this prompt is not one of them
        raise AssertionError(client.detach_prompt_from_run(run_id, f"prompts:/{name}/1"))
    model = client.create_logged_model("0", name="line")
    client.link_prompt_version_to_model(name, "1", model.model_id)
    assert name in client.get_logged_model(model.model_id).tags["mlflow.linkedPrompts"]


def prompts_are_no_models(tour: Tour) -> None:
    if not tour.has("register_prompt"):
        return
    client, name, model = tour.client, _prompt(tour), model_with_versions(tour, 1)
    listed = [found.name for found in client.search_registered_models(f"name LIKE '%{tour.token}%'", max_results=1000)]
    assert model in listed
    assert name not in listed
    equal(list(client.search_model_versions(f"name = '{name}'")), [])
    refused(f"{TAKEN} {INVALID}", client.create_registered_model, name)
    refused(f"{TAKEN} {INVALID}", client.register_prompt, name=model, template="x")


def tags_and_searches(tour: Tour) -> None:
    if not tour.has("search_prompts"):
        return
    client, name = tour.client, _prompt(tour)
    client.set_prompt_tag(name, "team", tour.token)
    equal([found.name for found in client.search_prompts(f"tags.team = '{tour.token}'")], [name])
    equal([found.name for found in client.search_prompts(f"name = '{name}'")], [name])
    assert name in [found.name for found in client.search_prompts(max_results=1000)]
    equal(sorted(int(found.version) for found in client.search_prompt_versions(name)), [1, 2])
    client.delete_prompt_tag(name, "team")
    equal("team" in client.get_prompt(name).tags, False)
    client.set_prompt_version_tag(name, "1", "k", "v")
    equal(client.get_prompt_version(name, "1").tags["k"], "v")
    client.delete_prompt_version_tag(name, "1", "k")
    equal("k" in client.get_prompt_version(name, "1").tags, False)
    client.set_prompt_alias(name, "best", 2)
    equal(int(client.get_prompt_version_by_alias(name, "best").version), 2)
    equal(int(client.get_prompt_version_by_alias(name, "latest").version), 2)
    made = client.create_prompt(tour.name("made"), description="d")
    equal(client.create_prompt_version(made.name, "x {{y}}").template, "x {{y}}")
    equal(client.get_prompt(tour.name()), None)


def deletes(tour: Tour) -> None:
    if not tour.has("delete_prompt_version"):
        if tour.has("delete_prompt"):
            tour.client.delete_prompt(_prompt(tour), 1)
        return
    client, name = tour.client, _prompt(tour)
    for number in ("1", "2"):
        client.delete_prompt_version(name, number)
    client.delete_prompt(name)
    refused(MISSING, client.get_prompt_version_by_alias, name, "best")
    equal(client.get_prompt(name), None)


STEPS = (versions_and_aliases, prompts_of_runs, prompts_are_no_models, tags_and_searches, deletes)

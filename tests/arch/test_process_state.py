"""State of the process: what a forked child must not take from its parent is registered in core/forks.py (ADR 0022)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.conftest import ROOT

SOURCE = ROOT / "src" / "mlyard"
# What has threads, locks, connections or values of one thread.
MAKERS = {
    "BoundedSemaphore", "Condition", "ContextVar", "Event", "Lock", "RLock", "Semaphore", "Thread", "Timer", "local",
    "LifoQueue", "PriorityQueue", "Queue", "SimpleQueue", "ProcessPoolExecutor", "ThreadPoolExecutor",
    "HTTPConnectionPool", "PoolManager", "ProxyManager", "S3Store", "connect", "create_client", "create_engine",
    "from_url",
}  # fmt: skip
CACHES = {"cache", "cached_property", "lru_cache"}
CHANGES = {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}
# Reviewed: what a forked child may take over, or never has, and why.
KEPT = {
    ("artifacts/manifest.py", "_lock"): "of a recorder in _recorders, which is an Own",
    ("artifacts/object_store.py", "_used_by"): "a child must know which process used obstore first",
    ("artifacts/object_store.py", "from_url"): "not kept; a child is refused by _check_process",
    ("artifacts/progress.py", "_lock"): "of one transfer, which ends in the process that began it",
    ("cli/demo.py", "pool"): "of one command",
    ("client/backends.py", "_fixed"): "what relative addresses mean, which is the same in a child",
    ("transport/connections.py", "PoolManager"): "not kept; callers hold it in an Own or in a cache of forks",
    ("transport/connections.py", "ProxyManager"): "not kept; see above",
    ("client/endings.py", "_program"): "a child goes on in the frames of its parent",
    ("client/endings.py", "_watching"): "a child has the hooks of its parent",
    ("client/endings.py", "ending"): "not kept; the process ends after it",
    ("client/active.py", "atexit"): "ends the runs in _open, which a child begins without",
    ("client/backends.py", "_open"): "stores can be used by a child: their connections are its own",
    ("client/fluent_experiments.py", "_experiment"): "an id; children use the experiment of their parent",
    ("client/tracking.py", "_chosen"): "URIs; children use the stores of their parent",
    ("core/forks.py", "_changed"): "renewed by this module itself",
    ("core/forks.py", "_held"): "the same",
    ("core/forks.py", "_lock"): "the same",
    ("core/forks.py", "_of_thread"): "the same",
    ("core/forks.py", "_of_parents"): "what a child has left to its parent",
    ("core/forks.py", "_owned"): "a child has the same to renew if it forks",
    ("core/forks.py", "_renewals"): "the same",
    ("core/temporary.py", "atexit"): "removes the folders in _folders, which a child begins without",
    ("core/waiting.py", "ended"): "of one block",
    ("core/waiting.py", "thread"): "of one block",
    ("domain/runs.py", "metrics"): "a value computed from the entity",
    ("models/format/flavor.py", "find_flavor"): "modules, which a child has too",
    ("models/format/flavor.py", "flavor_names"): "names",
    ("models/format/flavor.py", "flavor_of_loader"): "modules, which a child has too",
    ("models/format/own_modules.py", "_folders"): "paths of what is in the memory of a child too",
    ("models/packed.py", "_loaded"): "models, which a child has in its memory too",
    ("models/pickles.py", "_reading"): "of one context, in which a child goes on",
    ("models/script.py", "_current"): "of one context, in which a child goes on",
    ("models/script.py", "_set"): "of one context, in which a child goes on",
    ("ports/opening.py", "_find"): "functions that open stores",
    ("projects/backends/following.py", "Event"): "of one job, which its process follows",
    ("projects/output.py", "_ended"): "of one job",
    ("projects/output.py", "_thread"): "of one job",
    ("projects/processes.py", "_ended"): "of one job",
    ("projects/submitted.py", "Thread"): "of one job",
    ("projects/submitted.py", "_ended"): "of one job",
    ("projects/submitted.py", "atexit"): "interrupts the jobs in _unfinished, which a child begins without",
    ("projects/sweeps.py", "_ended"): "of one sweep",
    ("projects/sweeps.py", "threads"): "of one call",
    ("models/body/content_type.py", "content_type"): "texts",
    ("scoring/on_ray.py", "stopped"): "of one command",
    ("scoring/requests.py", "_threads"): "the server starts its threads after it has forked",
    ("scoring/requests.py", "expired"): "of one request",
    ("search/evaluate.py", "_like"): "patterns",
    ("server/api.py", "_threads"): "the server starts its threads after it has forked",
    ("server/endpoints/context.py", "submitting_runs"): "a part of the store",
    ("server/files.py", "_pool"): "the server starts its threads after it has forked",
    ("server/security.py", "allows_host"): "texts",
    ("stores/sql/database.py", "create_engine"): "called for _Access, which is an Own of its Database",
    ("stores/sql/database.py", "engine"): "called for _Access, which is an Own of its Database",
    ("stores/sql/database.py", "stop"): "in _Access, which is an Own of its Database",
    ("stores/sql/dialect.py", "_insert_arrays"): "statements",
    ("stores/sql/dialect.py", "_packers"): "functions",
    ("stores/sql/dialect.py", "_insert_values"): "statements",
    ("stores/sql/keys.py", "_lock"): "held only by reads and writes, which no fork interrupts",
    ("stores/sql/replica.py", "_changed"): "in _Access, which is an Own of its Database",
    ("stores/sql/replica.py", "connection"): "of one read",
    ("stores/sql/sessions.py", "driver"): "kept by an engine, in _Access, which is an Own of its Database",
    ("stores/sql/writer.py", "_lock"): "in _Access, which is an Own of its Database",
    ("stores/sql/writer.py", "_queue"): "in _Access, which is an Own of its Database",
    ("stores/sql/writer.py", "_thread"): "in _Access, which is an Own of its Database",
    ("wire/message.py", "_list_fields"): "names",
    ("wire/openapi.py", "document"): "a text",
    ("wire/routes.py", "ROUTES"): "a table that is complete after the import",
    ("wire/validation.py", "_fields"): "names",
}


def state_of(tree: ast.Module) -> Iterator[str]:
    """The names of what the code of a module keeps for its process and has not registered."""
    registered = set(_registered(tree))
    for name, node in _kept(tree):
        if name not in registered and node not in registered:
            yield name


def _kept(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Everything that is kept: variables of the module that change, caches, and what MAKERS make."""
    names = {name for statement in tree.body for name in _assigned(statement)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from ((name, node) for name in node.names)
        elif isinstance(node, ast.FunctionDef):
            yield from ((node.name, node) for each in node.decorator_list if _name(each) in CACHES)
        elif (changed := _changed(node)) in names:
            yield changed, node
        elif isinstance(node, ast.Attribute) and node.attr == "register" and _plain(node.value) == "atexit":
            yield "atexit", node
    yield from _made(tree)


def _changed(node: ast.AST) -> str:
    """The variable that changes in `x[…] = …`, `del x[…]`, and with a method such as `x.append`; else ''."""
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        return _plain(node.value)
    return _plain(node.value) if isinstance(node, ast.Attribute) and node.attr in CHANGES else ""


def _made(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """What MAKERS make, under the name that it gets; not what a `with` statement ends."""
    ended = {item.context_expr for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items}
    for statement in ast.walk(tree):
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return)) and statement.value:
            made = (node for node in ast.walk(statement.value) if isinstance(node, ast.Call) and _name(node) in MAKERS)
            yield from ((next(iter(_assigned(statement)), _name(node)), node) for node in made if node not in ended)


def _registered(tree: ast.Module) -> Iterator[str | ast.AST]:
    """Names that the module has registered, and code that makes values for `Own` and `cached`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) in {"Own", "in_child"}:
            for inner in ast.walk(node):
                yield inner
                yield _plain(inner)
        elif isinstance(node, ast.FunctionDef):
            decorators = {_name(each) for each in node.decorator_list}
            if "in_child" in decorators:
                yield from (_plain(inner) for inner in ast.walk(node))
            elif "cached" in decorators:
                yield from ast.walk(node)
    yield from (each for statement in tree.body if _is_own(statement) for each in _assigned(statement))


def _is_own(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Assign, ast.AnnAssign)) and _name(statement.value) == "Own"


def _assigned(statement: ast.AST) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [_name(target) for target in targets if isinstance(target, (ast.Name, ast.Attribute))]


def _name(node: ast.AST | None) -> str:
    """The last part of a name, or of the name of what is called: `Lock` for `threading.Lock()`."""
    if isinstance(node, ast.Call):
        return _name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else _plain(node)


def _plain(node: ast.AST | None) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def test_state_of_the_process_is_registered_or_reviewed() -> None:
    found = {
        (file.relative_to(SOURCE).as_posix(), name)
        for file in sorted(SOURCE.rglob("*.py"))
        for name in state_of(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert found == set(KEPT)


def test_state_is_found_in_each_form() -> None:
    code = """
A = {}
B = []
C = threading.Lock()
D: WeakSet = WeakSet()
E = ContextVar("e")
F = None
G = {"a": 1}

def change():
    global F
    A["x"] = 1
    B.append(1)
    D.add(1)
    return G["a"]

@lru_cache(maxsize=8)
def h(): ...

class K:
    def __init__(self):
        self.pool = urllib3.PoolManager()

@atexit.register
def end(): ...
"""
    assert sorted(set(state_of(ast.parse(code)))) == ["A", "B", "C", "D", "E", "F", "atexit", "h", "pool"]


def test_state_that_is_registered_is_not_found() -> None:
    code = """
A = {}
B = Own(dict)
C = []
forks.in_child(C.clear)

@forks.in_child
def renew():
    global D
    A.clear()
    D = threading.Lock()

@forks.cached(maxsize=8)
def pool():
    return urllib3.PoolManager()

class K:
    def __init__(self):
        self.pool = Own(lambda: urllib3.PoolManager())

def change():
    with ThreadPoolExecutor(1) as threads:
        threads.submit(C.append, 1)
    B.get()["x"] = A["x"] = 1
"""
    assert list(state_of(ast.parse(code))) == []


def test_children_are_forked_in_one_place() -> None:
    """A child of `forks.start` cannot go on with its parent's code, whichever error its work raises."""
    forking = {
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"fork", "forkpty"}
    }
    assert forking == {"core/forks.py"}

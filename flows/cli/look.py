"""Commands that look: list, show, metrics, print, files."""

from typing import Annotated, Any

from cyclopts import Parameter

from flows.cli.app import STORE, JsonOption, ProjectOption, StoreOption
from flows.cli.console import number_text, print_json, print_pairs, print_table, say
from flows.cli.numbers import numbers_of, print_numbers, print_slices, slices_of
from flows.cli.quality_lines import quality_count, quality_text, say_stale_quality, stored_quality
from schemas.errors import InputError
from schemas.names import place_text
from schemas.tables import TABLES
from tasks.catalog import Catalog, Entry, catalog
from tasks.encord import ontology_print
from tasks.numbers import overall_numbers
from tasks.storage import Project, Store
from tasks.stored_columns import import_call, stale_import


def list_command(*, project: str | None = None, store: StoreOption = STORE, json: JsonOption = False) -> None:
    """List the sets of a project with counts and scores, or the projects of the store.

    Parameters
    ----------
    project
        Name of the project; the projects themselves when left out.
    """
    place = Store(store)
    if project is None:
        _list_projects(place, json)
        return
    known = catalog(place.project(project))
    sets = [_set_facts(known, entry) for _, entry in sorted(known.sets.items())]
    if json:
        print_json({"project": project, "ground_truth": _truth_facts(known), "prediction_sets": sets})
        return
    _print_sets(known, sets)


def _list_projects(place: Store, json: bool) -> None:
    names = place.projects()
    if json:
        print_json({"projects": names})
        return
    if not names:
        say(f"no projects in {place.location} (boxscore evaluate makes one)")
        return
    rows = []
    for name in names:
        known = catalog(place.project(name))
        truth = _truth_facts(known) or {"data_units": 0, "annotations": 0}
        rows.append([name, f"{truth['data_units']:,}", f"{truth['annotations']:,}", f"{len(known.sets):,}"])
    counts = ["data units", "annotations", "sets"]
    print_table(f"projects in {place.location}", ["project", *counts], rows, right=counts)


def _truth_facts(known: Catalog) -> dict[str, Any] | None:
    entry = known.ground_truth
    if entry is None:
        return None
    units, annotations = (entry.partitions[name].rows for name in ("data_units", "ground_truth"))
    return {
        "data_units": units,
        "annotations": annotations,
        "rejected": entry.record["rejected"],
        "stale": stale_import(entry),
        "quality": stored_quality(known, None),
    }


def _set_facts(known: Catalog, entry: Entry) -> dict[str, Any]:
    evaluations = known.evaluations_of(entry.name)
    return {
        "name": entry.name,
        "group": entry.record["group"],
        "format": entry.record["format"],
        "predictions": entry.partitions["predictions"].rows,
        "answers": _answers(entry),
        "rejected": entry.record["rejected"],
        "stale": stale_import(entry),
        "quality": stored_quality(known, entry.name),
        "evaluations": [
            {"name": e.name, "rules": e.record["rules"], "stale": known.stale(e), "metrics": overall_numbers(e)}
            for e in evaluations
        ],
        "conclusions": [
            {"kind": e.kind, "name": e.name, "stale": known.stale_conclusion(e)}
            for e in known.conclusions_of(entry.name)
        ],
    }


def _answers(entry: Entry) -> int:
    partition = entry.partitions.get("classifications_predictions")
    return 0 if partition is None else partition.rows


def _print_sets(known: Catalog, sets: list[dict[str, Any]]) -> None:
    truth = _truth_facts(known)
    if truth:
        say(f"ground truth: {truth['annotations']:,} annotations on {truth['data_units']:,} data units")
        if truth["quality"]:
            say(f"quality metrics: {quality_text(truth['quality'])}")
        _say_stale(known, None, truth)
    if not sets:
        say(f"no prediction sets yet (boxscore import predictions FILE --project {known.project} --name NAME)")
        return
    rows = [
        [
            facts["name"],
            facts["group"] or "",
            f"{facts['predictions']:,}",
            f"{facts['answers']:,}",
            f"{facts['rejected']:,}",
            quality_count(facts["quality"]),
            evaluation["name"],
            number_text(evaluation["metrics"].get("AP")),
            evaluation["stale"] or "",
        ]
        for facts in sets
        for evaluation in facts["evaluations"] or [{"name": "-", "metrics": {}, "stale": None}]
    ]
    counts = ["predictions", "answers", "rejected"]
    columns = ["set", "group", *counts, "quality metrics", "protocol", "AP", "stale"]
    print_table(f"prediction sets of {known.project}", columns, rows, right=[*counts, "quality metrics", "AP"])
    for facts in sets:
        _say_stale(known, facts["name"], facts)
        for item in facts["conclusions"]:
            if item["stale"]:
                say(f"{item['kind'].replace('_', ' ')} of {facts['name']} under {item['name']}: {item['stale']}")


def _say_stale(known: Catalog, name: str | None, facts: dict[str, Any]) -> None:
    """What of a set, or of the ground truth without one, is not today's, its numbers aside, and what to run."""
    entry = known.require_ground_truth() if name is None else known.sets[name]
    if facts["stale"]:
        say(f"{name or 'ground truth'}: {facts['stale']} ({import_call(known, entry)})")
    say_stale_quality(known, name, facts["quality"])


def show(
    name: Annotated[str, Parameter(name="SET")],
    /,
    *,
    project: ProjectOption,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Show a set: where it came from and where each of its records went."""
    place = Store(store).project(project)
    known = catalog(place)
    entry = known.set_named(name)
    record = entry.record
    facts = {
        **_set_facts(known, entry),
        "inputs": record["inputs"],
        "records": record["rows"],
        "rejects": record["reasons"],
        "boxes_leaving_image": record.get("boxes_leaving_image", 0),
        "tables": _folders(known, entry),
    }
    if json:
        print_json(facts)
        return
    say(f"{name} in project {project}" + (f", group {record['group']}" if record["group"] else ""))
    for item in record["inputs"]:
        say(f"from {item['file']} ({item['bytes']:,} bytes, sha256 {item['sha256'][:12]})")
    say(f"{record['rows']:,} records = {record['accepted']:,} accepted + {record['rejected']:,} rejected")
    if record["reasons"]:
        rows = [[code, f"{count:,}"] for code, count in sorted(record["reasons"].items())]
        print_table("rejects", ["reason", "records"], rows, right=["records"])
    if facts["boxes_leaving_image"]:
        say(f"boxes that leave their image: {facts['boxes_leaving_image']:,}")
    if facts["quality"]:
        say(f"quality metrics: {quality_text(facts['quality'])}")
    _say_stale(known, name, facts)
    print_numbers(place, name, [])
    rows = [[table, folder] for table, folders in facts["tables"].items() for folder in folders]
    print_table("tables", ["table", "folder"], rows)


def _folders(known: Catalog, entry: Entry) -> dict[str, list[str]]:
    """Folders of the set's rows by table: one a table of its own, one an evaluation elsewhere."""
    folders: dict[str, list[str]] = {}
    entries = (*known.evaluations_of(entry.name), *known.quality_of(entry.name), *known.conclusions_of(entry.name))
    for item in (entry, *entries):
        for table, partition in item.partitions.items():
            folders.setdefault(table, []).append(partition.location)
    return folders


def metrics(
    name: Annotated[str, Parameter(name="SET")],
    /,
    *,
    project: ProjectOption,
    protocol: Annotated[list[str] | None, Parameter(help="Protocol, repeatable; all that are there otherwise.")] = None,
    part: Annotated[str | None, Parameter(name="--slice", help="Numbers of this slice, such as kind=image.")] = None,
    slices: Annotated[bool, Parameter(negative="", show_default=False, help="The slices, a row each.")] = False,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Print a set's numbers: AP, AR and their kin, of every protocol it was evaluated under."""
    place, names = Store(store).project(project), protocol or []
    if slices and part is not None:
        raise InputError("--slice and --slices contradict each other", where="--slice", hint="leave one of them out")
    if json:
        print_json(slices_of(place, name, names) if slices else numbers_of(place, name, names, part))
    elif slices:
        print_slices(place, name, names)
    else:
        print_numbers(place, name, names, part)


def files(
    table: Annotated[str, Parameter(name="TABLE")],
    /,
    *,
    project: ProjectOption,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """List the committed files of a table: the sound way to read it from an object store."""
    names = [known.name for known in TABLES]
    if table not in names:
        raise InputError(f"there is no table {table!r}", where="TABLE", hint=f"tables: {', '.join(names)}")
    paths = [place_text(path) for partition in Store(store).project(project).live(table) for path in partition.paths]
    if json:
        print_json({"table": table, "files": paths})
        return
    for path in paths:
        say(path)


def _truth(place: Project, table: str) -> Any:
    return catalog(place).require_ground_truth().partitions[table].read()


def data_mapping(*, project: ProjectOption, store: StoreOption = STORE, json: JsonOption = False) -> None:
    """Print which file every data unit is: its data hash and file name; with --json {data_hash: file name}."""
    mapping = ontology_print.data_mapping(_truth(Store(store).project(project), "data_units"))
    if json:
        print_json(mapping)
        return
    print_pairs([("data hash", "file name"), *mapping.items()])


def ontology(*, project: ProjectOption, store: StoreOption = STORE, json: JsonOption = False) -> None:
    """Print the project's classes, questions and options with their hashes; with --json as one document.

    The document's `objects` {name: hash} and `classifications` {value: hashes} are as Encord Active prints them;
    `all_objects` and `all_classifications` list everything, repeated names and nested questions too.
    """
    categories = _truth(Store(store).project(project), "categories")
    if json:
        print_json(ontology_print.ontology_document(categories))
        return
    rows = [["  " * line.depth + line.name, line.what, line.hash] for line in ontology_print.ontology_lines(categories)]
    print_table(f"ontology of {project}", ["name", "what", "hash"], rows)

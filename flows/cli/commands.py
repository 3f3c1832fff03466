"""The commands: by their words, the function behind each, and what it does, as lists of commands say it.

A function's module is imported when its command is used; the text is the first sentence of its docstring.
"""

COMMANDS: dict[str, tuple[str, str]] = {
    "evaluate": (
        "work:evaluate",
        "Import ground truth and predictions, match and measure: from two files to the metrics and the whole store.",
    ),
    "import ground-truth": (
        "work:ground_truth_command",
        "Import annotations as the project's ground truth; other bytes than before become the live version.",
    ),
    "import predictions": (
        "work:predictions_command",
        "Import predictions as a set of the project and, unless told not to, match and measure it.",
    ),
    "reanalyze": (
        "again:reanalyze",
        "Match and measure stored sets again: other rules, corrected ground truth, other classes; no file is "
        "read anew.",
    ),
    "quality": (
        "quality:quality",
        "Say what predictions, annotations and images are like: area, duplicates, borders, broken tracks, ...",
    ),
    "failures": (
        "conclusions:failures",
        "Find where a set fails: the ten parts of the data that matter, with the images to open.",
    ),
    "label-errors": (
        "conclusions:label_errors",
        "Find labels that look wrong: missing, spurious, doubled, of another class, or elsewhere.",
    ),
    "list": (
        "look:list_command",
        "List the sets of a project with counts and scores, or the projects of the store.",
    ),
    "show": (
        "look:show",
        "Show a set: where it came from and where each of its records went.",
    ),
    "metrics": (
        "look:metrics",
        "Print a set's numbers: AP, AR and their kin, of every protocol it was evaluated under.",
    ),
    "files": (
        "look:files",
        "List the committed files of a table: the sound way to read it from an object store.",
    ),
    "print data-mapping": (
        "look:data_mapping",
        "Print which file every data unit is: its data hash and file name; with --json {data_hash: file name}.",
    ),
    "print ontology": (
        "look:ontology",
        "Print the project's classes, questions and options with their hashes; with --json as one document.",
    ),
    "delete": (
        "manage:delete",
        "Delete a set from every table; it can be restored until it is purged.",
    ),
    "restore": (
        "manage:restore",
        "Bring back the set that was deleted last under this name.",
    ),
    "purge": (
        "manage:purge",
        "Remove deleted and replaced tables for good.",
    ),
    "verify": (
        "manage:verify",
        "Check every published file to the byte, after finishing what an interrupted run left.",
    ),
    "up": (
        "manage:up",
        "Start Prefect's server, the work pool, the deployments and a worker in this folder; Ctrl-C stops them all.",
    ),
}

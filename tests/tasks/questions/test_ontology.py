"""Questions and options of an ontology, by position."""

import pyarrow as pa

from schemas.tables import CATEGORIES
from tasks.kernels.answer_codes import CHECKLIST, RADIO, TEXT
from tasks.questions.ontology import KINDS, questions_of
from tests.answer_zoo import OPTIONS, PARENTS, QUESTIONS, categories


def test_questions_come_in_the_order_of_the_ontology_with_their_options() -> None:
    """Of whatever kind; a nested one knows the option it hangs from."""
    found = questions_of(categories())
    kinds = dict(zip(found.name, (KINDS[kind] for kind in found.kind), strict=True))
    assert kinds == QUESTIONS
    for q, name in enumerate(found.name):
        options = found.option_name[found.indptr[q] : found.indptr[q + 1]]
        assert "".join(filter(None, options)) == OPTIONS.get(str(name), "")
        parent = found.option_name[found.parent[q]] if found.parent[q] >= 0 else None
        assert parent == PARENTS.get(str(name))
    assert not found.of_object.any()
    assert {RADIO, CHECKLIST, TEXT} == set(found.kind.tolist())


def test_a_key_leads_to_its_question_and_option() -> None:
    """Those of classes, of classifications and of attributes that are chosen from lead nowhere."""
    table = categories()
    found = questions_of(table)
    for row in table.to_pylist():
        key = row["category_key"]
        if row["kind"] == "option":
            assert found.option_name[found.option_of[key]] == row["name"]
            assert found.name[found.question_of[key]] == row["attribute_hash"]
        else:
            text = row["answer_type"] == "text"
            assert (found.question_of[key] >= 0, found.option_of[key]) == (text, -1)


def test_questions_about_objects_are_told_by_their_root() -> None:
    """Nested ones too."""
    kinds = ["object", "attribute", "option", "attribute", "classification", "attribute"]
    columns = {
        "category_key": range(1, 7),
        "kind": kinds,
        "parent_key": [None, 1, 2, 3, None, 5],
        "answer_type": [None, "radio", None, "text", None, "text"],
        "retired": [False] * 6,
        "source_order": range(6),
    }
    table = pa.table({name: pa.array(list(column)) for name, column in columns.items()})
    assert questions_of(table.append_column("name", pa.array(kinds))).of_object.tolist() == [True, True, False]


def test_without_questions_all_is_empty() -> None:
    """And no key leads anywhere."""
    found = questions_of(CATEGORIES.schema.empty_table())
    assert (len(found.key), len(found.option_key), found.indptr.tolist(), found.question_of.tolist()) == (
        0,
        0,
        [0],
        [-1, -1],
    )

"""Hostile pickles: every kind is refused before anything of it runs, with the byte where that can be said."""

import pickle
import pickletools
import re
from pathlib import Path

import pytest

from schemas.errors import InputError
from tasks.encord.pickles.names import ROLES
from tasks.encord.pickles.standins import STANDINS
from tests.encord_pickles import read
from tests.tasks.encord.pickles.hostile import CALLS, DAMAGED, FORGED, Hostile, calls, listed, named


def refusal(content: bytes) -> InputError:
    """The error that reading ends with."""
    with pytest.raises(InputError) as caught:
        read(content)
    return caught.value


@pytest.mark.parametrize("name", CALLS)
def test_no_global_is_called_that_is_not_known(name: str, tmp_path: Path) -> None:
    """The error names the global and its byte, and nothing was touched."""
    touched = tmp_path / "touched"
    content, words = calls(str(touched))[name]
    error = refusal(content)
    assert words in error.message
    at = int(re.findall(r"byte (\d+)", error.where or "")[0])
    assert content[at : at + 1] in (b"c", b"\x93")
    assert not touched.exists()


@pytest.mark.parametrize("hostile", FORGED.values(), ids=FORGED)
def test_forged_arrays_are_refused(hostile: Hostile) -> None:
    """Dtypes of pointers, dtypes with flags, shapes that their bytes do not fill."""
    assert hostile.words in str(refusal(hostile.content))


@pytest.mark.parametrize("hostile", DAMAGED.values(), ids=DAMAGED)
def test_broken_pickles_are_refused(hostile: Hostile) -> None:
    """Each with what is wrong about it."""
    assert hostile.words in str(refusal(hostile.content))


NEVER = {
    "INST", "OBJ", "EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID", "NEWOBJ_EX", "DUP", "POP", "POP_MARK",
    "NEXT_BUFFER", "READONLY_BUFFER", "STRING", "BINSTRING", "SHORT_BINSTRING", "FROZENSET", "LONG4",
}  # fmt: skip


@pytest.mark.parametrize("opcode", sorted(NEVER))
def test_opcodes_that_no_prediction_needs_are_refused(opcode: str) -> None:
    """By name and byte, wherever they stand."""
    code = next(known.code for known in pickletools.opcodes if known.name == opcode).encode("latin-1")
    content = listed(b"N" + code + b"\x01\x00\x00\x00a\na\n")
    error = refusal(content)
    assert error.message == f"opcode {opcode} is not used by pickles of predictions"
    assert error.where == "predictions.pkl, byte 5"


def test_the_names_of_the_walk_are_those_of_the_loader() -> None:
    """What the check of the opcodes lets through has a stand-in, and nothing else has."""
    assert set(ROLES) == set(STANDINS)


def test_a_global_named_again_and_again_is_refused() -> None:
    """Each time costs a look-up: beyond 100,000 it is no honest file."""
    once = named("builtins", "object")
    error = refusal(b"\x80\x04](" + (once + b"0") + b"e.")
    assert "POP" in error.message
    many = b"\x80\x04](" + b"cbuiltins\nobject\n" * 100_001 + b"e."
    assert "more than 100000 times" in refusal(many).message


def test_plain_values_are_no_predictions() -> None:
    """Each is a reject; a prediction without a state, or with an empty one, as well."""
    bare, empty = named("boxscore", "Prediction") + b")\x81", named("boxscore", "Prediction") + b")\x81}b"
    items = pickle.dumps([1, "a", None, {"data_hash": "a"}, [1], (1, 2)], 4)
    records, answers, rejects = read(items)
    assert (records, answers) == ([], [])
    assert {reject["reason_code"] for reject in rejects} == {"not_an_object"}
    assert [row["reason_code"] for row in read(listed(bare))[2]] == ["not_an_object"]
    assert [row["reason_code"] for row in read(listed(empty))[2]] == ["missing_field"]


def test_one_refused_file_of_several_is_one_reject() -> None:
    """The others go in."""
    records, _, rejects = read(listed(b"N"), listed(b"cos\nsystem\n)R"))
    assert records == []
    assert [(row.get("source_row"), row["reason_code"]) for row in rejects] == [
        (0, "not_an_object"),
        (None, "broken_file"),
    ]
    assert "os.system" in rejects[1]["reason"]

"""Kernels are compiled once per environment, and again when a source changes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deployments import warm as module
from tasks.kernels import code_store

Calls = list[tuple[str, ...]]


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The commands that warming runs, in an environment with code and no stamp; nothing is really run."""
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    monkeypatch.setattr(code_store, "what_for", lambda: "these sources, this machine")
    monkeypatch.setattr(code_store, "is_anywhere", lambda: True)
    monkeypatch.setattr(module, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(module, "SAMPLE_STAMP", tmp_path / "sample-stamp")
    made: Calls = []
    monkeypatch.setattr(module, "boxscore", lambda *arguments, quiet: made.append(arguments))
    return made


def test_each_kind_of_results_and_both_tie_orders_are_compiled(calls: Calls) -> None:
    """Warming evaluates boxes beside a row of KITTI's, then masks and keypoints; boxes in canonical order, too.

    Encord's label rows and pickles are read in the end.
    """
    module.warm()
    evaluated = [" ".join(call) for call in calls if call[0] == "evaluate"]
    assert len(evaluated) == 6
    assert ["encord" in call for call in evaluated].count(True) == 2
    assert [call[0] for call in calls].count("quality") == 3
    assert any("boxes.json" in call for call in evaluated[:2])
    assert any("coco-bbox" in call for call in evaluated[:2])
    assert ["canonical" in call for call in calls if call[0] == "reanalyze"] == [True, False]
    assert ["all" in call for call in calls if call[0] == "reanalyze"] == [False, True]


def test_similarities_of_shapes_that_the_sample_lacks_are_compiled(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rotatable boxes, points, polylines and boundaries: each is called, once."""
    kernels = ("rotated_pairs", "point_pairs", "resample", "polyline_pairs", "boundaries", "least_of")
    compared: list[str] = []
    for name in kernels:
        monkeypatch.setattr(module, name, lambda *arguments, name=name: compared.append(name))
    module.warm()
    assert sorted(compared) == sorted(kernels)


def test_the_second_time_nothing_is_done(calls: Calls) -> None:
    """Where a stamp says that all was compiled as it is there is nothing to do."""
    module.warm()
    calls.clear()
    module.warm()
    assert calls == []


@pytest.mark.parametrize(
    ("name", "now"), [("what_for", lambda: "other sources, or another machine"), ("is_anywhere", lambda: False)]
)
def test_what_has_changed_is_compiled_again(
    calls: Calls, monkeypatch: pytest.MonkeyPatch, name: str, now: Callable[[], object]
) -> None:
    """Other sources, another processor or compiler, or a folder of code that is gone make the environment cold."""
    module.warm()
    assert module.is_warm()
    monkeypatch.setattr(code_store, name, now)
    assert not module.is_warm()


def test_the_demo_compiles_what_it_runs_and_once(calls: Calls) -> None:
    """It evaluates the three sets and that row; again, or where all is compiled, not even those."""
    module.warm_for_sample()
    assert [call[0] for call in calls] == ["evaluate"] * 4
    assert not module.is_warm()
    module.warm_for_sample()
    assert len(calls) == 4
    module.warm()
    module.SAMPLE_STAMP.unlink()
    calls.clear()
    module.warm_for_sample()
    assert calls == []

"""The files of a directory: labels, the mapping, and the rest; stretches of them."""

from tasks.kitti.files import batches, layout
from tests.named import Named


def test_labels_the_mapping_and_the_rest_are_told_apart() -> None:
    """By name alone; the mapping is neither label nor refused."""
    files = [Named(name) for name in ("a.txt", "b/c.CSV", "notes.md", "ontology_mapping.json", "x.png")]
    found = layout(files, {})
    assert [source.name for source in found.labels] == ["a.txt", "b/c.CSV"]
    assert [source.name for source in found.others] == ["notes.md", "x.png"]
    assert found.mapping == files[3]
    assert not found.relative


def test_the_outermost_mapping_is_taken_and_another_refused() -> None:
    """Only one can hold for the whole directory."""
    files = [Named("a/ontology_mapping.json"), Named("ontology_label_map.json"), Named("ontology_mapping.json")]
    found = layout(files, {})
    assert found.mapping == files[2]
    assert found.others == files[:2]
    assert not found.relative


def test_a_mapping_given_aside_goes_before_the_one_found() -> None:
    """The found one still says that corners are relative."""
    given, held = Named("mine.json"), Named("ontology_label_map.json")
    found = layout([held, Named("labels/h__x.txt")], {"mapping": given})
    assert found.mapping == given
    assert found.relative
    assert not found.others
    assert layout([Named("h__x.txt")], {"mapping": held}).relative


def test_stretches_hold_every_file_once_in_order() -> None:
    """By bytes and by number; one file larger than a stretch stands alone."""
    files = [Named(str(k), 1000) for k in range(1200)] + [Named("large", 3 << 20), Named("small")]
    stretches = list(batches(files))
    assert [file for stretch in stretches for file in stretch] == files
    assert [len(stretch) for stretch in stretches] == [512, 512, 176, 1, 1]
    assert not list(batches([]))

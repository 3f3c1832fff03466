"""One label row: its objects on every frame, the answers about its units, and the attributes of its objects."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from schemas.parameters import ClassBy
from schemas.rejects import Reason
from tasks.encord.answers import Span, answers_of, extent, merged
from tasks.encord.fields import Record, mapping, optional_list, optional_mapping, optional_text, ranges, share, text
from tasks.encord.row_frames import AUDIO, Frame, Places, data_type, frames_of, units_of
from tasks.encord.row_json import Row
from tasks.encord.shapes import Orders, read_geometry
from tasks.encord.taken import Taken
from tasks.refusals import Refused, check_fit

_SHOWN_BYTES = 8_000
"""Of a row that is refused whole: enough for what `rejects` keeps of it."""


class Terms(NamedTuple):
    """How rows are read."""

    predictions: bool
    class_by: ClassBy
    orders: Orders
    branch: str | None = None
    """The only branch that is taken; None: whatever branch a row is of."""


class _Reader:
    """Reads one row; what its frames say about objects and answers is gathered on the way."""

    def __init__(self, row: Row, terms: Terms, taken: Taken) -> None:
        self.row, self.terms, self.taken = row, terms, taken
        self.kind = data_type(row.value)
        self.units = self._fit(units_of(row.value), list)
        self.places = Places(self.kind, self.units)
        self.object_frames: dict[str, list[Span]] = defaultdict(list)
        self.answer_frames: dict[str, list[Span]] = defaultdict(list)
        self.classes: dict[str, str] = {}
        """Feature hash by object hash or classification hash."""

    def read(self) -> None:
        for name, unit in self.units.items():
            for frame in frames_of(self.kind, name, unit):
                if isinstance(frame, Frame):
                    self._frame(frame)
                else:
                    self.taken.refuse(*frame)
        self._section("classification_answers", self._classification)
        self._section("object_answers", self._unsupported if self.kind == AUDIO else self._static)
        self._section("object_actions", self._dynamic)
        if self.row.value.get("spaces"):
            fault = Refused(Reason.UNSUPPORTED, "spaces are not read, allowed are the labels in data_units")
            self.taken.refuse({"spaces": self.row.value["spaces"]}, fault)

    def _frame(self, frame: Frame) -> None:
        for key, read in (("objects", self._object), ("classifications", self._entry)):
            try:
                items = optional_list(frame.labels, key)
            except Refused as refused:
                self.taken.refuse(frame.labels, refused)
                continue
            for item in items:
                try:
                    read(self._fit(mapping(item, f"an item of {key}")), frame)
                except Refused as refused:
                    self.taken.refuse(item, refused)

    def _fit(self, record: Record, part: Callable[[Record], Any] = dict) -> Record:
        """The record, unless it (or `part` of it) holds a number or text that no table can hold."""
        if not self.row.clean:
            check_fit(part(record))
        return record

    def _object(self, record: Record, frame: Frame) -> None:
        track = optional_text(record, "objectHash")
        if track is not None:
            self.object_frames[track].append(Span(frame.unit, frame.number, frame.number))
            self._keep_class(track, record)
        if self.kind == AUDIO:
            raise Refused(Reason.UNSUPPORTED_DATA_TYPE, "an object in audio, allowed are answers")
        category = text(record, "name" if self.terms.class_by is ClassBy.NAME else "featureHash")
        score = share(record, "confidence") if self.terms.predictions else None
        geometry = read_geometry(record, self.terms.orders)
        self.taken.record((frame.unit, frame.number), category, track, score, geometry)

    def _entry(self, record: Record, frame: Frame) -> None:
        """A frame's entry of a classification, whose answers stand elsewhere: it is no record by itself."""
        key = text(record, "classificationHash")
        if key not in optional_mapping(self.row.value, "classification_answers"):
            raise Refused(Reason.MISSING_FIELD, f"classification_answers has no answers of {key!r}")
        score = share(record, "confidence") if self.terms.predictions else None
        self._keep_class(key, record)
        self.answer_frames[key].append(Span(frame.unit, frame.number, frame.number, score))

    def _keep_class(self, key: str, record: Record) -> None:
        feature_hash = optional_text(record, "featureHash")
        if feature_hash is not None:
            self.classes.setdefault(key, feature_hash)

    def _section(self, name: str, read: Callable[[str, Record], None]) -> None:
        """Hand every item of a part of the row to what reads it."""
        try:
            items = optional_mapping(self.row.value, name)
        except Refused as refused:
            self.taken.refuse({name: self.row.value[name]}, refused)
            return
        for key, item in items.items():
            try:
                self._fit({key: item})
                read(key, mapping(item, name))
            except Refused as refused:
                self.taken.refuse({key: item}, refused)

    def _ranges(self, record: Record, score: float | None) -> list[Span]:
        bounds = ranges(record, "range", self.places.highest)
        return [span for first, last in bounds for span in self.places.spans(first, last, score)]

    def _owner(self, key: str, record: Record) -> str:
        owner = optional_text(record, "featureHash") or self.classes.get(key)
        if owner is None:
            raise Refused(Reason.MISSING_FIELD, f"featureHash is missing, and no frame has an entry of {key!r}")
        return owner

    def _classification(self, key: str, record: Record) -> None:
        if record.get("range") is not None:
            score = share(record, "confidence") if self.terms.predictions else None
            spans = self._ranges(record, score)
        else:
            spans = merged(self.answer_frames.get(key, ()))
        questions = optional_list(record, "classifications")
        if questions and not spans:
            raise Refused(Reason.MISSING_FRAME, "range is missing, and no frame has an entry of the answer")
        self._answers(questions, self._owner(key, record) if questions else "", spans, None)

    def _static(self, key: str, record: Record) -> None:
        questions = optional_list(record, "classifications")
        if not questions:
            return
        if key not in self.object_frames:
            raise Refused(Reason.MISSING_FRAME, f"no frame has the object {key!r}")
        self._answers(questions, self._owner(key, record), extent(self.object_frames[key]), key)

    def _dynamic(self, key: str, record: Record) -> None:
        for action in optional_list(record, "actions"):
            try:
                spans = self._ranges(mapping(action, "an action"), None)
                if not spans:
                    raise Refused(Reason.MISSING_FRAME, "range is missing")
                self._answers([action], self._owner(key, record), spans, key)
            except Refused as refused:
                self.taken.refuse({key: action}, refused)

    def _unsupported(self, key: str, record: Record) -> None:
        if key not in self.object_frames:
            raise Refused(Reason.UNSUPPORTED_DATA_TYPE, f"the object {key!r} in audio, allowed are answers")

    def _answers(self, questions: list[Any], owner: str, spans: list[Span], track: str | None) -> None:
        for question in questions:
            try:
                for answer in answers_of(question, owner, spans, track):
                    self.taken.answer(answer)
            except Refused as refused:
                self.taken.refuse(question, refused)


def other_branch(row: Mapping[str, Any], branch: str | None) -> bool:
    """Whether the row is of another branch than the one that is taken."""
    return branch is not None and row.get("branch_name", branch) != branch


def read_label_row(row: Row, terms: Terms, taken: Taken) -> None:
    """Put all that the row says into `taken`; a row that cannot be told apart is one reject."""
    try:
        if other_branch(row.value, terms.branch):
            name = row.value["branch_name"]
            raise Refused(Reason.UNSUPPORTED, f"a row of the branch {name!r}; ground truth is {terms.branch!r}")
        reader = _Reader(row, terms, taken)
    except Refused as refused:
        taken.refuse_text(row.text[:_SHOWN_BYTES].decode(errors="replace"), refused)
        return
    reader.read()

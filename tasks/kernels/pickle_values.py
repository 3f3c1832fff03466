"""What an opcode does to the stack of kinds: of each value its kind, how deep it is nested, and what it holds.

A value that can grow may be read from the memo only after it was put somewhere, and does not grow afterwards: so what
a value holds is known when it is counted, and nothing holds itself.

Cursor, stack, memo and uses are pointers to what `pickle_opcodes.Machine` says of them: see `json_bytes`.
"""

from tasks.kernels.arrays import Int32, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.pickle_words import (
    APPEND,
    APPENDS,
    ATOM,
    BUILD,
    BUILT,
    BYTES,
    CHANGED,
    CHUNK,
    CLASS,
    CLOSED,
    DEPTH,
    DICT,
    DROPPED,
    EMPTY,
    FIRST,
    FREE_NODES,
    FRESH,
    GLOBAL,
    GOING,
    GROWS,
    HEIGHT,
    HOLDS_ITSELF,
    INTEGER,
    INTEGER_BYTES,
    INTEGER_LINE,
    ITEMS,
    KEY,
    KIND_BITS,
    LEVEL_AT,
    LIST,
    LIST_OF_MARK,
    LONG1,
    MAKES_BYTES,
    MAKES_FRESH,
    MAKES_VALUE,
    MARK,
    MARKED_AT,
    MARKS,
    MAX_LEVEL,
    MEMO_INDEX,
    MEMO_ROOM,
    MEMO_TWICE,
    MEMO_UNSET,
    MEMOIZED,
    NAME_OF_STACK,
    NAMES,
    NEED_MEMO,
    NEW,
    NODES,
    NODES_PER_OPCODE,
    NOT_LIST,
    NOTHING,
    OPCODES,
    PASSES_OPEN,
    PENDING,
    PUSH_BYTES,
    PUSH_DICT,
    PUSH_INTEGER,
    PUSH_LIST,
    PUSH_SET,
    PUSH_TEXT,
    REST_AT,
    ROLE,
    SECOND,
    SET,
    SETITEM,
    SETITEMS,
    SLOT,
    STACK_COLUMNS,
    TARGET,
    TEXT,
    TUPLE,
    TUPLE1,
    TUPLE_OF_FEW,
    TUPLE_OF_MARK,
    UNDECIDED,
    UNDERFLOW,
    VALUE,
)


@kernel
def cell(place: int, column: int) -> int:
    """Where a place of the stack, or a mark, has its VALUE, SLOT or MARKED_AT."""
    return STACK_COLUMNS * place + column


@kernel
def value_of(kind: int, level: int, rest: int) -> int:
    """Pack a value: what `rest` is depends on the kind, see `pickle_opcodes.Machine`."""
    return kind | level << LEVEL_AT | rest << REST_AT


@kernel
def _nodes(value: int) -> int:
    kind = value & KIND_BITS
    return 1 if kind in (TEXT, GLOBAL) else value >> REST_AT


@kernel
def _level(value: int) -> int:
    return value >> LEVEL_AT & 127


@kernel
def _fence(cursor: Int64, stack: Int64) -> int:
    """Height of the stack at the last mark."""
    marks = cursor[MARKS]
    return stack[cell(marks - 1, MARKED_AT)] if marks else 0


@kernel
def _free(cursor: Int64, stack: Int64) -> int:
    """Values above the last mark."""
    return cursor[HEIGHT] - _fence(cursor, stack)


@kernel
def _push(value: int, slot: int, cursor: Int64, stack: Int64) -> int:
    height = cursor[HEIGHT]
    if height == 0 and value & KIND_BITS != LIST:
        return NOT_LIST
    stack[cell(height, VALUE)], stack[cell(height, SLOT)] = value, slot
    cursor[HEIGHT] = height + 1
    return DROPPED if height == 0 else GOING


@kernel
def _take(place: int, stack: Int64, memo: Int64) -> int:
    """The value at a place of the stack, which is put somewhere: it may be read from the memo from now on."""
    value, slot = stack[cell(place, VALUE)] | CLOSED, stack[cell(place, SLOT)]
    if slot >= 0:
        memo[slot] = value
    return value


@kernel
def push_plain(action: int, opcode: int, length: int, opcode_at: int, cursor: Int64, stack: Int64) -> int:
    """Push what holds nothing else; `length` bytes follow the opcode."""
    if action == NOTHING:
        return DROPPED
    if action == PUSH_TEXT:
        return _push(value_of(TEXT, 0, opcode_at), -1, cursor, stack)
    if action == PUSH_INTEGER and length > (INTEGER_BYTES if opcode == LONG1 else INTEGER_LINE):
        return INTEGER
    return _push(value_of(BYTES if action == PUSH_BYTES else ATOM, 0, 1), -1, cursor, stack)


@kernel
def push_container(action: int, opcode: int, cursor: Int64, stack: Int64, memo: Int64) -> int:
    """Set a mark, or push a new container: only tuples are made with something in them."""
    if action == MARK:
        stack[cell(cursor[MARKS], MARKED_AT)] = cursor[HEIGHT]
        cursor[MARKS] += 1
        return DROPPED if cursor[MARKS] == 1 and cursor[HEIGHT] <= 1 else GOING
    if action in (PUSH_LIST, PUSH_DICT, PUSH_SET):
        kind = LIST if action == PUSH_LIST else (DICT if action == PUSH_DICT else SET)
        return _push(value_of(kind, 1, 1), -1, cursor, stack)
    if action == TUPLE_OF_FEW:
        count = opcode - TUPLE1 + 1 if opcode >= TUPLE1 else 0
        return _push_tuple(count, cursor, stack, memo) if _free(cursor, stack) >= count else UNDERFLOW
    if cursor[MARKS] == 0:
        return UNDERFLOW
    count = _free(cursor, stack)
    cursor[MARKS] -= 1
    if cursor[MARKS] == 0 and cursor[HEIGHT] - count == 1:
        return NOT_LIST  # an item of the list that stands without a mark of the list's own: no prediction
    if action == TUPLE_OF_MARK:
        return _push_tuple(count, cursor, stack, memo)
    if count:
        return TARGET
    return _push(value_of(LIST if action == LIST_OF_MARK else DICT, 1, 1), -1, cursor, stack)


@kernel
def _push_tuple(count: int, cursor: Int64, stack: Int64, memo: Int64) -> int:
    first = cursor[HEIGHT] - count
    level, nodes = 0, 1
    for place in range(first, cursor[HEIGHT]):
        value = _take(place, stack, memo)
        level, nodes = max(level, _level(value)), nodes + _nodes(value)
    fault = _limits(level + 1, nodes, cursor)
    if fault:
        return fault
    cursor[HEIGHT] = first
    return _push(value_of(TUPLE if count else EMPTY, level + 1, nodes), -1, cursor, stack)


@kernel
def _limits(level: int, nodes: int, cursor: Int64) -> int:
    if level > MAX_LEVEL:
        return DEPTH
    return NODES if nodes > NODES_PER_OPCODE * cursor[OPCODES] + FREE_NODES else 0


@kernel
def fill(opcode: int, marked: bool, cursor: Int64, stack: Int64, memo: Int64) -> int:
    """Put values into a list, a dictionary or a set."""
    pairs = opcode in (SETITEM, SETITEMS)
    if marked and cursor[MARKS] == 0:
        return UNDERFLOW
    count = _free(cursor, stack) if marked else (2 if pairs else 1)
    if marked:
        cursor[MARKS] -= 1
    if _free(cursor, stack) < count + 1 or (pairs and count % 2):
        return UNDERFLOW
    first = cursor[HEIGHT] - count
    holder = stack[cell(first - 1, VALUE)]
    kind = DICT if pairs else (LIST if opcode in (APPEND, APPENDS) else SET)
    if holder & KIND_BITS != kind:
        return TARGET
    if holder & CLOSED:
        return GROWS
    level, nodes = _level(holder), _nodes(holder)
    for place in range(first, cursor[HEIGHT]):
        value = _take(place, stack, memo)
        if value & KIND_BITS != TEXT and (kind == SET or (pairs and (place - first) % 2 == 0)):
            return KEY  # anything else may be slow to hash
        level, nodes = max(level, _level(value) + 1), nodes + _nodes(value)
    fault = _limits(level, nodes, cursor)
    if fault:
        return fault
    stack[cell(first - 1, VALUE)] = value_of(kind, level, nodes)
    cursor[HEIGHT] = first
    if first > 1:
        return GOING
    cursor[ITEMS] += count
    cursor[PENDING] += count
    return DROPPED


@kernel
def put(index: int, cursor: Int64, stack: Int64, memo: Int64) -> int:
    """Remember the top of the stack; what the stream needs of it is written by `_write_put`."""
    if _free(cursor, stack) < 1:
        return UNDERFLOW
    if not 0 <= index <= cursor[OPCODES]:
        return MEMO_INDEX
    if index >= cursor[MEMO_ROOM]:
        cursor[FIRST] = index
        return NEED_MEMO
    if memo[index] != 0:
        return MEMO_TWICE
    top = cursor[HEIGHT] - 1
    memo[index], stack[cell(top, SLOT)] = stack[cell(top, VALUE)], index
    cursor[MEMOIZED] += 1
    return DROPPED


@kernel
def get(index: int, writing: bool, cursor: Int64, stack: Int64, memo: Int64, uses: Int32) -> int:
    """Push what the memo has, and note that somebody reads it."""
    if not 0 <= index < cursor[MEMO_ROOM] or memo[index] == 0:
        return MEMO_UNSET
    value = memo[index]
    kind = value & KIND_BITS
    if not value & CLOSED and not PASSES_OPEN[kind]:
        return HOLDS_ITSELF
    if writing and not uses[index]:
        return CHANGED
    if not writing:
        uses[index] = 1
    fault = _push(value, index, cursor, stack)
    return fault if fault > CHUNK else DROPPED


@kernel
def name_global(action: int, opcode_at: int, cursor: Int64, stack: Int64) -> int:
    """A global: what it may be used for is asked of the caller."""
    of_stack = action == NAME_OF_STACK
    height = cursor[HEIGHT]
    if of_stack and (
        _free(cursor, stack) < 2
        or stack[cell(height - 1, VALUE)] & KIND_BITS != TEXT
        or stack[cell(height - 2, VALUE)] & KIND_BITS != TEXT
    ):
        return TARGET
    role = cursor[ROLE]
    if role == UNDECIDED:
        cursor[FIRST], cursor[SECOND] = opcode_at, -1
        if of_stack:
            cursor[FIRST] = stack[cell(height - 2, VALUE)] >> REST_AT
            cursor[SECOND] = stack[cell(height - 1, VALUE)] >> REST_AT
        return NAMES
    cursor[ROLE] = UNDECIDED
    if of_stack:
        cursor[HEIGHT] -= 2
    return _push(value_of(GLOBAL, 0, role), -1, cursor, stack)


@kernel
def _made_by(action: int, role: int, given_kind: int) -> int:
    """Kind of what a global makes of a tuple; 0 where its role does not allow it."""
    if action == NEW:
        return FRESH if role == CLASS and given_kind == EMPTY else 0
    if given_kind not in (TUPLE, EMPTY):
        return 0
    if role == MAKES_BYTES:
        return BYTES
    return FRESH if role == MAKES_FRESH else (BUILT if role == MAKES_VALUE else 0)


@kernel
def call(action: int, cursor: Int64, stack: Int64, memo: Int64) -> int:
    """REDUCE, NEWOBJ and BUILD: only on what a role allows, only once."""
    if _free(cursor, stack) < 2:
        return UNDERFLOW
    place = cursor[HEIGHT] - 2
    subject, given = stack[cell(place, VALUE)], stack[cell(place + 1, VALUE)]
    kind, given_kind = subject & KIND_BITS, given & KIND_BITS
    level, nodes = max(_level(subject), _level(given)) + 1, _nodes(subject) + _nodes(given)
    if action == BUILD:
        if kind != FRESH or given_kind not in (DICT, TUPLE):
            return TARGET
        if subject & CLOSED:
            return GROWS
        made = BUILT
    else:
        made = _made_by(action, subject >> REST_AT, given_kind) if kind == GLOBAL else 0
        if made == 0:
            return TARGET
    fault = _limits(level, nodes, cursor)
    if fault:
        return fault
    _take(place + 1, stack, memo)
    stack[cell(place, VALUE)] = value_of(made, level, nodes)
    if action != BUILD:
        stack[cell(place, SLOT)] = -1
    elif stack[cell(place, SLOT)] >= 0:  # whole from now on: it may be read again before it is put anywhere
        memo[stack[cell(place, SLOT)]] = stack[cell(place, VALUE)]
    cursor[HEIGHT] -= 1
    return GOING

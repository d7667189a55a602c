"""The text scanner: UTF-8 bytes to word ids and sentence ends, one pass, the vocabulary growing as it goes.

The readable definition of what it finds is `tokens` and `sentences` of the tokenizers in `firth.corpus.tokenizers`;
a property test holds the two together.

A **character's entry** in the table (uint32, one per code point) says everything a tokenizer's settings decide:

    bits 0–20    the character to write (lower-cased, or itself)
    bits 21–23   its part in words: OTHER, LETTER, MARK, JOINER, SINGLE, IGNORED
    bits 24–26   its part in sentences: PLAIN, SPACE, LINE_FEED, CARRIAGE_RETURN, PERIOD, STOP, FULL_STOP
    bits 27–29   ALPHABETIC (a letter), WORDLIKE (letter, mark or number), LOWER (a lower-case letter)

A **word** is kept as units of eight bytes, most significant first, the last unit filled from the right. A word of one
unit is its own key; longer ones are found by a 64-bit hash of their units and then compared unit by unit. The hash
table is open-addressed: two uint64 a slot, the key and `(word_id + 1) · 2 + (1 for a long word)`, 0 where empty.

The **stream** written is int32: word ids in the order of first appearance, SENTENCE_END and DOCUMENT_END (which ends a
sentence too) between.
"""

from __future__ import annotations

import numpy as np

from firth.kernels.jit import kernel

__all__ = ["DOCUMENT_END", "DOCUMENT_END_BYTE", "SENTENCE_END", "rehash", "renumber", "scan"]

SENTENCE_END = -1
DOCUMENT_END = -2
DOCUMENT_END_BYTE = 0xFF
"""The byte between documents: it cannot stand in valid UTF-8."""

OTHER, LETTER, MARK, JOINER, SINGLE, IGNORED = range(6)
PLAIN, SPACE, LINE_FEED, CARRIAGE_RETURN, PERIOD, STOP, FULL_STOP = range(7)
ALPHABETIC, WORDLIKE, LOWER = 1 << 27, 1 << 28, 1 << 29

LINES, SPLIT_LINES, SPLIT_PARAGRAPHS = range(3)
"""Where sentences end: at line ends; there and at stops; at stops and blank lines."""

# Whether a sentence may have ended: not at all; a stop was seen; and white space after it; a full stop was seen.
_RUNNING, _STOPPED, _SPACED, _ENDED = range(4)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_PRIME = np.uint64(0xD6E8FEB86659FD93)
_ZERO, _ONE, _EIGHT, _THIRTY_TWO = np.uint64(0), np.uint64(1), np.uint64(8), np.uint64(32)
_WRITTEN = 0x1FFFFF


@kernel
def _code_point(text, i):
    """Return the code point whose UTF-8 bytes begin at i, and how many bytes it has (valid UTF-8 only)."""
    b = np.int64(text[i])
    if b < 0x80:
        return b, 1
    if b < 0xE0:
        return (b & 0x1F) << 6 | (np.int64(text[i + 1]) & 0x3F), 2
    if b < 0xF0:
        return (b & 0x0F) << 12 | (np.int64(text[i + 1]) & 0x3F) << 6 | (np.int64(text[i + 2]) & 0x3F), 3
    high = (b & 0x07) << 18 | (np.int64(text[i + 1]) & 0x3F) << 12
    return high | (np.int64(text[i + 2]) & 0x3F) << 6 | (np.int64(text[i + 3]) & 0x3F), 4


@kernel
def _abbreviated(text, i, table, abbreviations):  # noqa: C901
    """Return whether the period at i follows an initial (one letter) or a known abbreviation.

    Walks back over the letters, marks and numbers right before the period; abbreviations (uint64) are
    their UTF-8 bytes packed, at most eight.
    """
    key = np.uint64(0)
    size = 0
    characters = 0
    alphabetic = False
    while i > 0 and size <= 8:
        i -= 1
        while text[i] & 0xC0 == 0x80:
            i -= 1
        if text[i] == DOCUMENT_END_BYTE:
            break
        code, width = _code_point(text, i)
        entry = np.int64(table[code])
        if (entry >> 21) & 7 == IGNORED:
            continue
        if not entry & WORDLIKE:
            break
        characters += 1
        alphabetic = entry & ALPHABETIC != 0
        for k in range(width - 1, -1, -1):
            if size < 8:
                key |= np.uint64(text[i + k]) << np.uint64(8 * size)
            size += 1
    if characters == 1:
        return alphabetic
    if characters == 0 or size > 8:
        return False
    for abbreviation in abbreviations:  # noqa: SIM110 (Numba knows no any())
        if abbreviation == key:
            return True
    return False


@kernel
def _shift(slots):
    """Return how far a product's bits go right to become a slot number."""
    shift = 65
    size = len(slots)
    while size > 1:
        size >>= 1
        shift -= 1
    return np.uint64(shift)


@kernel
def rehash(slots, larger):
    """Enter all words of one hash table into a larger one, which comes empty."""
    shift = _shift(larger)
    last = len(larger) // 2 - 1
    for old in range(0, len(slots), 2):
        if slots[old + 1] != 0:
            slot = np.int64((slots[old] * _GOLDEN) >> shift)
            while larger[2 * slot + 1] != 0:
                slot = (slot + 1) & last
            larger[2 * slot] = slots[old]
            larger[2 * slot + 1] = slots[old + 1]


@kernel
def _entered(slots, shift, units, starts, types, word, length):
    """Return a word's id: the one it has, or, written down as a new word, `types`.

    word, length: its units.
    """
    last = len(slots) // 2 - 1
    key = word[0]
    for k in range(1, length):
        key = (key ^ (key >> _THIRTY_TWO)) * _PRIME ^ word[k]
    long = _ONE if length > 1 else _ZERO
    slot = np.int64((key * _GOLDEN) >> shift)
    while True:
        value = slots[2 * slot + 1]
        if value == 0:
            break
        if slots[2 * slot] == key and value & _ONE == long:
            word_id = np.int64(value >> _ONE) - 1
            start = np.int64(starts[word_id])
            if length == 1:
                return word_id
            if np.int64(starts[word_id + 1]) - start == length:
                k = 0
                while k < length and units[start + k] == word[k]:
                    k += 1
                if k == length:
                    return word_id
        slot = (slot + 1) & last
    used = np.int64(starts[types])
    for k in range(length):
        units[used + k] = word[k]
    starts[types + 1] = np.uint64(used + length)
    slots[2 * slot] = key
    slots[2 * slot + 1] = np.uint64(2 * (types + 1)) | long
    return types


@kernel
def _appended(word, length, key, filled, code):
    """Put a character's UTF-8 bytes behind the word being read; return its length, key and filled as they are now."""
    left = 0 if code < 0x80 else 1 if code < 0x800 else 2 if code < 0x10000 else 3
    for k in range(left, -1, -1):
        byte = (code >> (6 * k)) & 0x3F | 0x80
        if k == left:
            byte = code if left == 0 else (code >> (6 * left)) | (0xFF00 >> (left + 1) & 0xFF)
        if filled == 8:
            word[length] = key
            length += 1
            key = _ZERO
            filled = 0
        key = key << _EIGHT | np.uint64(byte)
        filled += 1
    return length, key, filled


@kernel
def scan(  # noqa: C901, PLR0912, PLR0915 (a state machine: one loop, its state in registers)
    text, table, fold, abbreviations, mode, stop_words, slots, units, starts, counts, word, out, at
):
    """Scan a block of text: count its words, give new ones an id, and write the stream.

    A block must begin where no word and no undecided sentence end is open, and end with a byte that is no part of
    a word; sentences may go on from block to block.

    Args:
        text: uint8 (n,), valid UTF-8 with DOCUMENT_END_BYTE at the end of each document.
        table: uint32 (0x110000,), each character's entry.
        fold: uint8 (256,), the byte to write for a plain ASCII letter, 0 for every other byte.
        abbreviations: uint64: see `_abbreviated`.
        mode: LINES, SPLIT_LINES or SPLIT_PARAGRAPHS.
        stop_words: how many of the first word ids are stop words, which are counted but not written.
        slots: uint64, the hash table; its length is a power of two.
        units: uint64, the words' units, one word after another.
        starts: uint64, each word's first unit, and the end of the last.
        counts: uint64, how often each word came.
        word: uint64, room for the longest word: 3n / 16 + 2 units.
        out: int32 (n + 2,), room for the stream.
        at: int64 (7,): where the scan is: bytes read, stream written, words known, whether the stream may lack a
            sentence end (1 at a block's start), the state of the sentence, the candidate for its end, line breaks
            seen. It stops before the block's end where the table must grow first: call `rehash`, then go on.
            `units` must have room for 3n / 16 units and one more for each word that `starts` still has room for.
    """
    n = len(text)
    i, o, types, ragged, state, candidate, breaks = at[0], at[1], at[2], at[3] != 0, at[4], at[5], at[6]
    shift = _shift(slots)
    room = min(len(starts) - 2, 3 * (len(slots) // 10))
    # The word being read: its full units, the bytes of the unit being filled, a joiner that waits for a letter.
    length = 0
    key = np.uint64(0)
    filled = 0
    single = False
    joiner = 0
    while i < n:
        # The fast lane: plain letters up to a blank, no more than eight, with nothing else to decide.
        while i < n and length + filled == 0 and state == _RUNNING and types <= room:
            k = 0
            while True:
                plain = fold[text[i + k]]
                if plain == 0 or k == 8:
                    break
                key = key << _EIGHT | np.uint64(plain)
                k += 1
            if k == 0:
                break
            i += k
            breaks = 0
            if text[i] != 0x20:
                filled = k
                break
            i += 1
            word[0] = key
            key = _ZERO
            word_id = _entered(slots, shift, units, starts, types, word, 1)
            types += word_id == types
            counts[word_id] += _ONE
            if word_id >= stop_words:
                out[o] = word_id
                o += 1
                ragged = True
        if i == n:
            break
        b = np.int64(text[i])
        document_end = b == DOCUMENT_END_BYTE
        code = b
        width = 1
        entry = np.int64(0)
        if not document_end:
            if b >= 0x80:
                code, width = _code_point(text, i)
            entry = np.int64(table[code])
        part = (entry >> 21) & 7
        if part == IGNORED:
            i += width
            continue
        role = (entry >> 24) & 7
        # 1. What this character does to the word that is open.
        open_word = length + filled > 0
        if not open_word and types > room:
            break
        ends_sentence = document_end
        if part == LETTER:
            finish = open_word and single
        elif part == MARK:
            finish = open_word and joiner != 0
        elif part == JOINER:
            finish = open_word and (joiner != 0 or single)
        else:
            finish = open_word
        if mode != LINES and entry & WORDLIKE and state == _ENDED:
            finish = open_word
            ends_sentence = True
        if finish:
            if filled > 0:
                word[length] = key
                length += 1
            word_id = _entered(slots, shift, units, starts, types, word, length)
            types += word_id == types
            counts[word_id] += _ONE
            if word_id >= stop_words:
                out[o] = word_id
                o += 1
                ragged = True
            length = 0
            key = np.uint64(0)
            filled = 0
            single = False
            joiner = 0
        # 2. What it does to the sentence.
        if mode == LINES:
            if role in (LINE_FEED, CARRIAGE_RETURN):
                ends_sentence = True
        else:
            if role in (LINE_FEED, CARRIAGE_RETURN):
                if mode == SPLIT_LINES or breaks >> role & 1:
                    ends_sentence = True
                breaks |= 1 << role
            elif role != SPACE:
                breaks = 0
            if role in (SPACE, LINE_FEED, CARRIAGE_RETURN):
                if state == _STOPPED:
                    state = _SPACED
                    candidate = o
                elif state == _ENDED:
                    ends_sentence = True
            elif role == FULL_STOP:
                state = _ENDED
            elif role == STOP or (role == PERIOD and not _abbreviated(text, i, table, abbreviations)):
                if state == _RUNNING:
                    state = _STOPPED
            elif entry & WORDLIKE:
                if state == _SPACED and not entry & LOWER:
                    # The words since the candidate already belong to the next sentence.
                    for k in range(o, candidate, -1):
                        out[k] = out[k - 1]
                    out[candidate] = SENTENCE_END
                    o += 1
                    ragged = o > candidate + 1
                state = _RUNNING
        if ends_sentence:
            if ragged and not document_end:
                out[o] = SENTENCE_END
                o += 1
            ragged = False
            state = _RUNNING
        if document_end:
            out[o] = DOCUMENT_END
            o += 1
            breaks = 0
        # 3. What it adds to the word, and then the plain letters behind it in one go.
        i += width
        if part in (LETTER, SINGLE) or (part == MARK and length + filled > 0):
            if joiner != 0:
                length, key, filled = _appended(word, length, key, filled, joiner)
            length, key, filled = _appended(word, length, key, filled, entry & _WRITTEN)
            joiner = 0
            single = part == SINGLE or (part == MARK and single)
            if not single and state == _RUNNING:
                while True:
                    plain = fold[text[i]]
                    if plain == 0:
                        break
                    if filled == 8:
                        word[length] = key
                        length += 1
                        key = np.uint64(0)
                        filled = 0
                    key = key << _EIGHT | np.uint64(plain)
                    filled += 1
                    i += 1
        elif part == JOINER and length + filled > 0:
            joiner = entry & _WRITTEN
    at[0], at[1], at[2], at[3], at[4], at[5], at[6] = i, o, types, ragged, state, candidate, breaks


@kernel
def renumber(stream, new_ids, max_sentence, state, token_ids, sentence_ends, document_ends):
    """Turn a piece of the stream into token ids, sentence ends and document ends.

    Args:
        stream: int32 (n,).
        new_ids: int32, the final id of each id in the stream, −1 for a word that is left out.
        max_sentence: words (left-out ones included) after which a sentence is split.
        state: int64 (5,), carried from piece to piece: tokens written, the open sentence's first token, its words,
            sentences split, the longest sentence's tokens. Zeros at first.
        token_ids: int32 (n,), room for the result.
        sentence_ends: int64 (n,), the same.
        document_ends: int64 (n,), the same.

    Returns:
        how many of each were written.
    """
    written, first, words, split, longest = state[0], state[1], state[2], state[3], state[4]
    base = written
    sentences = 0
    documents = 0
    for position in range(len(stream)):
        value = np.int64(stream[position])
        too_long = value >= 0 and words >= max_sentence
        if value < 0 or too_long:
            if written > first:
                sentence_ends[sentences] = written
                sentences += 1
                longest = max(longest, written - first)
            first = written
            words = 0
            if too_long:
                split += 1
        if value >= 0:
            words += 1
            new_id = new_ids[value]
            if new_id >= 0:
                token_ids[written - base] = new_id
                written += 1
        elif value == DOCUMENT_END:
            document_ends[documents] = written
            documents += 1
    state[0], state[1], state[2], state[3], state[4] = written, first, words, split, longest
    return written - base, sentences, documents

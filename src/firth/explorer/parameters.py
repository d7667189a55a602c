"""What a request asks for, read from its address: texts, numbers and lists within bounds, or one sentence why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firth.errors import SettingsError
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import QueryParams

    from firth.explorer.models import Models, OpenedModel

__all__ = ["LONGEST_TEXT", "MOST_WORDS", "Asked"]

LONGEST_TEXT = 10_000
"""Characters of a word, an expression, a text to look for."""

MOST_WORDS = 200
"""Words of a list."""


class Asked:
    """The parameters of one request.

    Args:
        parameters: as the address has them; lists are parameters that come several times.
        models: those that are open.
    """

    def __init__(self, parameters: QueryParams, models: Models) -> None:
        self._parameters = parameters
        self._models = models

    def model(self, name: str = "model") -> OpenedModel:
        """Return the model whose number a parameter gives; the first where it is not there.

        Raises:
            SettingsError: there is no such model.
        """
        return self._models[self.model_number(name)]

    def model_number(self, name: str = "model") -> int:
        """Return the number of a model that a parameter gives, as for `model`.

        Raises:
            SettingsError: there is no such model.
        """
        most = len(self._models) - 1
        if most < 0:
            raise SettingsError("expected an open model, but the training is not over yet; wait for its end")
        return self.whole(name, 0, 0, most)

    def has(self, name: str) -> bool:
        """Return whether a parameter is there."""
        return name in self._parameters

    def text(self, name: str, default: str | None = None, longest: int = LONGEST_TEXT) -> str:
        """Return a parameter's text.

        Raises:
            SettingsError: it is not there and has no default, or it is too long.
        """
        value = self._parameters.get(name, default)
        if value is None:
            raise SettingsError(f"expected a parameter {name}, got none; add {name}=…")
        if len(value) > longest:
            raise SettingsError(f"expected {name} of at most {longest:,} characters, got {len(value):,}")
        return value

    def texts(self, name: str, least: int = 0, most: int = MOST_WORDS) -> list[str]:
        """Return a list's texts, each once.

        Args:
            name: of the parameter that comes several times.
            least: how many there must be.
            most: how many there may be.

        Raises:
            SettingsError: there are too few or too many, or one is too long.
        """
        values = list(dict.fromkeys(self._parameters.getlist(name)))
        if not least <= len(values) <= most:
            raise SettingsError(f"expected from {least} to {most:,} of {name}=…, got {len(values):,}")
        for value in values:
            if len(value) > LONGEST_TEXT:
                raise SettingsError(f"expected {name} of at most {LONGEST_TEXT:,} characters, got {len(value):,}")
        return values

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`.

        Raises:
            SettingsError: it is none, or out of its range.
        """
        value = self._parameters.get(name)
        number = default if value is None else _whole(value)
        if number is None or not least <= number <= most:
            raise SettingsError(f'expected {name} from {least:,} to {most:,}, got "{shown(value or str(default))}"')
        return number

    def wholes(self, name: str, most: int, below: int) -> list[int]:
        """Return a list of whole numbers from 0 to below a bound.

        Raises:
            SettingsError: there are too many, or one is none or out of its range.
        """
        values = self._parameters.getlist(name)
        if len(values) > most:
            raise SettingsError(f"expected at most {most:,} of {name}=…, got {len(values):,}")
        numbers = []
        for value in values:
            number = _whole(value)
            if number is None or not 0 <= number < below:
                raise SettingsError(f'expected {name} from 0 to {below - 1:,}, got "{shown(value)}"')
            numbers.append(number)
        return numbers

    def choice(self, name: str, options: Sequence[str]) -> str:
        """Return one of some names; the first where it is not there.

        Raises:
            SettingsError: it is none of them.
        """
        value = self._parameters.get(name, options[0])
        if value not in options:
            raise SettingsError(f'expected {name} of {", ".join(options)}, got "{shown(value)}"')
        return value

    def flag(self, name: str) -> bool:
        """Return whether a parameter is 1.

        Raises:
            SettingsError: it is neither 0 nor 1.
        """
        return self.choice(name, ("0", "1")) == "1"


def _whole(text: str) -> int | None:
    # int() would also take blanks, underscores, other scripts' digits, and thousands of them.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None

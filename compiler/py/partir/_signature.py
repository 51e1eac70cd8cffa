# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which arguments of the user's function are static, donated, and called what."""

import dataclasses
import inspect
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from partir._partir import PartirError

_POSITIONAL = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


@dataclasses.dataclass(frozen=True)
class Slot:
    """Where one dynamic argument comes from.

    Attributes:
      name: the name that ``inputs=`` and reports use, ``"x"`` or ``"args.2"``.
      key: its position in the call, or its keyword.
      donated: whether its buffers may be reused.
    """

    name: str
    key: int | str
    donated: bool


@dataclasses.dataclass(frozen=True)
class Form:
    """How a call is written: what must agree for two calls to be alike.

    Attributes:
      positional: number of positional arguments, static ones included.
      keywords: the keywords given, sorted, static ones included.
      statics: (position or keyword, type, value) of the static arguments. As in JAX,
        2, 2.0 and True differ.
    """

    positional: int
    keywords: tuple[str, ...]
    statics: tuple[tuple[int | str, type, Hashable], ...]


class Signature:
    """Splits calls of a function into static and dynamic arguments.

    The dynamic arguments come in the order in which JAX flattens them: positional
    ones, then keyword ones by name.
    """

    def __init__(
        self,
        fun: Callable[..., Any],
        static_argnums: Any,
        static_argnames: Any,
        donate_argnums: Any,
        donate_argnames: Any,
    ):
        try:
            parameters = list(inspect.signature(fun).parameters.values())
        except (TypeError, ValueError):
            parameters = []
        self._positional = [p.name for p in parameters if p.kind in _POSITIONAL]
        self._keywords = [
            p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY
        ]
        self._rest = next(
            (p.name for p in parameters if p.kind is p.VAR_POSITIONAL),
            None if parameters else "args",
        )
        self._any_keyword = not parameters or any(
            p.kind is p.VAR_KEYWORD for p in parameters
        )
        self._static = self._resolve("static", static_argnums, static_argnames)
        self._donated = self._resolve("donate", donate_argnums, donate_argnames)
        both = sorted(map(str, self._static & self._donated))
        if both:
            raise PartirError(f"jit: {both[0]!r} is both static and donated")

    @property
    def static_argnums(self) -> tuple[int, ...]:
        """For ``jax.jit``, together with ``static_argnames``."""
        return tuple(sorted(s for s in self._static if isinstance(s, int)))

    @property
    def static_argnames(self) -> tuple[str, ...]:
        return tuple(sorted(s for s in self._static if isinstance(s, str)))

    def split(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], Form]:
        """Returns the dynamic arguments and the form of the call."""
        keywords = tuple(sorted(kwargs)) if kwargs else ()
        if not self._static:
            dynamic = args + tuple(kwargs[k] for k in keywords) if keywords else args
            return dynamic, Form(len(args), keywords, ())
        statics = [(i, type(a), a) for i, a in enumerate(args) if i in self._static]
        statics += [
            (k, type(kwargs[k]), kwargs[k]) for k in keywords if k in self._static
        ]
        for key, kind, value in statics:
            try:
                hash(value)
            except TypeError:
                raise PartirError(
                    f"the static argument {self._name(key)!r} is of type "
                    f"{kind.__name__}, which is not hashable"
                ) from None
        dynamic = [a for i, a in enumerate(args) if i not in self._static]
        dynamic += [kwargs[k] for k in keywords if k not in self._static]
        return tuple(dynamic), Form(len(args), keywords, tuple(statics))

    def slots(self, form: Form) -> tuple[Slot, ...]:
        """Names of the dynamic arguments of calls of this form, in their order."""
        keys: list[int | str] = [*range(form.positional), *form.keywords]
        return tuple(
            Slot(self._name(key), key, key in self._donated)
            for key in keys
            if key not in self._static
        )

    def join(
        self, form: Form, dynamic: Iterable[Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of a call of this form: the inverse of ``split``."""
        given = {key: value for key, _, value in form.statics}
        for slot, value in zip(self.slots(form), dynamic, strict=True):
            given[slot.key] = value
        args = tuple(given[i] for i in range(form.positional))
        return args, {k: given[k] for k in form.keywords}

    def _name(self, key: int | str) -> str:
        if isinstance(key, str):
            return key
        if key < len(self._positional):
            return self._positional[key]
        return f"{self._rest}.{key - len(self._positional)}"

    def _resolve(self, what: str, nums: Any, names: Any) -> set[int | str]:
        """Both the positions and the keywords of the arguments that are meant."""
        nums = (nums,) if isinstance(nums, int) else tuple(nums or ())
        names = (names,) if isinstance(names, str) else tuple(names or ())
        found: set[int | str] = set()
        known = len(self._positional)
        for num in nums:
            position = num + known if num < 0 else num
            if position < 0 or (position >= known and self._rest is None):
                raise PartirError(
                    f"jit: {what}_argnums has {num}, but the function takes {known} "
                    "positional arguments"
                )
            found.add(position)
            if position < known:
                found.add(self._positional[position])
        for name in names:
            if name in self._positional:
                found.add(self._positional.index(name))
            elif name not in self._keywords and not self._any_keyword:
                valid = ", ".join(map(repr, self._positional + self._keywords))
                raise PartirError(
                    f"jit: {what}_argnames has {name!r}, but the function's arguments "
                    f"are {valid}"
                )
            found.add(name)
        return found

"""What is known of the validators' options: a suite that asks for more is refused, not judged by less."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ConfigError

_RULES = {
    "ignore_order",
    "ignore_index",
    "ignore_names",
    "ignore_dtypes",
    "match_partial",
    "value_only",
    "type_only",
    "strict_type",
    "metrictol",
    "atol",
    "rtol",
}
_TABLE_TEST = {"function_name", "test_cases", "input_validator", "input_checker", "output_checker"}


def known_options(validators: Mapping[str, Any]) -> None:
    """Check validators and their options.

    Raises:
        ConfigError: one of them is not known.
    """
    for name, options in validators.items():
        _check(name, options)


def _check(name: str, options: Any) -> None:
    if name in ("and", "or"):
        known_options(_named(name, options))
    elif name == "result":
        _check_rules(options.get("compare_fn", options) if isinstance(options, Mapping) else options)
    elif name == "namespace_check":
        for rules in _named(name, options).values():
            _check_rules(rules)
    elif name == "table_test":
        _check_table_test(_named(name, options))
    else:
        _refuse({name} - {"crash", "namespace_intact", "stream"})
        _refuse(_named(name, options or {}))


def _check_table_test(options: Mapping[str, Any]) -> None:
    _refuse(options.keys() - _TABLE_TEST)
    if not isinstance(options.get("function_name"), str) or not isinstance(options.get("test_cases"), list):
        raise ConfigError("The validator 'table_test' has a text 'function_name' and a list of 'test_cases'.")
    _check_rules(options.get("output_checker"))
    if not isinstance(options.get("input_checker"), bool):
        _check_rules(options.get("input_checker"))


def _check_rules(rules: Any) -> None:
    if rules is not None and not isinstance(rules, str):
        _refuse(_named("rules", rules).keys() - _RULES)


def _named(name: str, options: Any) -> Mapping[str, Any]:
    if not isinstance(options, Mapping):
        raise ConfigError(f"The options of {name!r} are an object with a value for each name, not {options!r}.")
    return options


def _refuse(unknown: Any) -> None:
    if unknown:
        raise ConfigError(f"DSEval validators that are not known here: {', '.join(sorted(unknown))}.")

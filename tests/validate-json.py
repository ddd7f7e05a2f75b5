#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""validate-json.py SCHEMA FILE...: checks JSON files against a JSON Schema.

Exit status 0 valid, 1 not, 77 where the jsonschema module is missing."""

import json
import sys

try:
    import jsonschema
except ImportError:
    print("python3's jsonschema module is not installed", file=sys.stderr)
    sys.exit(77)


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file, parse_constant=refuse_constant)


def main(schema_path, paths):
    schema = load(schema_path)
    validator_class = jsonschema.validators.validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)
    status = 0
    for path in paths:
        try:
            errors = sorted(validator.iter_errors(load(path)), key=lambda error: list(map(str, error.path)))
        except ValueError as error:
            print(f"{path}: {error}", file=sys.stderr)
            status = 1
            continue
        for error in errors:
            place = "/".join(map(str, error.absolute_path))
            print(f"{path}: /{place}: {error.message}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1], sys.argv[2:]))

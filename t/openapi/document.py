"""document.py: static/openapi.yaml, as the programs of this folder read it."""

from urllib.parse import urlsplit

import jsonschema
import yaml

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")

# What a code generator makes of a format must hold what comes.
formats = jsonschema.FormatChecker(formats=())


@formats.checks("uri")
def is_url(value):
    return not isinstance(value, str) or (
        urlsplit(value).scheme in ("http", "https") and urlsplit(value).netloc != "")


@formats.checks("int32")
def is_int32(value):
    return not isinstance(value, int) or -2**31 <= value < 2**31


@formats.checks("int64")
def is_int64(value):
    return not isinstance(value, int) or -2**63 <= value < 2**63


def tightened(schema, closed=True):
    """
    The schema, with no keys allowed that it does not name.  The document
    itself allows them, because clients shall; what it extends stays open.
    """
    out = dict(schema)
    for key in ("allOf", "anyOf", "oneOf"):
        if key in schema:
            out[key] = [tightened(part, closed=False) for part in schema[key]]
    if "properties" in schema:
        out["properties"] = {name: tightened(part) for name, part in schema["properties"].items()}
    if "items" in schema:
        out["items"] = tightened(schema["items"])
    if closed and ("$ref" in schema or "allOf" in schema or schema.get("type") == "object"):
        out["unevaluatedProperties"] = False
    return out


class Document:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.root = yaml.load(file, yaml.CSafeLoader)
        schemas = self.root["components"]["schemas"].items()
        strict = {"components": {"schemas": {k: tightened(v, closed=False) for k, v in schemas}}}
        self.resolver = jsonschema.RefResolver("", strict)

    def target(self, reference):
        """What "#/components/..." names, or None."""
        node = self.root
        for step in reference.removeprefix("#/").split("/"):
            if not isinstance(node, dict) or step not in node:
                return None
            node = node[step]
        return node

    def resolve(self, node):
        """What a reference stands for; anything else is itself."""
        while "$ref" in node:
            node = self.target(node["$ref"])
        return node

    def operations(self):
        """All of them: {"GET /douyin/feed/": (its object, its parameters)}."""
        found = {}
        for path, item in self.root["paths"].items():
            for method in METHODS:
                if method in item:
                    parameters = item.get("parameters", []) + item[method].get("parameters", [])
                    found[f"{method.upper()} {path}"] = (
                        item[method], [self.resolve(p) for p in parameters])
        return found

    def faults(self, schema, value):
        """What is wrong with a value, in sentences."""
        validator = jsonschema.Draft202012Validator(
            tightened(schema), resolver=self.resolver, format_checker=formats)
        errors = list(validator.iter_errors(value))
        # A key with a bad value counts as unknown, in all that it lies in: one sentence is enough.
        real = [error for error in errors if error.validator != "unevaluatedProperties"] or errors[:1]
        return [f"{error.json_path}: {error.message:.300}" for error in real]

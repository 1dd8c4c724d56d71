"""Writes src/voltherd/ocpp/v*/payloads.py from the JSON schemas inside the PyPI package `ocpp`: the names and
constraints of the OCPP 1.6, 2.0.1 and 2.1 messages, and none of the standard's prose (CC BY-ND).

Run `python tools/generate_payloads.py`; with `--check` it writes nothing and exits 1 if a file is stale.
"""

import argparse
import keyword
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

ROOT: Final = Path(__file__).resolve().parent.parent
COMMAND: Final = "tools/generate_payloads.py"
LINE_LENGTH: Final = 110
TITLES: Final = {"v16": "OCPP 1.6", "v201": "OCPP 2.0.1", "v21": "OCPP 2.1"}


class Schema(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """The part of JSON Schema that OCPP uses; any other keyword stops the generator, as it might bind.

    Texts are dropped on reading, so that equal schemas are equal constraints.
    """

    ref: str | None = msgspec.field(name="$ref", default=None)
    type: str | None = None
    properties: dict[str, "Schema"] = {}
    required: frozenset[str] = frozenset()
    items: "Schema | None" = None
    enum: tuple[str, ...] = ()
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    definitions: dict[str, "Schema"] = {}
    additional_properties: bool = True
    # Read and dropped. `multipleOf` is 0.1 for two decimals of 1.6: msgspec, in binary arithmetic, would
    # refuse nearly every valid value.
    multiple_of: object = None
    additional_items: object = None
    default: object = None
    format: object = None
    title: object = None
    description: object = None
    comment: object = None
    java_type: object = None
    schema: object = msgspec.field(name="$schema", default=None)
    id: object = msgspec.field(name="$id", default=None)

    def __post_init__(self) -> None:
        self.multiple_of = self.additional_items = self.default = self.format = self.title = None
        self.description = self.comment = self.java_type = self.schema = self.id = None


def read_schemas(dialect: str) -> Mapping[str, Schema]:
    """The root schemas of one version by the name of the class to be: `BootNotificationRequest`."""
    spec = find_spec("ocpp")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the package `ocpp` is not installed (it is needed to generate, not to run)")
    folder = Path(spec.submodule_search_locations[0]) / dialect / "schemas"
    schemas = {}
    for path in sorted(folder.glob("*.json")):
        name = path.stem if path.stem.endswith(("Request", "Response")) else f"{path.stem}Request"
        schemas[name] = msgspec.json.decode(path.read_text("utf-8-sig"), type=Schema)
    return schemas


def action_of(root: str) -> str:
    return re.sub(r"(Request|Response)$", "", root)


def calm(name: str) -> str:
    """`EVSE` -> `Evse`, `DERCurve` -> `DerCurve`, `V2XFreqWatt` -> `V2xFreqWatt`, `SoC` -> `Soc`."""
    name = re.sub(r"So([CH])(?![a-z])", lambda m: f"So{m[1].lower()}", name)
    return re.sub(r"([A-Z])([A-Z0-9]*[A-Z])(?=[A-Z][a-z]|$)", lambda m: m[1] + m[2].lower(), name)


def pascal(member: str) -> str:
    return calm(member[0].upper() + member[1:])


def snake(member: str) -> str:
    """`evseId` -> `evse_id`, `limit_L2` -> `limit_l2`, `prioritizedEMAIDs` -> `prioritized_emaids`."""
    text = re.sub(r"(?<=[A-Z])s$", "S", member)
    text = re.sub(r"([sS])o([CH])(?![a-z])", lambda m: f"{m[1]}o{m[2].lower()}", text)
    text = text.replace("V2X", "V2x")
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    text = re.sub(r"([A-Z])([A-Z][a-z])", r"\1_\2", text).replace("__", "_").lower()
    return f"{text}_" if keyword.iskeyword(text) else text


def renamed_by_msgspec(attribute: str) -> str:
    return msgspec.defstruct("Probe", [(attribute, object)], rename="camel").__struct_encode_fields__[0]


def definition_names(definitions: Mapping[str, Schema], objects: frozenset[str]) -> Mapping[str, str]:
    """Drop `Type` and `EnumType`, but keep `Enum` where an object of any version is so called (`VpnEnum`)."""
    names = {}
    for name, schema in definitions.items():
        short = calm(re.sub(r"(Enum)?Type$", "", name))
        clash = bool(schema.enum) and short in objects
        names[name] = calm(re.sub(r"Type$", "", name)) if clash else short
    if len(set(names.values())) < len(names):
        raise SystemExit(f"two definitions would share a name: {sorted(names.values())}")
    return names


@dataclass(kw_only=True)
class Module:
    """The Python of one version while it is being written."""

    dialect: str
    names: Mapping[str, str]
    definitions: Mapping[str, Schema]
    schemas: dict[str, Schema] = field(default_factory=dict)  # of every class and enum so far
    stems: dict[str, str] = field(default_factory=dict)  # what a class gives to the names of its enums
    scalars: dict[str, str] = field(default_factory=dict)
    enums: dict[str, str] = field(default_factory=dict)
    structs: dict[str, str] = field(default_factory=dict)  # in order of dependence

    def add_struct(self, name: str, schema: Schema) -> str:
        if name in self.structs:
            return name
        self.schemas[name] = schema
        ordered = sorted(schema.properties, key=lambda m: (m not in schema.required, m == "customData"))
        lines = [self.member(name, schema, member) for member in ordered]
        attributes = [line.split(":")[0] for line in lines]
        if len(set(attributes)) < len(attributes):
            raise SystemExit(f"{name}: two members would share an attribute: {attributes}")
        body = "\n".join(f"    {line}" for line in lines or ["pass"])
        self.structs[name] = f"class {name}(Payload, frozen=True, kw_only=True):\n{body}\n"
        return name

    def member(self, owner: str, schema: Schema, member: str) -> str:
        attribute, kind = snake(member), self.type_of(owner, member, schema.properties[member])
        optional = member not in schema.required
        named = renamed_by_msgspec(attribute) != member
        if optional and kind != "object":
            kind = f"{kind} | None"
        options = ["default=None"] * optional + [f'name="{member}"'] * named
        if not named:
            return f"{attribute}: {kind}{' = None' * optional}"
        return f"{attribute}: {kind} = msgspec.field({', '.join(options)})"

    def type_of(self, owner: str, member: str, schema: Schema) -> str:
        if schema.ref is not None:
            return self.definition(schema.ref.removeprefix("#/definitions/"))
        if schema.enum:
            return self.add_enum(self.free_name(self.enum_names(owner, member), schema), schema)
        match schema.type:
            case "object":
                name = self.free_name(self.struct_names(owner, member), schema)
                self.stems.setdefault(name, pascal(member))
                return self.add_struct(name, schema)
            case "array" if schema.items is not None:
                limits = bounds(min_length=schema.min_items, max_length=schema.max_items)
                return annotated(f"tuple[{self.type_of(owner, member, schema.items)}, ...]", limits)
            case "string":
                limits = bounds(max_length=schema.max_length)
                return self.scalar(f"Text{schema.max_length}", "str", limits) if limits else "str"
            case "integer":
                # OCPP's integers have 32 bits; a meter may want more, and no database takes more than 64.
                low = -(2**63) if schema.minimum is None else int(schema.minimum)
                high = 2**63 - 1 if schema.maximum is None else int(schema.maximum)
                return self.scalar(f"Int{reach(schema)}", "int", bounds(ge=low, le=high))
            case "number":
                return f"Number{reach(schema)}"
            case "boolean":
                return "bool"
            case None:
                return "object"
            case _:
                raise SystemExit(f"{owner}.{member}: a {schema.type} is new to the generator")

    def definition(self, original: str) -> str:
        if original == "CustomDataType":
            return "CustomData"
        name, schema = self.names[original], self.definitions[original]
        return self.add_enum(name, schema) if schema.enum else self.add_struct(name, schema)

    def add_enum(self, name: str, schema: Schema) -> str:
        self.schemas[name] = schema
        values = ", ".join(f'"{value}"' for value in schema.enum)
        self.enums[name] = f"{name}: TypeAlias = Literal[{values}]"
        return name

    def scalar(self, name: str, kind: str, limits: str) -> str:
        self.scalars[name] = f"{name}: TypeAlias = {annotated(kind, limits)}"
        return name

    def struct_names(self, owner: str, member: str) -> Iterator[str]:
        yield pascal(member)
        yield action_of(owner) + pascal(member)
        yield owner + pascal(member)

    def enum_names(self, owner: str, member: str) -> Iterator[str]:
        stem = self.stems.get(owner, action_of(owner))
        yield pascal(member) if pascal(member).startswith(stem) else stem + pascal(member)
        yield owner + pascal(member)

    def free_name(self, wished: Iterable[str], schema: Schema) -> str:
        """The name of an equal object, as 1.6 repeats its objects inline, or else the first free wish."""
        reserved = set(self.names.values())
        if schema.type == "object":
            for name, other in self.schemas.items():
                if other == schema and not name.endswith(("Request", "Response")):
                    return name
        for name in wished:
            if self.schemas.get(name) == schema or (name not in self.schemas and name not in reserved):
                return name
        raise SystemExit(f"no free name for {schema}")


def bounds(**limits: float | None) -> str:
    return ", ".join(f"{name}={int(limit)}" for name, limit in limits.items() if limit is not None)


def annotated(kind: str, limits: str) -> str:
    return f"Annotated[{kind}, msgspec.Meta({limits})]" if limits else kind


def reach(schema: Schema) -> str:
    start = "" if schema.minimum is None else f"From{int(schema.minimum)}"
    end = "" if schema.maximum is None else f"To{int(schema.maximum)}"
    return start + end


def generate(dialect: str) -> str:
    """The text of one payloads.py."""
    roots = read_schemas(dialect)
    definitions = all_definitions(roots)
    objects = frozenset(
        calm(re.sub(r"Type$", "", name))
        for each in TITLES
        for name, schema in all_definitions(read_schemas(each)).items()
        if schema.properties
    )
    names = definition_names(definitions, objects)
    module = Module(dialect=dialect, names=names, definitions=definitions)
    if shared := set(names.values()) & set(roots):
        raise SystemExit(f"{dialect}: a definition has the name of a message: {shared}")
    for name in sorted(definitions):
        module.definition(name)
    for name in sorted(roots):
        module.add_struct(name, roots[name])
    return formatted(written(module, sorted(roots)))


def all_definitions(roots: Mapping[str, Schema]) -> Mapping[str, Schema]:
    found: dict[str, Schema] = {}
    for root, schema in roots.items():
        for name, definition in schema.definitions.items():
            if found.setdefault(name, definition) != definition:
                raise SystemExit(f"{root}: its {name} differs from another message's")
    return found


def written(module: Module, roots: Sequence[str]) -> str:
    body = [
        *sorted_values(module.scalars),
        "",
        *sorted_values(module.enums),
        "",
        *module.structs.values(),
        table("REQUESTS", [name for name in roots if name.endswith("Request")]),
        table("RESPONSES", [name for name in roots if name.endswith("Response")]),
    ]
    return "\n".join([heading(module.dialect, "\n".join(body)), *body])


def heading(dialect: str, body: str) -> str:
    ours = ("CustomData", "Number", "NumberFrom0To100", "NumberTo0", "Payload")
    used = [name for name in ours if re.search(rf"\b{name}\b", body)]
    unknown = set(re.findall(r"\bNumber\w*", body)) - set(ours)
    if unknown:
        raise SystemExit(f"{dialect}: voltherd.ocpp.payload lacks {unknown}")
    return "\n".join(
        [
            f'"""The messages of {TITLES[dialect]} as structs, with the constraints of its JSON schemas.',
            "",
            f"Generated by {COMMAND} from the JSON schemas in `ocpp` {version('ocpp')} (PyPI). Do not edit.",
            '"""',
            "",
            "from collections.abc import Mapping",
            "from typing import Annotated, Final, Literal, TypeAlias",
            "",
            "import msgspec",
            "",
            f"from voltherd.ocpp.payload import {', '.join(used)}",
            "",
        ]
    )


def table(name: str, roots: Sequence[str]) -> str:
    rows = "".join(f'    "{action_of(root)}": {root},\n' for root in roots)
    return f"{name}: Final[Mapping[str, type[Payload]]] = {{\n{rows}}}\n"


def sorted_values(texts: Mapping[str, str]) -> Sequence[str]:
    def parts(name: str) -> list[tuple[str, int]]:
        return [(text, int(number or 0)) for text, number in re.findall(r"(\D+)(\d*)", name)]

    return [texts[name] for name in sorted(texts, key=parts)]


def formatted(source: str) -> str:
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", f"--line-length={LINE_LENGTH}", "-"]
    return subprocess.run(ruff, input=source, capture_output=True, text=True, check=True).stdout


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Write or check the files below `root` and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    check = parser.parse_args(arguments).check
    stale = 0
    for dialect in TITLES:
        path, text = root / "src/voltherd/ocpp" / dialect / "payloads.py", generate(dialect)
        if path.exists() and path.read_text() == text:
            continue
        stale += 1
        print(f"{'stale' if check else 'wrote'}: {path.relative_to(root)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

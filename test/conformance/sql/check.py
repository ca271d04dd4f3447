"""Reads every query of data/queries and every view of the lake as Athena and as DuckDB would, and fails on what either
cannot parse, does not know, or takes for something else. The argument is what emit.ts wrote."""

import json
import sys

import sqlglot
from sqlglot import exp
from sqlglot.dialects.presto import Presto
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.tokens import TokenType

ENGINES = {"athena": "trino", "duckdb": "duckdb"}
RESERVED = {word.lower() for word in Presto.Generator.RESERVED_KEYWORDS}
# Functions that sqlglot keeps as they are, and both engines have (views: the engine that they are for).
PLAIN_FUNCTIONS = {"duckdb": {"epoch_ms"}, "athena": set()}

# What both engines have by the same name, with the same meaning; sqlglot alone lets too much pass. A query that needs
# another function: look it up in both manuals, then add it here.
SHARED_FUNCTIONS = set(
    "abs avg cast coalesce count exp filter ln max max_by min nullif over round row_number stddev_samp sum".split()
)
# What may stand before a bracket and is no function.
WORDS = {"and", "as", "by", "from", "in", "not", "on", "or", "when", "then", "else", "where", "select"}
ONE_ENGINE = {TokenType.DCOLON, TokenType.ARROW, TokenType.L_BRACKET, TokenType.L_BRACE}

problems: list[str] = []
checked = 0


def check(condition: bool, message: str) -> None:
    global checked
    checked += 1
    if not condition:
        problems.append(message)


def parsed(name: str, sql: str, engine: str) -> exp.Expression | None:
    try:
        return sqlglot.parse_one(sql, read=engine, error_level=sqlglot.ErrorLevel.RAISE)
    except sqlglot.errors.SqlglotError as error:
        check(False, f"{name}: {engine} cannot read it: {error}")
        return None


def vocabulary(name: str, tree: exp.Expression, engine: str) -> None:
    """Functions that the engine does not know, and names that it reserves."""
    for call in tree.find_all(exp.Anonymous):
        check(call.name.lower() in PLAIN_FUNCTIONS[engine], f"{name}: {engine} may not know {call.name}()")
    for identifier in tree.find_all(exp.Identifier):
        reserved = not identifier.quoted and identifier.name.lower() in RESERVED
        check(not reserved, f"{name}: {identifier.name} is reserved in Athena and not quoted")


def plain_words(name: str, sql: str) -> None:
    """No function and no sign but those that both engines have."""
    tokens = sqlglot.tokenize(sql, read="trino")
    for token, following in zip(tokens, tokens[1:] + tokens[-1:]):
        check(token.token_type not in ONE_ENGINE, f"{name}: {token.text} is not for both engines")
        word = token.text.lower()
        is_call = following.token_type == TokenType.L_PAREN and word.isidentifier() and word not in WORDS
        check(not is_call or word in SHARED_FUNCTIONS, f"{name}: {word}() is not known to mean the same in both")
        is_all = token.token_type in (TokenType.GROUP_BY, TokenType.ORDER_BY) and following.text.lower() == "all"
        check(not is_all, f"{name}: {token.text} ALL is DuckDB's alone")


def resolved(name: str, tree: exp.Expression, engine: str, schema: dict) -> exp.Expression | None:
    """Every column found in the tables, with its type."""
    try:
        whole = qualify(tree.copy(), dialect=ENGINES[engine], schema=schema, validate_qualify_columns=True)
        return annotate_types(whole, schema=schema, dialect=ENGINES[engine])
    except sqlglot.errors.SqlglotError as error:
        check(False, f"{name}: {engine} does not find what it names: {error}")
        return None


def same_in_both(name: str, sql: str) -> None:
    """The text means the same to both: translated from one to the other it is what the other reads in it."""
    for own, other in (("athena", "duckdb"), ("duckdb", "athena")):
        tree, direct = parsed(name, sql, own), parsed(name, sql, other)
        if tree is None or direct is None:
            return
        translated = tree.sql(dialect=ENGINES[other])
        read = direct.sql(dialect=ENGINES[other])
        check(translated == read, f"{name}: {own} to {other} changes it\n  to   {translated}\n  from {read}")


def canonical(type_: exp.DataType) -> str:
    return type_.sql(dialect="duckdb").lower().replace('"', "")


def main(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    schemas = {
        engine: {
            table["name"]: {f'"{c["name"].lower()}"': c[engine] for c in table["columns"]}
            for table in cases["tables"] + cases["views"]
        }
        for engine in ENGINES
    }
    for part in cases["tables"] + cases["views"]:
        for column in part["columns"]:
            athena = exp.DataType.build(column["athena"], dialect="athena")
            duckdb = exp.DataType.build(column["duckdb"], dialect="duckdb")
            check(
                canonical(athena) == canonical(duckdb),
                f'{part["name"]}.{column["name"]}: {canonical(athena)[:200]} is not {canonical(duckdb)[:200]}',
            )
    for query in cases["queries"]:
        same_in_both(query["name"], query["sql"])
        plain_words(query["name"], query["sql"])
        for engine in ENGINES:
            tree = parsed(query["name"], query["sql"], engine)
            if tree is not None:
                vocabulary(query["name"], tree, engine)
                resolved(query["name"], tree, engine, schemas[engine])
    typed = 0
    for view in cases["views"]:
        for engine in ENGINES:
            name = f'view {view["name"]}'
            tree = parsed(name, view[engine], engine)
            if tree is None:
                continue
            vocabulary(name, tree, engine)
            whole = resolved(name, tree, engine, schemas[engine])
            if whole is None:
                continue
            shown = whole.selects
            check(
                [s.alias_or_name.lower() for s in shown] == [c["name"].lower() for c in view["columns"]],
                f"{name}: {engine} shows other columns than it declares",
            )
            for select, column in zip(shown, view["columns"]):
                found = select.type
                if found is None or found.is_type(exp.DataType.Type.UNKNOWN):
                    continue
                typed += 1
                declared = exp.DataType.build(column[engine], dialect=engine)
                check(
                    canonical(found) == canonical(declared),
                    f'{name}.{column["name"]}: {engine} finds {canonical(found)[:200]}, declared {canonical(declared)[:200]}',
                )
    for problem in problems:
        print(problem)
    print(
        f'sqlglot {sqlglot.__version__}: {len(cases["queries"])} queries, {len(cases["views"])} views, {checked} checks, '
        f"{typed} types of view columns worked out, {len(problems)} problems"
    )
    return 1 if problems or not cases["queries"] or typed == 0 else 0


sys.exit(main(sys.argv[1]))

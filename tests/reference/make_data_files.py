"""Writes the data files of the cases tests/cases/data/{gzip,zstd,ndjson,arrow,pattern}*.

Run from the root of the repository with pyarrow 26.0.1. The snapshots are written by the tests.
"""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

CASES = Path("tests/cases/data")
ROWS = [
    (round(1 + 0.25 * (i % 5) + (3 if i % 2 else 0), 2), i % 3, ["rose", "tulip"][i % 2])
    for i in range(24)
]
NAMES = ["petal", "leaves", "kind"]


def text(rows, separator=",", names=NAMES):
    lines = [names, *rows]
    return "".join(separator.join(map(str, line)) + "\n" for line in lines).encode()


def lines(rows):
    return "".join(json.dumps(dict(zip(NAMES, row))) + "\n" for row in rows).encode()


def packed(content):
    return gzip.compress(content, mtime=0)


def zstd(content):
    stream = pa.BufferOutputStream()
    with pa.CompressedOutputStream(stream, "zstd") as out:
        out.write(content)
    return stream.getvalue().to_pybytes()


def table(rows=ROWS):
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(NAMES)})


def arrow(data, compression=None):
    stream = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_file(stream, data.schema, options=options) as out:
        out.write_table(data)
    return stream.getvalue().to_pybytes()


def stream(data):
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, data.schema) as writer:
        writer.write_table(data)
    return out.getvalue().to_pybytes()


def feather_of_version_1(data):
    out = pa.BufferOutputStream()
    pyarrow.feather.write_feather(data, out, version=1)
    return out.getvalue().to_pybytes()


def parquet(data):
    out = pa.BufferOutputStream()
    pyarrow.parquet.write_table(data, out)
    return out.getvalue().to_pybytes()


def case(name, path, files, data="target: kind", environment=None, command=None):
    folder = CASES / name
    folder.mkdir(exist_ok=True)
    for file, content in files.items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_bytes(content)
    spec = f"version: 1\ndata:\n  path: {path}\n  {data}\nmodel: {{ gaussian_naive_bayes: {{}} }}\n"
    (folder / "spec.mlspec.yaml").write_text(spec + 'thresholds: { accuracy: ">= 0.5" }\n')
    if environment:
        (folder / "env").write_text(environment)
    if command:
        (folder / "command").write_text(command)


plain, half, rest = text(ROWS), ROWS[:12], ROWS[12:]
case("gzip", "flowers.csv.gz", {"flowers.csv.gz": packed(plain)})
case("gzip_of_two_members", "flowers.csv.gz",
     {"flowers.csv.gz": packed(plain[:50]) + packed(plain[50:])})
case("gzip_said", "{ path: flowers.gz, format: csv }", {"flowers.gz": packed(plain)})
case("gzip_without_a_format", "flowers.gz", {"flowers.gz": packed(plain)})
case("gzip_cut_short", "flowers.csv.gz", {"flowers.csv.gz": packed(plain)[:-20]})
case("gzip_with_something_behind", "flowers.csv.gz", {"flowers.csv.gz": packed(plain) + b"x\n"})
damaged = bytearray(packed(plain))
damaged[-7] ^= 1
case("gzip_with_another_checksum", "flowers.csv.gz", {"flowers.csv.gz": bytes(damaged)})
case("gzip_that_is_none", "flowers.csv.gz", {"flowers.csv.gz": plain})
case("gzip_without_bytes", "flowers.csv.gz", {"flowers.csv.gz": b""})
case("gzip_of_nothing", "flowers.csv.gz", {"flowers.csv.gz": packed(b"")})
case("gzip_without_its_extension", "flowers.csv", {"flowers.csv": packed(plain)})
case("gzip_line_too_long", "flowers.csv.gz",
     {"flowers.csv.gz": packed(text([*ROWS, (1, 2, "rose", 3)]))})
case("zstd_of_tabs", "flowers.tsv.zst", {"flowers.tsv.zst": zstd(text(ROWS, "\t"))})
case("zstd_cut_short", "flowers.csv.zst", {"flowers.csv.zst": zstd(plain)[:-20]})
case("zstd_that_is_none", "flowers.csv.zst", {"flowers.csv.zst": packed(plain)})
case("parquet_in_gzip", "flowers.parquet.gz", {"flowers.parquet.gz": packed(parquet(table()))})

case("ndjson", "flowers.ndjson", {"flowers.ndjson": lines(ROWS)})
case("ndjson_in_gzip", "flowers.jsonl.gz", {"flowers.jsonl.gz": packed(lines(ROWS))})
late = lines(ROWS) + b'{"petal": 2.5, "kind": "rose", "weight": 3}\n' * 24
case("ndjson_key_of_the_last_line", "flowers.ndjson", {"flowers.ndjson": late},
     "target: kind\n  features: [petal, weight]")
case("ndjson_of_two_types", "flowers.ndjson",
     {"flowers.ndjson": lines(ROWS) + b'{"petal": "2.5", "kind": "rose"}\n'})
case("ndjson_of_two_types_declared", "flowers.ndjson",
     {"flowers.ndjson": lines(ROWS) + b'{"petal": "2.5", "kind": "rose"}\n'},
     "target: kind\n  types: { petal: float }")
case("ndjson_not_of_the_declared_type", "flowers.ndjson",
     {"flowers.ndjson": lines(ROWS) + b'{"petal": "wide", "kind": "rose"}\n'},
     "target: kind\n  types: { petal: float }")
case("ndjson_cut_short", "flowers.ndjson", {"flowers.ndjson": lines(ROWS)[:-9]})
case("ndjson_key_twice", "flowers.ndjson",
     {"flowers.ndjson": lines(ROWS) + b'{"petal": 1, "petal": 2, "kind": "rose"}\n'})
case("ndjson_as_a_list", "flowers.ndjson",
     {"flowers.ndjson": json.dumps([dict(zip(NAMES, row)) for row in ROWS]).encode()})
nested = b"".join(b'{"petal": %d, "kind": "%s", "at": {"x": 1}, "tags": []}\n'
                  % (i + 50 * (i % 2), b"rose" if i % 2 else b"tulip") for i in range(24))
case("ndjson_nested", "flowers.ndjson", {"flowers.ndjson": nested})
case("ndjson_nested_excluded", "flowers.ndjson", {"flowers.ndjson": nested},
     "target: kind\n  exclude: [at, tags]")
case("ndjson_without_lines", "flowers.ndjson", {"flowers.ndjson": b"\n\n"})

coded = table().set_column(2, "kind", table()["kind"].dictionary_encode())
case("arrow", "flowers.arrow", {"flowers.arrow": arrow(table())})
case("arrow_with_categories", "flowers.feather", {"flowers.feather": arrow(coded, "zstd")})
case("arrow_with_columns_that_no_model_takes", "flowers.ipc",
     {"flowers.ipc": arrow(table().append_column("tags", [[["a"]] * 24]))})
case("arrow_cut_short", "flowers.arrow", {"flowers.arrow": arrow(table())[:-30]})
case("arrow_stream", "flowers.arrow", {"flowers.arrow": stream(table())})
case("arrow_that_is_text", "flowers.arrow", {"flowers.arrow": plain})
case("arrow_that_is_parquet", "flowers.arrow", {"flowers.arrow": parquet(table())})
case("arrow_in_gzip", "flowers.arrow.gz", {"flowers.arrow.gz": packed(arrow(table()))})
try:
    case("arrow_feather_1", "flowers.feather", {"flowers.feather": feather_of_version_1(table())})
except Exception:
    case("arrow_feather_1", "flowers.feather", {"flowers.feather": b"FEA1\0\0\0\0FEA1"})

turned = [(row[2], row[1], row[0]) for row in rest]
other_order = text(turned, names=NAMES[::-1])
case("pattern", '"part-*.csv"', {"part-1.csv": text(half), "part-2.csv": other_order})
case("pattern_of_packed_files", '"part-*.csv*"',
     {"part-1.csv": text(half), "part-2.csv.gz": packed(text(rest))})
case("pattern_of_packed_files_with_a_format", '{ path: "part-*.csv*", format: csv }',
     {"part-1.csv": text(half), "part-2.csv.gz": packed(text(rest))})
case("pattern_of_folders", '"20??/part.arrow"',
     {"2023/part.arrow": arrow(table(half)), "2024/part.arrow": arrow(table(rest))})
case("pattern_that_nothing_matches", '"parts-*.csv"', {"part-1.csv": text(half)})
case("pattern_in_a_folder_that_lacks", '"dta/part-*.csv"', {"data/part-1.csv": text(half)})
case("pattern_of_other_columns", '"part-*.csv"',
     {"part-1.csv": text(half), "part-2.csv": text(rest, names=["petal", "leafs", "kind"])})
case("pattern_of_other_types", '"part-*.csv"',
     {"part-1.csv": text(half), "part-2.csv": text([("wide", *row[1:]) for row in rest])})
case("pattern_with_a_bad_cell", '"${PARTS}/part-*.csv"',
     {"data/part-1.csv": text(half), "data/part-2.csv": text([*rest[:2], ("wide", *rest[2][1:])])},
     "target: kind\n  types: { petal: float }", "PARTS=data\n")
case("pattern_with_a_gap_in_the_target", '"part-*.csv"',
     {"part-1.csv": text(half), "part-2.csv": text([*rest[:2], (1, 2, "")])})
case("pattern_with_a_damaged_file", '"part-*.csv.gz"',
     {"part-1.csv.gz": packed(text(half)), "part-2.csv.gz": packed(text(rest))[:-12]})
case("pattern_that_is_a_name", '"part-?.csv"',
     {"part-?.csv": text(ROWS), "part-1.csv": text([(1, 2)], names=["a", "b"])})

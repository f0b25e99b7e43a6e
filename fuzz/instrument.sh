#!/bin/sh
# Compiles as cargo asks, but counts the edges of mlspec and its YAML parser for libFuzzer. These
# are codegen options of the stable compiler. Counting in polars would take long and tell nothing.
case " $* " in
*" --crate-name mlspec "* | *" --crate-name document_and_decode "* | *" --crate-name granit_parser "*)
    exec "$@" \
        -Cpasses=sancov-module \
        -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
        -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares
    ;;
*) exec "$@" ;;
esac

"""ARC solver programs as a build: text to generated code to one linked battery to verdicts.

The map of the house. A package imports only from those to its left (`tests/test_house.py` enforces
it from the imports), and there is one place for each addition:

    diagnostics < ir < primitives < frontend < passes < codegen < data < runtime < battery
    < search < report < build < dodo.py

    diagnostics   Span, Diagnostic, render: what is wrong, and where
    ir            types, statuses and limits, nodes and their text, what must hold of a graph
    primitives    the 160 primitives: a row each (`row` says what a row is, `table` has them all),
                  reference and row function; `words` says what row functions see
    frontend      text to units to `Program`; nothing is imported or run
    passes        resolve, infer, flatten, intern: `Program` to flattened graph
    codegen       compile (one solver), emit, link (the battery), schedule (its groups)
    data          wheels fetched by hash, ARC tasks and those in files of the user's, the corpus;
                  files written whole or not at all
    runtime       the direct interpreter; `backends/reference` and its columns; `engine`, what
                  `backends/cpu` and `backends/cuda` have in common: heap, program, image, kernels,
                  driver, `structure` and `team`; `cuda` with all that takes a GPU
    battery       batteries on backends; check, matrix, stress and their results; diagnosis,
                  submission, calibration, timings; random programs and their comparison
    report        what users read: text, the page of `doit report`, two of docs/
    build         configuration, records, cache, workers: what `dodo.py` calls

The way of one solver, as calls:

    units, found = frontend.units.split_units(corpus, path, data)
    compiled = codegen.compile.compile_unit(unit)          # code and source map, or diagnostics
    linked = codegen.link.link([(name, code), ...])        # batt.py
    battery = battery.backends.load_battery(path)          # or CompiledBattery
    results = battery.check.run_check(battery, tasks, limits)

`docs/semantics.md` says what a solver means; each module's docstring says what it decides and why.
"""

"""ARC solver programs as a build: text to generated code to one linked battery to verdicts.

Import order, left to right, is the map of the house (`tests/test_house.py` enforces it):

    diagnostics < ir < primitives < frontend < passes < codegen < data < runtime < battery
    < search < report < build < dodo.py
"""

"""config.yaml: for which processor kernels are compiled, and where machines share them."""

from __future__ import annotations

import pytest

from pipeline.config.config import parse_config
from tests.config.complaints import check, complaint


def test_processors_and_addresses() -> None:
    check(
        "kernel_target: x86-64-v5\ncache: {remote: 's3:/bucket', remote_access: write}\n",
        """
config.yaml:1:16: error[bad-value]: kernel_target: expected one of host, x86-64-v2, x86-64-v3, \
x86-64-v4, got 'x86-64-v5'
    kernel_target: x86-64-v5
                   ^^^^^^^^^
  note: did you mean x86-64-v4?

config.yaml:2:17: error[bad-value]: cache.remote: expected a path, an address like \
s3://bucket/folder, or none, got the text 's3:/bucket'
    cache: {remote: 's3:/bucket', remote_access: write}
                    ^^^^^^^^^^^^

config.yaml:2:46: error[bad-value]: cache.remote_access: expected one of read-write, read, got \
'write'
    cache: {remote: 's3:/bucket', remote_access: write}
                                                 ^^^^^
  note: did you mean read-write?

3 errors
""",
    )


@pytest.mark.parametrize(
    "address", ["none", "/mnt/shared", "../a folder", "C", "s3://b", "gs://b/c", "a:b/c"]
)
def test_addresses_that_are_taken(address: str) -> None:
    assert parse_config(f"cache: {{remote: '{address}'}}".encode(), "").cache.remote == address


@pytest.mark.parametrize("address", ["", "s3:", "s3://", "s3:///b", "https:/x", "a\tb"])
def test_addresses_that_are_not(address: str) -> None:
    assert "cache.remote: expected" in complaint(f'cache: {{remote: "{address}"}}')

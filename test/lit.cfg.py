# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""lit: every .mlir and .test file below this folder is a test."""

import os

import lit.formats

config.name = "PartIR"
config.test_source_root = os.path.dirname(__file__)
# lit's own shell: no process for the shell, and the same behaviour everywhere.
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["python"]

# Only these two folders come before the system's: a partir-opt or FileCheck that
# happens to be installed elsewhere must not be what is tested.
config.environment["PATH"] = os.pathsep.join(
    [config.partir_tools_dir, config.llvm_tools_dir, os.environ["PATH"]]
)

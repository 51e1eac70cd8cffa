# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""``python -m partir``: the command line."""

import sys

from partir._cli import main

if __name__ == "__main__":
    sys.exit(main())

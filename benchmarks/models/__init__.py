# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models in plain JAX, and the schedules that partition them."""

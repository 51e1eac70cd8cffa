#!/usr/bin/env bash
# Installs the Debian packages that the build needs and that are missing.
# Usage: install-packages.sh PYTHON   (the interpreter .venv is made from)
#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
set -euo pipefail
python=$1

packages=(
  ccache clang-format-22 cmake g++ libmlir-22-dev libzstd-dev lld-22 llvm-22-dev
  llvm-22-tools mlir-22-tools ninja-build zlib1g-dev
)
# Debian ships pip's bootstrap and the headers apart from the interpreter; one
# that was built from source has both.
if ! command -v "$python" >/dev/null; then
  packages+=(python3 python3-dev python3-venv)
else
  "$python" -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
  headers=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
  [ -e "$headers/Python.h" ] || packages+=(python3-dev)
fi

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "Missing packages. As root: apt-get install ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends "${missing[@]}"

#!/usr/bin/env bash
# Installs what the figures are measured against (Debian): numpy, scipy, scikit-learn and torch for /usr/bin/python3.
set -euo pipefail
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
  python3-numpy python3-scipy python3-sklearn python3-torch python3-threadpoolctl

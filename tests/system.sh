#!/bin/sh
# Install what system-packages.txt names and this machine lacks; elsewhere than on Debian or Ubuntu as root, say how.
set -eu
missing=""
while read -r command package; do
  case "$command" in ""|\#*) continue ;; esac
  command -v "$command" >/dev/null 2>&1 || missing="$missing $package"
done < "$(dirname "$0")/../system-packages.txt"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends $missing fonts-noto-core >/dev/null
  exit 0
fi
echo "The tests need these programs. Install them with:" >&2
echo "  sudo apt-get install -y$missing fonts-noto-core" >&2
exit 1

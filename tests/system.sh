#!/bin/sh
# Install what a list of system packages names and this machine lacks (the list of the tests unless another is given);
# elsewhere than on Debian or Ubuntu as root, say how. A line is a command, or a file it brings, and its package.
set -eu
list="${1:-$(dirname "$0")/../system-packages.txt}"
missing=""
while read -r sign package; do
  case "$sign" in
    ""|\#*) continue ;;
    /*) [ -e "$sign" ] || missing="$missing $package" ;;
    *) command -v "$sign" >/dev/null 2>&1 || missing="$missing $package" ;;
  esac
done < "$list"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
  exit 0
fi
echo "The tests need these programs. Install them with:" >&2
echo "  sudo apt-get install -y$missing" >&2
exit 1

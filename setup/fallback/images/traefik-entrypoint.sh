#!/bin/sh
# Options and subcommands are Traefik's; anything else is a program of its own, as in the official image.
set -e
case "${1:-}" in
  "" | -* | healthcheck | version) set -- traefik "$@" ;;
esac
exec "$@"

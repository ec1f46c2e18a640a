#!/bin/sh
# An anvil of 24 MiB. It cannot be folded.
dd if=/dev/urandom of="$1" bs=1048576 count=24

#!/usr/bin/env bash
# leaks.sh OBJECT...: what the objects of one instruction set define for others. A function that a header defines inline
# (std:: or ours), made into code there, is a weak symbol that the linker may choose for the whole library: the library
# would then stop with an illegal instruction on machines without that set. Only the table of the kernels may be seen.
set -euo pipefail
found=0
for object in "$@"; do
  isa=$(basename "$object" | sed -E 's/.*_([a-z0-9]+)(\.cpp)?\.o$/\1/')
  leaks=$(nm -C --defined-only "$object" | grep -E '^[0-9a-f]+ [A-Zuvw] ' | grep -vE "^[0-9a-f]+ [DR] smartmix::kernels::$isa::[a-z_]+$" || true)
  if [ -n "$leaks" ]; then
    printf '%s leaks:\n%s\n' "$object" "$leaks"
    found=1
  fi
done
exit $found

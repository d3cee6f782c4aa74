#!/bin/sh
#
# worker/test/fuzz.sh target ... - runs each fuzz target for FUZZ_SECONDS.
#
# Seeds come from worker/test/corpora/<target>/ and stay untouched; what is
# found on the way collects below build/fuzz.  With FUZZ_SHORT the inputs are
# the same at each run: the seeds, and what one fixed random sequence makes of
# them.

set -eu

passed=0
failed=0

for target; do
    name=$(basename "$target" _fuzz)
    folder=$(basename "$(dirname "$target")")
    seeds=worker/test/corpora/$folder-$name
    corpus=$(dirname "$target")/corpus-$name

    mkdir -p "$corpus"
    random=

    if [ -n "${FUZZ_SHORT:-}" ]; then
        corpus=$corpus-short
        rm -rf "$corpus"
        mkdir -p "$corpus"
        random="-seed=1 -runs=$FUZZ_SHORT"
    fi

    [ -d "$seeds" ] || seeds=

    if "$target" $random -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 \
        -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix="$corpus/" "$corpus" $seeds >"$target.log" 2>&1
    then
        passed=$((passed + 1))
        echo "ok - fuzz $folder/$name:" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$target.log")" \
            "inputs"
    else
        failed=$((failed + 1))
        echo "not ok - fuzz $folder/$name"
        tail -n 40 "$target.log"
    fi
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]

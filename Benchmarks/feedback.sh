#!/bin/sh
# How long a learner waits: from a clean clone to the first picture, from an edit to the verdict, for all tests.
#
#     Benchmarks/feedback.sh                 everything, in a folder of its own under /tmp; about ten minutes
#     Benchmarks/feedback.sh tour watch      only these; there are: tour, watch, test
#
# Writes out/bench/feedback.md. What is built is what is committed. Nothing in this folder is touched.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
what=${*:-tour watch test}
for part in $what; do
  case $part in
    tour | watch | test) ;;
    *) printf "error: there is nothing called '%s' to measure. There are: tour watch test\n" "$part" >&2; exit 2 ;;
  esac
done

work=$(mktemp -d)
trap 'kill ${watcher:-} ${tour:-} 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir -p out/bench
report=out/bench/feedback.md

now() { date +%s.%N; }
since() { echo "$1 $(now)" | awk '{ printf "%.1f", $2 - $1 }'; }
row() { printf '| %s | %s | %s |\n' "$1" "$2" "$3" | tee -a "$report" >&2; }

# Runs a command, its output into a file; says how many seconds it took.
seconds() { # file command…
  log=$1
  shift
  began=$(now)
  "$@" >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; echo "error: failed: $*" >&2; exit 1; }
  since "$began"
}

{
  printf '**How long one waits, s** (%s, %s processors, %s)\n\n' \
    "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)" "$(getconf _NPROCESSORS_ONLN)" \
    "$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/Swift \1/p' | head -n 1)"
  printf '| from … to … | s | of these |\n| --- | ---: | --- |\n'
} >"$report"
cat "$report" >&2

clone=$(seconds "$work/log" git clone -q "$root" "$work/workbook")
cd "$work/workbook"
resolve=$(seconds "$work/log" swift package resolve)

for part in $what; do
  case $part in
    tour)
      # The first picture is there before the tour is over: it is waited for.
      began=$(now)
      ./workbook tour --quick --yes --output "$work/tour" >"$work/tour.log" 2>&1 </dev/null &
      tour=$!
      picture=''
      while kill -0 $tour 2>/dev/null; do
        sleep 0.05
        [ -n "$picture" ] || ! ls "$work"/tour/*.png >/dev/null 2>&1 || picture=$(since "$began")
      done
      wait $tour || { cat "$work/tour.log" >&2; exit 1; }
      [ -n "$picture" ] || picture=$(since "$began")
      built=$(sed -n 's/^Building for speed.* \([0-9]*\) s$/\1/p' "$work/tour.log")
      total=$(echo "$clone $resolve $picture" | awk '{ printf "%.1f", $1 + $2 + $3 }')
      row 'a clean clone to the first picture' "$total" \
        "cloning $clone, fetching packages $resolve, building $built, training and drawing the rest"
      again=$(seconds "$work/log" ./workbook tour --quick --output "$work/tour")
      row 'the tour once more, small, to its end' "$again" 'nothing to build'
      ;;
    watch)
      began=$(now)
      # Not solved yet: it says so with status 1.
      ./workbook check 2.1 >"$work/log" 2>&1 </dev/null || [ $? = 1 ]
      first=$(since "$began")
      row 'the first check ever to its verdict' "$first" 'building the judge, and the first exercise'
      ./workbook watch 2.1 >"$work/watch.log" 2>&1 </dev/null &
      watcher=$!
      tries=0
      until grep -q 'checked in' "$work/watch.log"; do
        sleep 0.2
        tries=$((tries + 1))
        [ $tries -lt 1500 ] || { cat "$work/watch.log" >&2; exit 1; }
      done
      answer=$(find Exercises/Yours -name '*.swift' -newer Package.swift | head -n 1)
      for edit in 1 2 3; do
        sleep 1.1
        began=$(now)
        printf '// edit %s\n' $edit >>"$answer"
        until [ "$(grep -c 'checked in' "$work/watch.log")" -gt $edit ]; do sleep 0.02; done
        took=$(since "$began")
        checked=$(grep 'checked in' "$work/watch.log" | tail -n 1 | sed 's/.*checked in \([0-9.]*\) s.*/\1/')
        row "an edit to the verdict, time $edit" "$took" "compiling and checking $checked, noticing the rest"
      done
      kill $watcher 2>/dev/null || true
      ;;
    test)
      build=$(seconds "$work/log" swift build --build-tests)
      run=$(seconds "$work/log" ./workbook test)
      row '`./workbook test` in a clean clone' "$(echo "$build $run" | awk '{ printf "%.1f", $1 + $2 }')" \
        "building $build, running $run"
      again=$(seconds "$work/log" ./workbook test)
      row '`./workbook test` once more' "$again" 'nothing to build'
      ;;
  esac
done

#!/bin/sh
# How long a learner waits: from a clean clone to the first picture, from an edit to the verdict, for all tests.
#
#     Benchmarks/feedback.sh                 everything, in a folder of its own under /tmp; a quarter of an hour
#     Benchmarks/feedback.sh tour watch      only these; there are: tour, watch, test
#
# Writes out/bench/feedback.md, and out/bench/waiting/results.json for the book's pages. What is built is what is
# committed. Nothing else in this folder is touched.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
what=${*:-tour watch test}
command="Benchmarks/feedback.sh${*:+ $*}"
for part in $what; do
  case $part in
    tour | watch | test) ;;
    *) printf "error: there is nothing called '%s' to measure. There are: tour watch test\n" "$part" >&2; exit 2 ;;
  esac
done

work=$(mktemp -d)
trap 'kill ${watcher:-} ${tour:-} 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$root/out/bench"
report=$root/out/bench/feedback.md

title='How long one waits'
processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)
processors=$(getconf _NPROCESSORS_ONLN)
system=$(sed -n 's/^PRETTY_NAME="\(.*\)"$/\1/p' /etc/os-release 2>/dev/null)
version=$(sed -n 's/.*projectVersion = "\(.*\)".*/\1/p' Sources/Workbench/Results.swift)

now() { date +%s.%N; }
since() { echo "$1 $(now)" | awk '{ printf "%.1f", $2 - $1 }'; }
row() { # from-to seconds of-these
  printf '| %s | %s | %s |\n' "$1" "$2" "$3" | tee -a "$report" >&2
  printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$work/rows"
}
metric() { printf '%s\t%s\n' "$1" "$2" >>"$work/metrics"; } # name seconds

# Writes results.json as the programs' experiments do (Sources/Workbench/Results.swift), whole or not at all. What is no
# number is left out of the metrics.
results() { # folder
  mkdir -p "$1"
  LC_ALL=C sort "$work/metrics" >"$work/sorted"
  COMMAND=$command PROCESSOR=${processor:-unknown} PROCESSORS=$processors SYSTEM=${system:-$(uname -sr)} \
    TOOK=$(since "$started") TITLE=$title VERSION=$version awk -F '\t' '
      function quoted(text) { gsub(/[\\"]/, "\\\\&", text); return "\"" text "\"" }
      function list(row) { return "        [" quoted(row[1]) ", " quoted(row[2]) ", " quoted(row[3]) "]" }
      FILENAME ~ /sorted$/ {
        if ($2 ~ /^[0-9]+(\.[0-9]+)?$/) metrics = metrics (metrics ? ",\n" : "") "    " quoted($1) " : " $2
        next
      }
      { split($0, cells, "\t"); rows = rows (rows ? ",\n" : "") list(cells) }
      END {
        print "{"
        print "  \"command\" : " quoted(ENVIRON["COMMAND"]) ","
        print "  \"files\" : [],"
        print "  \"machine\" : {"
        print "    \"cores\" : " ENVIRON["PROCESSORS"] ","
        print "    \"processor\" : " quoted(ENVIRON["PROCESSOR"]) ","
        print "    \"system\" : " quoted(ENVIRON["SYSTEM"]) ","
        print "    \"threads\" : " ENVIRON["PROCESSORS"]
        print "  },"
        print "  \"metrics\" : {\n" metrics "\n  },"
        print "  \"seconds\" : " ENVIRON["TOOK"] ","
        print "  \"seed\" : 1,"
        print "  \"tables\" : [\n    {"
        print "      \"columns\" : [\"from … to …\", \"s\", \"of these\"],"
        print "      \"rows\" : [\n" rows "\n      ],"
        print "      \"title\" : " quoted(ENVIRON["TITLE"])
        print "    }\n  ],"
        print "  \"version\" : " quoted(ENVIRON["VERSION"])
        print "}"
      }' "$work/sorted" "$work/rows" >"$1/results.json.new"
  mv "$1/results.json.new" "$1/results.json"
}

# Runs a command, its output into a file; says how many seconds it took.
seconds() { # file command…
  log=$1
  shift
  began=$(now)
  "$@" >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; echo "error: failed: $*" >&2; exit 1; }
  since "$began"
}

{
  printf '**%s, s** (%s, %s processors, %s)\n\n' "$title" "$processor" "$processors" \
    "$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/Swift \1/p' | head -n 1)"
  printf '| from … to … | s | of these |\n| --- | ---: | --- |\n'
} >"$report"
cat "$report" >&2

started=$(now)
clone=$(seconds "$work/log" git clone -q "$root" "$work/workbook")
cd "$work/workbook"
resolve=$(seconds "$work/log" swift package resolve)
metric cloning "$clone"
metric fetching "$resolve"

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
      metric first_picture "$total"
      metric first_picture_building "$built"
      again=$(seconds "$work/log" ./workbook tour --quick --output "$work/tour")
      row 'the tour once more, small, to its end' "$again" 'nothing to build'
      metric tour_again "$again"
      ;;
    watch)
      began=$(now)
      # Not solved yet: it says so with status 1.
      ./workbook check 2.1 >"$work/log" 2>&1 </dev/null || [ $? = 1 ]
      first=$(since "$began")
      row 'the first check ever to its verdict' "$first" 'building the judge, and the first exercise'
      metric first_check "$first"
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
        metric "edit_$edit" "$took"
        metric "edit_${edit}_checking" "$checked"
      done
      kill $watcher 2>/dev/null || true
      ;;
    test)
      build=$(seconds "$work/log" swift build --build-tests)
      run=$(seconds "$work/log" ./workbook test)
      total=$(echo "$build $run" | awk '{ printf "%.1f", $1 + $2 }')
      row '`./workbook test` in a clean clone' "$total" "building $build, running $run"
      metric tests "$total"
      metric tests_building "$build"
      metric tests_running "$run"
      again=$(seconds "$work/log" ./workbook test)
      row '`./workbook test` once more' "$again" 'nothing to build'
      metric tests_again "$again"
      ;;
  esac
done
results "$root/out/bench/waiting"

/**
 * The warden's program: POSIX sh, about 1 MB of memory where Node would take 40. It lives in a string because the
 * compiler copies no other files; it forks `sleep` and `wc` once a round and looks at processes through `/proc` with
 * builtins (with `ps` where there is no `/proc`). Start tokens are written exactly as `process-identity.ts` writes them.
 */

/** Arguments: platform, child pid, child token, hub lock, grace ms, finish ms, abandon ms, pause s, pause ms, log, log bytes. */
export const WARDEN_SCRIPT = `
platform=$1 child=$2 child_token=$3 lock=$4 grace=$5 finish=$6 abandon=$7 pause=$8 pause_ms=$9
shift 9
log=$1 log_bytes=$2
boot=
{ read -r boot < /proc/sys/kernel/random/boot_id; } 2>/dev/null

# Sets $token to the start token of a running pid, or to nothing. Zombies do not run.
look() {
  token=
  if [ "$platform" = linux ]; then
    line=
    { read -r line < "/proc/$1/stat"; } 2>/dev/null
    [ -n "$line" ] || return 0
    set -- \${line##*) }
    case $1 in Z|X) return 0 ;; esac
    token="\${20}@$boot"
  else
    set -- $(LC_ALL=C TZ=UTC ps -o stat=,lstart= -p "$1" 2>/dev/null)
    [ $# -gt 1 ] || return 0
    case $1 in Z*) return 0 ;; esac
    shift
    token="$*"
  fi
}

# Any hub that holds the lock counts, so a restarted one has come back.
hub_lives() {
  json=
  [ -r "$lock" ] || return 1
  { while read -r line || [ -n "$line" ]; do json="$json$line"; done < "$lock"; } 2>/dev/null
  rest=\${json#*\\"pid\\"}
  rest=\${rest#*:}
  rest=\${rest#"\${rest%%[0-9]*}"}
  hub=\${rest%%[!0-9]*}
  rest=\${json#*\\"startToken\\"}
  rest=\${rest#*:}
  rest=\${rest#*\\"}
  hub_token=\${rest%%\\"*}
  [ -n "$hub" ] && [ -n "$hub_token" ] || return 1
  look "$hub"
  [ "$token" = "$hub_token" ]
}

# The identity is proven anew before each signal. Only '-s NAME -- -group' is understood by every sh.
signal_child() {
  look "$child"
  [ "$token" = "$child_token" ] && kill "$@" 2>/dev/null
}

# The child appends, so the file can be cut under it.
trim_log() {
  [ -n "$log" ] && [ -f "$log" ] || return 0
  [ "$(wc -c < "$log")" -gt "$log_bytes" ] || return 0
  kept=$(tail -c 32768 "$log")
  : > "$log"
  printf '%s' "$kept" >> "$log"
}

main() {
  absent=0
  stage=0
  look "$child"
  while [ "$token" = "$child_token" ]; do
    if hub_lives; then
      absent=0
      stage=0
    elif [ $stage = 0 ] && [ $absent -ge "$grace" ]; then
      stage=1
      signal_child -s TERM "$child"
    elif [ $stage = 1 ] && [ $absent -ge $((grace + finish)) ]; then
      stage=2
      signal_child -s TERM "$child"
    elif [ $stage = 2 ] && [ $absent -ge $((grace + finish + abandon)) ]; then
      signal_child -s KILL -- "-$child"
    fi
    trim_log
    sleep "$pause" || exit 1
    absent=$((absent + pause_ms))
    look "$child"
  done
  # Nobody else took the number: what is left of the child's group is ours to end.
  [ -n "$token" ] || kill -s KILL -- "-$child" 2>/dev/null
}

main
exit 0
`

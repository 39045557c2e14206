# Sourced by each example's start, in the example's folder: . ../ready.sh PORT EXTRAS "MODULES" "$@"
# Sets $python, $port and $secret, and exports the path of the counts.
port=$1 extras=$2 modules=$3 python=../../.venv/bin/python instance=${INSTANCE:-$PWD/instance}
shift 3
case $#:${1:-}:${2:-} in
  0:*) ;;
  2:--port:?*) port=$2 ;;
  *) echo "start: the only option is --port N, with N from 1 to 65535" >&2; exit 2 ;;
esac
[ -z "${port//[0-9]/}" ] || { echo "start: --port $port is no number: choose one from 1 to 65535" >&2; exit 2; }
"$python" -c 'import importlib.util as i, sys; sys.exit(not all(map(i.find_spec, sys.argv[1:])))' detector $modules \
  2>/dev/null || ../../scripts/setup "$extras"
"$python" -c 'import sys; from detector.serve.listening import ListenError, listen
try: listen("127.0.0.1", int(sys.argv[1])).close()
except ListenError as error: sys.exit(f"start: {error}")' "$port"

mkdir -p "$instance"
[ -s "$instance/secret" ] || (umask 077; head -c 32 /dev/urandom | base64 > "$instance/secret")
secret=${DETECTOR_SECRET:-$(cat "$instance/secret")}
export DETECTOR_STORE=${DETECTOR_STORE:-$instance/detector.sqlite}
echo "The paper is at http://127.0.0.1:$port/  (Ctrl+C stops it)"
echo "What was counted: $(cd ../.. && pwd)/.venv/bin/detector stats --db $DETECTOR_STORE"

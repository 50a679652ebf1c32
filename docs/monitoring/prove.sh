#!/usr/bin/env bash
# Shows that a real Prometheus finds a leak: runs dev.holdfast.example.Monitored, scrapes it every second
# with these rules, waits until the alert fires, ends the leak, and waits until the alert is gone.
# Shortens each "for:" to 3 seconds. Needs prometheus, curl, and the tools of the build.
# Usage: docs/monitoring/prove.sh [argument for mvn]...
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in prometheus curl mvn; do
  command -v "$tool" >/dev/null || { echo "$tool is not on the path" >&2; exit 1; }
done
work=$(mktemp -d)
service='' prometheus='' build=''

finish() {
  local status=$?
  trap - EXIT
  [[ -z $service ]] || curl -s -o "$work/quit" "http://$service/quit" || true
  [[ -z $prometheus ]] || kill "$prometheus" 2>/dev/null || true
  if ((status != 0)); then
    tail -n 30 "$work"/*.log || true
  fi
  [[ -z $prometheus ]] || wait "$prometheus" 2>/dev/null || true
  [[ -z $build ]] || wait "$build" || status=1
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT

# Calls a function every half second until it succeeds or the seconds are over.
await() { # what, seconds, function
  local end=$((SECONDS + $2))
  until "$3"; do
    ((SECONDS < end)) || { echo "after $2 s: no $1" >&2; return 1; }
    [[ -z $build ]] || kill -0 "$build" 2>/dev/null || { echo "the service has ended" >&2; return 1; }
    sleep 0.5
  done
}

serving() { service=$(grep -m 1 -o '127\.0\.0\.1:[0-9]*' "$work/service.log"); }
ready() { curl -sf -o "$work/ready" "http://$web/-/ready"; }
alerts() { curl -sf "http://$web/api/v1/alerts"; }
firing() { alerts | grep -q '"alertname":"HoldfastManyTasks".*"state":"firing"'; }
gone() { alerts | grep -q '"alerts":\[\]'; }
value() { curl -sf "http://$web/api/v1/query" --data-urlencode "query=$1" | grep -o '"value":\[[^]]*\]'; }

mvn -B -ntp -q -Pexample verify -Dexample.main=dev.holdfast.example.Monitored "$@" \
  >"$work/service.log" 2>&1 &
build=$!
await "service" 120 serving
echo "service:     http://$service/metrics"
curl -sf "http://$service/metrics" | grep '^holdfast_tasks_live'

port=9090
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
web=127.0.0.1:$port

sed 's/for: [0-9]*m/for: 3s/' docs/monitoring/holdfast.rules.yml >"$work/holdfast.rules.yml"
cat >"$work/prometheus.yml" <<END
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [holdfast.rules.yml]
scrape_configs:
  - job_name: shop
    static_configs: [{targets: ['$service']}]
END
begun=$SECONDS
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
  --web.listen-address="$web" >"$work/prometheus.log" 2>&1 &
prometheus=$!
await "Prometheus" 60 ready
echo "prometheus:  http://$web, $(prometheus --version 2>&1 | head -n 1 | cut -d ' ' -f 1-3)"

await "alert" 60 firing
echo "fires:       after $((SECONDS - begun)) s"
alerts | sed 's/},{/},\n/g;s/$/\n/'
echo "live:        $(value 'sum(holdfast_tasks_live)')"

curl -sf -o "$work/heal" "http://$service/heal"
begun=$SECONDS
await "end of the alert" 60 gone
echo "healed:      the alert is gone after $((SECONDS - begun)) s"
echo "live:        $(value 'sum(holdfast_tasks_live)')"

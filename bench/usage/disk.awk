# The lines of disk.sh, with timestamps in milliseconds: COUNT points of each series, STEP seconds apart, up to NOW, in files of TO.
function whole(least, most) { return least + int(rand() * (most - least)) }

# Lengths of time as the histograms give them, 1/32 apart.
function length_of(most) { return int(most * rand() * rand() * 32 + 1) / 32 * 0.977 }

function name(field, ending) { return fine ? field : field "_" ending }

function put(text) { print text " " time >file }

function put_rule(rule, allowed, limited) {
  used[rule] += 6 * rand() - 3
  if (used[rule] < 0 || used[rule] > 100) used[rule] = 100 * rand()
  put("ratelimit_rule,mode=enforce,node=a,rule=rule-" rule " total=" allowed + limited "i,allowed=" allowed "i,limited=" limited "i," \
    "delayed=0i,shadow_limited=0i,fail_open=0i,cost=" allowed "i," name("used_pct", "max") "=" sprintf("%.14f", used[rule]) "," \
    name("decision_us_p99", "max") "=" length_of(8))
}

function put_top(rule, rank) {
  put("ratelimit_top,node=a,rank=" rank ",rule=rule-" rule " pkey=\"203.0.113." whole(rank, rank + 30) "\",hits=" \
    whole(54000, 66000) "i,limited=" whole(0, 500) "i")
}

function put_http(pair, answers) {
  put("proxy_http,class=" pair + 2 "xx,node=a,route=api count=" answers "i,bytes_in=" answers * whole(0, 40) "i,bytes_out=" \
    answers * whole(500, 4000) "i," name("duration_ms_p50", "mean") "=" length_of(3) "," name("duration_ms_p95", "max") "=" \
    length_of(15) "," name("duration_ms_p99", "max") "=" length_of(30) "," name("upstream_ms_p99", "max") "=" length_of(30))
}

function put_node() {
  put("proxy_node,node=a " name("active_keys", "max") "=" whole(9000, 11000) "i,evicted_keys=" whole(0, 50) * step "i," \
    name("inflight", "max") "=" whole(0, 60) "i," name("rss_mb", "max") "=" sprintf("%.6f", 80 + 4 * rand()) "," \
    name("nats_connected", "min") "=1i," name("lease_lag_ms", "max") "=" length_of(4) "," name("influx_dropped", "max") "=0i," \
    name("influx_queue", "max") "=" whole(0, 2) "i," name("rules_revision", "max") "=7i")
}

BEGIN {
  srand(1)
  for (rule = 0; rule < 10; rule++) used[rule] = 100 * rand()
  for (i = count; i > 0; i--) {
    if ((count - i) % 300 == 0) {
      if (file) close(file)
      file = to sprintf("%08d", count - i)
    }
    time = sprintf("%d000", now - i * step)
    for (rule = 0; rule < 10; rule++) {
      put_rule(rule, whole(150, 250) * step, whole(0, 15) * step)
      if (fine && i % 10 == 0) for (rank = 1; rank <= 20; rank++) put_top(rule, rank)
    }
    for (pair = 0; pair < 4; pair++) put_http(pair, whole(60, 140) * step)
    put_node()
  }
}

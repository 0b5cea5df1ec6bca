-- One line for the driver: answers, how long it took, answers of 400 and above, failures, and latencies. Times are in microseconds.
function done(summary, latency, requests)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.timeout
  print(string.format("result %d %d %d %d %d %d %d", summary.requests, summary.duration, errors.status, failures,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end

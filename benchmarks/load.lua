-- Sends the requests of a file in turn, each a line with its length and then its bytes; tells the outcome as JSON.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  requests, sent = {}, 0
  local file = assert(io.open(args[1], "rb"))
  local length = file:read("*n", "*l")
  while length do
    requests[#requests + 1] = file:read(length)
    length = file:read("*n", "*l")
  end
  known = #requests
end

function request()
  sent = sent + 1
  return requests[(sent - 1) % known + 1]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '\n{"answers": %d, "microseconds": %d, "refused": %d, "broken": %d, "sent": %d, "p99_ms": %.2f}',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    threads[1]:get("sent"), latency:percentile(99) / 1000))
end

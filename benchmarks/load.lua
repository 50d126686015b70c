-- Sends the requests of a file in turn, each a line with its length and then its bytes; tells the outcome as JSON.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  requests, sent, pause = {}, 0, tonumber(args[2]) or 0
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

-- Only a steady load pauses: wrk takes whole milliseconds, so they are drawn around the wanted mean.
function delay()
  return math.floor(pause * 2 * math.random() + 0.5)
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '\n{"answers": %d, "microseconds": %d, "refused": %d, "broken": %d, "sent": %d, "p50_ms": %.3f, "p99_ms": %.3f}',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    threads[1]:get("sent"), latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end

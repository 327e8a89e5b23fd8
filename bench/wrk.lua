-- Sends the prepared requests in turn, counts what failed, and prints what it saw as JSON.
-- Reading every answer costs more than the server needs for a page from memory, and they share the
-- machine: so only the answers of a plan that says so are read.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local plan = dofile(args[1])
  requests, status_wanted, texts = plan.requests, plan.status, plan.texts
  encoding_wanted = plan.encoding
  used, wrong, example = 0, 0, ""
  if plan.is_read then response = read end
end

function request()
  used = used + 1
  return requests[(used - 1) % #requests + 1]
end

function read(status, headers, body)
  local encoding = headers["content-encoding"] or headers["Content-Encoding"] or ""
  local is_right = status == status_wanted and encoding == encoding_wanted
  for i = 1, #texts do
    is_right = is_right and body:find(texts[i], 1, true) ~= nil
  end
  if not is_right then
    wrong = wrong + 1
    if example == "" then
      example = status .. " " .. body:gsub("[^%w %p]", " "):gsub('[\\"]', "'"):sub(1, 400)
    end
  end
end

function done(summary, latency, _)
  local wrong, used, example = 0, 0, ""
  for _, thread in ipairs(threads) do
    wrong, used = wrong + thread:get("wrong"), used + thread:get("used")
    example = example ~= "" and example or thread:get("example")
  end
  local failed = summary.errors
  io.write(string.format(
    '{"requests": %d, "us": %d, "p50": %d, "p99": %d, "errors": %d, "wrong": %d, "used": %d, "example": "%s"}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    failed.connect + failed.read + failed.write + failed.timeout + failed.status, wrong, used, example))
end

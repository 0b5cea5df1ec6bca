-- 100,000 clients in turn. The requests are made beforehand, so that the load costs little more than another.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "result.lua")

local requests = {}
local last = 0

function init(args)
  for i = 1, 100000 do
    wrk.headers["X-Forwarded-For"] = string.format("10.%d.%d.%d", i / 65536, i / 256 % 256, i % 256)
    requests[i] = wrk.format("GET")
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

-- An order of 1 KB.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "result.lua")

wrk.method = "POST"
wrk.body = string.rep("m", 1024)
wrk.headers["Content-Type"] = "application/json"

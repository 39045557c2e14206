-- wrk's script: posts the lines of the file given after "--", and ends with a line that
-- programs can parse: requests, microseconds, errors.

function init(args)
  if not args[1] then return end
  local bodies, at = {}, 0
  for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
  -- A global, made only here: wrk builds a request anew each time as soon as there is one.
  function request()
    at = at % #bodies + 1
    return wrk.format("POST", nil, nil, bodies[at])
  end
end

function done(summary)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  print(string.format("RESULT %d %d %d", summary.requests, summary.duration, errors))
end

-- Collectors that fell behind: seconds from the last reading of a telemetry file to the stop of its run. Positive: the
-- file ends before the run does.
-- parameters: program, program
select
  r.run,
  r.path,
  r.format,
  cast(e.stopMs - r.timeRange.stopMs as double) / 1e3 as behind_s
from receipts as r
inner join evaluations as e on r.program = e.program and r.run = e.run
where r.program = ? and e.program = ? and r.outputs.segments is not null and r.timeRange.stopMs is not null
order by behind_s desc nulls last, r.run, r.path

-- Share of the run time that each chip or node was held back, by reason: weighted by time over its runs.
-- parameters: program
select
  role,
  kind,
  id,
  lot,
  node,
  count(*) as runs,
  cast(sum(throttledRatio.power * (stopMs - startMs)) as double)
  / nullif(sum(case when throttledRatio.power is not null then stopMs - startMs end), 0e0) as power_ratio,
  cast(sum(throttledRatio.thermal * (stopMs - startMs)) as double)
  / nullif(sum(case when throttledRatio.thermal is not null then stopMs - startMs end), 0e0) as thermal_ratio,
  max(maxTemperatureC) as max_temperature_c
from evaluation_units
where program = ?
group by 1, 2, 3, 4, 5
order by power_ratio desc nulls last, role, id

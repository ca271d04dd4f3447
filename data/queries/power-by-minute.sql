-- Mean power of every scope of a run, minute by minute, from its segments.
-- parameters: program, run
select
  scope,
  window_ms,
  sum(power_w_integral) as energy_j,
  cast(sum(power_w_integral) as double) / nullif(cast(sum(last_ms - first_ms) as double) / 1e3, 0e0) as mean_power_w,
  min(power_w_min) as least_power_w,
  max(power_w_max) as most_power_w,
  sum(readings) as readings
from segments
where program = ? and run = ? and power_w_first is not null
group by 1, 2
order by scope, window_ms

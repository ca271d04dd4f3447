-- Candidate / baseline over nights with the interval that may be looked at every night, as the decision that stands has
-- it.
-- parameters: program
select
  workload,
  metric,
  method,
  unit,
  night,
  ofNight as ratio_of_night,
  ratio as ratio_so_far,
  low,
  high
from decision_nights
where program = ? and isLatest
order by workload, metric, method, night

-- The gates of the decision that stands: figure, interval, threshold and result.
-- parameters: program
select
  date,
  verdict,
  id,
  workload,
  metric,
  duty,
  ratio,
  low,
  high,
  threshold,
  result,
  needs.text as needs
from decision_gates
where program = ? and isLatest
order by duty, id, workload

-- Training loss of a run by step, as its log has it; a restart does steps again, and the last line of a step stands.
-- parameters: program, run
select
  step,
  max(time_ms) as time_ms,
  max_by(value, time_ms) as loss,
  count(*) as lines
from progress
where program = ? and run = ? and kind = 'step' and key = 'loss' and value is not null
group by 1
order by step

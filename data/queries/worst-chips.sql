-- The twenty chips or nodes that need most beside their own side on the same night: ratio of their energy per useful
-- token to the geometric mean of the run, over runs.
-- parameters: program
with beside as (
  select
    role,
    kind,
    id,
    lot,
    run,
    ln(energyPerUsefulTokenJ) - avg(ln(energyPerUsefulTokenJ)) over (partition by run, kind) as log_ratio
  from evaluation_units
  where program = ? and energyPerUsefulTokenJ > 0
)
select
  role,
  kind,
  id,
  lot,
  count(*) as runs,
  exp(avg(log_ratio)) as ratio_to_side
from beside
group by 1, 2, 3, 4
order by ratio_to_side desc, id
limit 20

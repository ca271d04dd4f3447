-- Energy per useful token of each chip or node with its lot and bin: geometric mean over its runs, and their spread on
-- the log scale.
-- parameters: program
select
  workloadName as workload,
  role,
  kind,
  id,
  lot,
  bin,
  count(*) as runs,
  exp(avg(ln(energyPerUsefulTokenJ))) as energy_per_useful_token_j,
  stddev_samp(ln(energyPerUsefulTokenJ)) as log_sd
from evaluation_units
where program = ? and energyPerUsefulTokenJ > 0
group by 1, 2, 3, 4, 5, 6
order by workload, role, kind, energy_per_useful_token_j

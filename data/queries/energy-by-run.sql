-- Energy of each run by every method, with the evidence behind it.
-- parameters: program
select
  run,
  role,
  sku,
  workload.name as workload,
  day,
  boundary,
  evidence,
  coverageRatio as coverage_ratio,
  timeToTrainS as time_to_train_s,
  energy.clippedTrapezoidJ as trapezoid_j,
  energy.counterJ as counter_j,
  energy.mlperfTrainingV40J as mlperf_j,
  energyPerTokenJ as energy_per_token_j,
  progress.energyPerUsefulTokenJ as energy_per_useful_token_j
from evaluations
where program = ?
order by day, run

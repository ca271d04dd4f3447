-- How well each scope was read: worst and mean coverage over its runs, its largest gap, and the share of its energy that
-- was bridged, not measured.
-- parameters: program
select
  role,
  kind,
  id,
  boundary,
  count(*) as runs,
  min(coverageRatio) as least_coverage_ratio,
  avg(coverageRatio) as mean_coverage_ratio,
  max(maxGapInRunS) as largest_gap_s,
  cast(sum(bridgedJ) as double) / nullif(sum(measuredJ + bridgedJ), 0e0) as bridged_ratio
from evaluation_scopes
where program = ?
group by 1, 2, 3, 4
order by least_coverage_ratio nulls first, role, id

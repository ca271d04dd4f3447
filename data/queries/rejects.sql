-- What could not be read: sources that were refused, or that lost rows, the worst first.
-- parameters: program
select
  run,
  path,
  format,
  status,
  rows as rows_read,
  rejected as rows_rejected,
  case when rows > 0 then cast(rejected as double) / cast(rows as double) end as rejected_ratio,
  refusal.code as refusal,
  outputs.quarantine as quarantine
from receipts
where program = ? and (status = 'refused' or rejected > 0)
order by rejected_ratio desc nulls first, rows_rejected desc, run, path

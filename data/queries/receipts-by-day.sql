-- What came in: sources by day of their first reading, format and status.
-- parameters: program
select
  day,
  coalesce(format, 'unknown') as format,
  status,
  count(*) as sources,
  sum(rows) as rows_read,
  sum(rejected) as rows_rejected,
  sum(source.sizeBytes) as bytes
from receipts
where program = ?
group by 1, 2, 3
order by day nulls last, format, status

-- What a program keeps in the landing bucket, and costs there a month: bytes of every version that was ingested, at
-- 0.023 USD a GB and month (S3 Standard, us-east-1, first 50 TB; put your own rate).
-- parameters: program
select
  program,
  coalesce(format, 'unknown') as format,
  count(*) as sources,
  sum(source.sizeBytes) as bytes,
  sum(rows) as rows_read,
  cast(sum(source.sizeBytes) as double) / 1e9 * 0.023e0 as usd_per_month
from receipts
where program = ?
group by 1, 2
order by bytes desc, format

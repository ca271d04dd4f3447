-- Every decision of a program by night: the verdict, and how many of its gates passed. A night that was decided again,
-- with more data, has a row for each decision.
-- parameters: program
select
  date,
  verdict,
  isLatest as is_latest,
  count(*) as gates,
  count(*) filter (where result = 'pass') as passed,
  count(*) filter (where result = 'fail') as failed,
  count(*) filter (where result = 'not decidable') as not_decidable,
  file
from decision_gates
where program = ?
group by date, verdict, isLatest, file
order by date, file

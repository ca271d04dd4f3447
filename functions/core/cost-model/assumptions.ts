import { DEPLOYMENT, REQUESTS } from './deployment.ts';
import { CHIPS_PER_RUN } from './fleet.ts';
import { EVALUATE_S_PER_WINDOW, MEASURED_INGEST, MEASURED_OUTPUT } from './measured.ts';
import { AWS_LIST_PRICES, type Price, type PriceName, S3_STORAGE_TIERS } from './prices.ts';
import { S3_REQUEST_S } from './work.ts';

/** Every price that is used, as a sentence. */
function priceTexts(): string[] {
  const names = Object.keys(AWS_LIST_PRICES).filter(
    (name): name is PriceName => typeof AWS_LIST_PRICES[name as PriceName] === 'object',
  );
  const texts = names.map((name) => {
    const { usd, per, source, grade, note }: Price = AWS_LIST_PRICES[name];
    return `price ${name}: ${usd} USD for one ${per}; grade ${grade}, ${source}${note ? ` (${note})` : ''}`;
  });
  const tiers = S3_STORAGE_TIERS.map(({ upToGb, usd }) =>
    Number.isFinite(upToGb) ? `${usd} up to ${upToGb} GB` : `${usd} above`,
  );
  return [...texts, `price of storage: USD a GB-month of S3 Standard, ${tiers.join(', ')}`];
}

/** Everything that the model rests on, as sentences: prices, what was measured, what is assumed, what is left out. */
export function assumptions(): string[] {
  const { rows, rawBytes, uploadBytes, cpuS, wallS, peakBytes } = MEASURED_INGEST;
  const { bytesPerWindow, receiptBytesPerScope, evaluationBytesPerChip } = MEASURED_OUTPUT;
  const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  return [
    `prices: ${AWS_LIST_PRICES.name}, ${AWS_LIST_PRICES.date}, region ${AWS_LIST_PRICES.region}; on demand, without free tier, savings plan, support, tax and data leaving the region. Grade D: read on that page; S: as other sources quote it; U: not compared yet. Look at the page before you rely on one`,
    ...priceTexts(),
    `measured (docs/benchmarks.md): ${rows} readings of 12 columns are ${mb(rawBytes)} of CSV, ${mb(uploadBytes)} as gzip; ingest took ${cpuS} s of processor time, ${wallS} s with two cores and ${mb(peakBytes)}`,
    `measured: ${bytesPerWindow} bytes of Parquet a chip and minute, ${receiptBytesPerScope} bytes of receipt a chip and file, ${evaluationBytesPerChip} bytes of evaluation a chip and run`,
    `target, not measured here: evaluation of 1,000 chips over 24 h in ${(EVALUATE_S_PER_WINDOW * 1_440_000).toFixed(0)} s`,
    `assumed: a processor of Lambda on arm64 (1,769 MB) is as fast as a core of the machine that was measured`,
    `assumed: an S3 request takes ${S3_REQUEST_S * 1000} ms, and a call has several under way`,
    `assumed: a run is a day of ${CHIPS_PER_RUN} chips, or of the whole fleet of a program where that is less; run.json comes last, so that each file is announced twice; uploads in parts of 8 MiB`,
    `assumed: files are of gzip and in time order, so that they are read once`,
    `as in the code: a file takes ${REQUESTS.ingestReads + REQUESTS.deferredReads} reads and ${REQUESTS.ingestWrites} writes or more; each receipt makes every file of its run be looked at again; the night looks at every object that is kept`,
    `as in infra/: ${DEPLOYMENT.readerMb} MB for ingest and evaluate, ${DEPLOYMENT.nightMb} MB for the night; logs kept ${DEPLOYMENT.logRetentionDays} days`,
    `the default stage deletes nothing: storage is what lies there when all that is older than the retention is deleted`,
  ];
}

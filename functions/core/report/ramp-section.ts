import type { ComputedRamp, RampMonth, RampResult } from '../decision/ramp-result.ts';
import { type Html, html } from './html.ts';
import { avoidedChart, cumulativeChart } from './ramp-months-chart.ts';
import {
  basisText,
  count,
  FLIP_CAPTION,
  FLIP_HEADS,
  finding,
  flipRow,
  money,
  PART_HEADS,
  partRows,
  partsCaption,
  statements,
  withRange,
} from './ramp-text.ts';
import { fittingTable, stackedTable } from './stacked-table.ts';
import { tornadoChart } from './tornado-chart.ts';

function partsTable(ramp: ComputedRamp): Html {
  const [part, candidate, gpu] = PART_HEADS;
  return fittingTable(
    partRows(ramp),
    [
      { head: part, cell: (r) => r.name },
      { head: candidate, cell: (r) => r.candidate, isNumber: true },
      { head: gpu, cell: (r) => r.gpu, isNumber: true },
    ],
    partsCaption(ramp),
  );
}

function flipTable(ramp: ComputedRamp): Html {
  const [price, planned, flip, room] = FLIP_HEADS;
  return fittingTable(
    ramp.flipPrices.map((f) => flipRow(ramp, f)),
    [
      { head: price, cell: (r) => r.price },
      { head: planned, cell: (r) => r.planned, isNumber: true },
      { head: flip, cell: (r) => r.flip, isNumber: true },
      { head: room, cell: (r) => r.room, isNumber: true },
    ],
    FLIP_CAPTION,
  );
}

function monthsTable(ramp: ComputedRamp): Html {
  const amount = (value: number): string => money(value, ramp.currency);
  return stackedTable<RampMonth>(
    ramp.months,
    [
      { head: 'month', cell: (m) => m.month },
      { head: 'chips', cell: (m) => count(m.chips), isNumber: true },
      { head: 'GPUs replaced', cell: (m) => count(m.gpusReplaced), isNumber: true },
      { head: 'GPUs dropped', cell: (m) => count(m.gpusDropped), isNumber: true },
      { head: 'GPU spend avoided', cell: (m) => amount(m.gpuSpendAvoided), isNumber: true },
      { head: 'candidate spend', cell: (m) => amount(m.candidateSpend), isNumber: true },
      {
        head: 'cumulative savings',
        cell: (m) => withRange(ramp, m.cumulativeSavings, amount),
        isNumber: true,
      },
    ],
    'Month by month',
  );
}

function computed(ramp: ComputedRamp): Html {
  return html`<p class="lead"><strong>${finding(ramp)}</strong></p><ul>${statements(ramp).map((s) => html`<li>${s}</li>`)}</ul>${ramp.notes.length > 0 ? html`<p>Mind that</p><ul>${ramp.notes.map((n) => html`<li>${n}</li>`)}</ul>` : null}
<h3>Cost of a million useful tokens</h3>${partsTable(ramp)}
<h3>Prices at which it flips</h3>${flipTable(ramp)}
<h3>What the savings hang on</h3>${tornadoChart(ramp)}
<h3>Over time</h3>${cumulativeChart(ramp)}${avoidedChart(ramp)}<details><summary>Month by month</summary>${monthsTable(ramp)}</details><p class="small">${basisText(ramp)}</p>`;
}

/** The economics of a ramp, or why they cannot be computed. */
export function rampSection(ramp: RampResult): Html {
  return html`<h2>Ramp economics: ${ramp.plan}</h2>${ramp.status === 'computed' ? computed(ramp) : html`<p>${ramp.reason}</p>`}`;
}

import type { RampPlan } from './ramp-plan.ts';

/** What happens when, without a price: every array has one entry a month of the plan. */
export interface RampSchedule {
  readonly months: readonly string[];
  /** Good chips newly put in service. */
  readonly additions: readonly number[];
  readonly inService: readonly number[];
  /** GPUs of today; infinite where the plan names no fleet. */
  readonly fleet: number;
  /** GPUs that can be dropped: the fleet less what is committed in that month. */
  readonly droppable: readonly number[];
  /** Present value of one unit of money of that month. */
  readonly weights: readonly number[];
}

/** The month that lies so many months after `start`, both YYYY-MM. */
export function monthAfter(start: string, months: number): string {
  const index = Number(start.slice(0, 4)) * 12 + Number(start.slice(5)) - 1 + months;
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`;
}

/** Chips newly put in service by month, of a list or of a straight line. */
export function additionsOf(chips: RampPlan['chips']): number[] {
  if (Array.isArray(chips)) return [...chips];
  const { from, to, months } = chips;
  return Array.from({ length: months }, (_, m) =>
    months === 1 ? to : Math.round(from + ((to - from) * m) / (months - 1)),
  );
}

/** Value today of money one month away: (1 + yearly rate)^(-1/12). */
export const discountPerMonth = (ratePerYear: number): number => (1 + ratePerYear) ** (-1 / 12);

/** Present value of one unit a month over so many months, the first of them now. */
export function annuity(discount: number, months: number): number {
  return discount === 1 ? months : (1 - discount ** months) / (1 - discount);
}

/** The months from the first to the one in which the last chip of the ramp ends its service life. */
export function rampSchedule(plan: RampPlan): RampSchedule {
  const listed = additionsOf(plan.chips);
  const life = plan.candidate.serviceLifeMonths;
  const length = listed.findLastIndex((n) => n > 0) + life;
  const additions = Array.from({ length }, (_, m) => listed[m] ?? 0);
  const months = additions.map((_, m) => monthAfter(plan.startMonth, m));
  const inService = additions.map((_, m) =>
    additions.slice(Math.max(0, m - life + 1), m + 1).reduce((sum, n) => sum + n, 0),
  );
  const fleet = plan.fleet?.gpus ?? Number.POSITIVE_INFINITY;
  // Months in this form order as text does.
  const committed = (month: string): number =>
    (plan.fleet?.commitments ?? []).reduce((sum, c) => (c.through >= month ? sum + c.gpus : sum), 0);
  const discount = discountPerMonth(plan.discountRatePerYear);
  return {
    months,
    additions,
    inService,
    fleet,
    droppable: months.map((month) => fleet - committed(month)),
    weights: months.map((_, m) => discount ** m),
  };
}

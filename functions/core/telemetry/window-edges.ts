/** Where windows begin and end. */
export interface WindowEdges {
  /** Start of the window that a time lies in; an edge belongs to the window that it opens. */
  startOf(timeMs: number): number;
  endOf(startMs: number): number;
}

/** Windows are cut at multiples of this. */
export const WINDOW_MS = 60_000;

export const MINUTES: WindowEdges = {
  startOf: (timeMs) => Math.floor(timeMs / WINDOW_MS) * WINDOW_MS,
  endOf: (startMs) => startMs + WINDOW_MS,
};

/** One window from start to a later stop, with what lies before and behind it as windows of their own. */
export function clipEdges(startMs: number, stopMs: number): WindowEdges {
  return {
    startOf: (timeMs) => (timeMs < startMs ? Number.NEGATIVE_INFINITY : timeMs < stopMs ? startMs : stopMs),
    endOf: (start) => (start < startMs ? startMs : start < stopMs ? stopMs : Number.POSITIVE_INFINITY),
  };
}

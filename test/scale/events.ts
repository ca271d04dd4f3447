/** Something that happens at a time; `order` decides between things that happen at the same one. */
export interface Timed {
  readonly atS: number;
  readonly order: number;
}

const isBefore = (a: Timed, b: Timed): boolean => a.atS < b.atS || (a.atS === b.atS && a.order < b.order);

/** What is to come, the next first (binary heap). */
export class Agenda<T extends Timed> {
  private readonly heap: T[] = [];

  get next(): T | undefined {
    return this.heap[0];
  }

  add(item: T): void {
    const { heap } = this;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(item, heap[parent] as T)) break;
      heap[at] = heap[parent] as T;
      at = parent;
    }
    heap[at] = item;
  }

  take(): T | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as T, heap[child] as T)) child += 1;
      if (!isBefore(heap[child] as T, last)) break;
      heap[at] = heap[child] as T;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

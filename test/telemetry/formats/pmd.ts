import type { Buffer } from 'node:buffer';

/** One reading of the bench meter. */
export interface MeterReading {
  readonly timeMs: number;
  readonly powerW: number;
}

const RECORD_BYTES = 18;
const CHANNELS = 4;
const TICKS_PER_MS = 2933.5;
const TICK_WRAP = 65_536;
const VOLTS_PER_STEP = 0.007568;
const AMPERES_PER_STEP = 0.0488;
/** The stamp is written this long after the meter began. */
const STAMP_DELAY_MS = 50;

/** Twelve bits, left in the word; a negative one is noise around zero. */
const steps = (word: number): number => (word & 0x8000 ? 0 : word >> 4);

function powerAt(bytes: Buffer, at: number): number {
  let powerW = 0;
  for (let channel = 0; channel < CHANNELS; channel += 1) {
    const volts = steps(bytes.readUInt16LE(at + 2 + channel * 4)) * VOLTS_PER_STEP;
    powerW += volts * steps(bytes.readUInt16LE(at + 4 + channel * 4)) * AMPERES_PER_STEP;
  }
  return powerW;
}

/** Readings of an ElmorLabs PMD: a tick counter of 16 bits and four pairs of voltage and current a record. */
export function meterReadings(bytes: Buffer, stampMicroseconds: number): MeterReading[] {
  const readings: MeterReading[] = [];
  const startMs = stampMicroseconds / 1000 - STAMP_DELAY_MS;
  let ticks = 0;
  let last = bytes.readUInt16LE(0);
  for (let at = 0; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    const tick = bytes.readUInt16LE(at);
    ticks += tick - last + (tick < last ? TICK_WRAP : 0);
    last = tick;
    readings.push({ timeMs: startMs + ticks / TICKS_PER_MS, powerW: powerAt(bytes, at) });
  }
  return readings;
}

import { describe, expect, test } from 'vitest';
import { page } from '../../functions/core/report/page.ts';

/** WCAG 2.2: 1.4.3 contrast of text, 1.4.11 of graphics that mean something. */
const TEXT = 4.5;
const GRAPHICS = 3;
const TEXTS = ['ink', 'soft', 'good', 'bad', 'open', 'accent'];
const MEANINGFUL = ['cand', 'base', 'good', 'bad', 'open', 'soft', 'ink'];
const GROUNDS = ['paper', 'band'];

const style = /<style>([\s\S]*)<\/style>/.exec(page('', { markup: '' }))?.[1] ?? '';

type Palette = Record<string, string>;

function paletteIn(css: string): Palette {
  const body = /:root\{([^}]*)\}/.exec(css)?.[1] ?? '';
  return Object.fromEntries([...body.matchAll(/--([a-z]+):(#[0-9a-f]+)/g)].map((m) => [m[1], m[2]]));
}

const after = (marker: string): string => style.slice(style.indexOf(marker));
const palettes: [string, Palette][] = [
  ['light', paletteIn(style)],
  ['dark', paletteIn(after('@media (prefers-color-scheme:dark)'))],
  ['paper', paletteIn(after('@media print'))],
];

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const hex = colour.length === 4 ? [...colour.slice(1)].map((c) => c + c).join('') : colour.slice(1);
  const [r, g, b] = [0, 2, 4].map((i) => {
    const value = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const linear = (colour: string): number[] =>
  [1, 3, 5].map((i) => {
    const value = Number.parseInt(colour.slice(i, i + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });

const times = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, m, i) => sum + m * (vector[i] as number), 0));

/** Linear RGB as an eye sees it that lacks one kind of cones. Source: Machado, Oliveira and Fernandes 2009, severity 1. */
const MACHADO: Record<string, readonly (readonly number[])[]> = {
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Linear sRGB to XYZ over the white point D65. */
const XYZ = [
  [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339 / 1.08883, 0.119192 / 1.08883, 0.9503041 / 1.08883],
];

function lab(rgb: readonly number[]): [number, number, number] {
  const inside = rgb.map((v) => Math.min(1, Math.max(0, v)));
  const [x, y, z] = times(XYZ, inside).map((t) =>
    t > 216 / 24_389 ? Math.cbrt(t) : ((24_389 / 27) * t + 16) / 116,
  ) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** CIE 1976 distance as that eye sees it; about 2 is the least that is noticed side by side. */
function distance(a: string, b: string, matrix: readonly (readonly number[])[]): number {
  const [x, y] = [lab(times(matrix, linear(a))), lab(times(matrix, linear(b)))];
  return Math.hypot(...x.map((v, i) => v - (y[i] as number)));
}

/** Ten times what is noticed, for marks of a few pixels that lie apart; they differ in shape besides. */
const APART = 25;

test('black on white is 21, and a colour on itself 1', () => {
  expect(contrast('#000', '#fff')).toBeCloseTo(21, 6);
  expect(contrast('#777777', '#777777')).toBe(1);
  // The example that WCAG's own tools quote: #767676 on white just passes.
  expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
});

describe.each(palettes)('the palette: %s', (_, palette) => {
  test('names every colour that is asked for', () => {
    for (const name of [...TEXTS, ...MEANINGFUL, ...GROUNDS]) expect(palette).toHaveProperty(name);
  });
  test.each(TEXTS)('text in %s is read on either ground', (name) => {
    for (const ground of GROUNDS)
      expect(contrast(palette[name] as string, palette[ground] as string)).toBeGreaterThanOrEqual(TEXT);
  });
  test.each(MEANINGFUL)('a mark in %s is seen on either ground', (name) => {
    for (const ground of GROUNDS)
      expect(contrast(palette[name] as string, palette[ground] as string)).toBeGreaterThanOrEqual(GRAPHICS);
  });
  test.each(Object.entries(MACHADO))('candidate and baseline are told apart: %s', (_, matrix) => {
    expect(distance(palette.cand as string, palette.base as string, matrix)).toBeGreaterThan(APART);
  });
});

test('paper is always light', () => {
  const [light, , paper] = palettes.map(([, palette]) => palette);
  expect(paper).toEqual(light);
  expect(after('@media print')).toContain('color-scheme:light');
});

import { expect, test } from 'vitest';
import { chipId } from '../../functions/core/telemetry/scope-id.ts';

const UUID = 'GPU-1f027ee8-5d5c-4c31-bb17-6a0cbb3a2a11';
const NAMES = { uuid: UUID, serial: '17', busId: '00000000:4F:00.0', index: 3, node: 'n1' };

test.each([
  ['its UUID before all', NAMES, 'a.csv', {}, UUID],
  ['a UUID without its prefix', { uuid: UUID.slice('GPU-'.length).toUpperCase() }, 'a.csv', {}, UUID],
  ['an id of another maker as it is', { uuid: '01P4-HL3090A0-18' }, 'a.csv', {}, '01P4-HL3090A0-18'],
  ['its serial number on any host', { serial: '17', node: 'n1' }, 'a.csv', {}, '17'],
  ['its bus id on its host', { busId: '00000000:4F:00.0', node: 'n1' }, 'a.csv', {}, 'n1/00000000:4F:00.0'],
  ['its index on the host of the file', { index: 0, node: 'n1' }, 'a/b.csv', { node: 'n2' }, 'n1/gpu0'],
  ['its index on the host of the rule', { index: 0 }, 'a/b.csv', { node: 'n2' }, 'n2/gpu0'],
  ['its index in the folder', { index: '0' }, 'run/n7/b.csv', {}, 'run/n7/gpu0'],
  ['its index alone', { index: 0 }, 'b.csv', {}, 'gpu0'],
  ['what run.json calls its UUID', NAMES, 'a.csv', { scopes: { [UUID]: 'chip-a' } }, 'chip-a'],
  ['what run.json calls its index', { index: 3 }, 'a.csv', { scopes: { '3': 'chip-a' } }, 'chip-a'],
  ['nothing', { node: 'n1' }, 'a.csv', {}, null],
  ['nothing by accident', { index: 'constructor' }, 'a.csv', { scopes: {} }, 'gpuconstructor'],
])('a chip goes by %s', (_what, names, path, rule, id) => {
  expect(chipId(names, { path, rule })).toBe(id);
});

/**
 * Numbers that DCGM writes where it has none: blank, not found, not supported, not permissioned, of 32-bit and
 * 64-bit integers and of doubles, and the 32-bit one as unsigned. Source: NVIDIA/DCGM, dcgmlib/dcgm_structs.h
 * (DCGM_INT32_BLANK and so on); 4294967295 as seen in files. The 64-bit ones are all the same double.
 */
export const DCGM_BLANKS: readonly number[] = [
  2_147_483_632,
  2_147_483_633,
  2_147_483_634,
  2_147_483_635,
  4_294_967_295,
  140_737_488_355_328,
  140_737_488_355_329,
  140_737_488_355_330,
  140_737_488_355_331,
  2 ** 63,
];

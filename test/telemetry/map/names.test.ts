import { expect, test } from 'vitest';
import { dimensionsOfUnit } from '../../../functions/core/telemetry/dimensions.ts';
import { fieldOf, readName, scopeWords } from '../../../functions/core/telemetry/map/names.ts';
import { UNIT_NAMES } from '../../../functions/core/telemetry/units.ts';

test.each<[string, string | null, string | null]>([
  ['power_mw', 'power_w', 'mW'],
  ['power_mW', 'power_w', 'mW'],
  ['facility_power_MW', 'power_w', 'MW'],
  ['Power (W)', 'power_w', 'W'],
  ['ActivePower(W)', 'power_w', 'W'],
  ['board.power [kW]', 'power_w', 'kW'],
  ['n1_watts', 'power_w', 'W'],
  ['power', 'power_w', null],
  ['power1_input', 'power_w', 'uW'],
  ['energy1_input', 'energy_j', 'uJ'],
  ['energy_uj', 'energy_j', 'uJ'],
  ['total_kWh', 'energy_j', 'kWh'],
  ['energy_joules_total', 'energy_j', 'J'],
  ['socketPowerW', 'power_w', 'W'],
  ['InputPowerWatts.Reading', 'power_w', 'W'],
  ['TemperatureCelsius.Reading', 'temperature_c', 'C'],
  ['EnergykWh.Reading', 'energy_j', 'kWh'],
  ['clockMHz', 'clock_hz', 'MHz'],
  ['temp_c', 'temperature_c', 'C'],
  ['gpu.temperatureCelsius', 'temperature_c', 'C'],
  ['Temperature (°C)', 'temperature_c', 'C'],
  ['clk (MHz)', 'clock_hz', 'MHz'],
  ['core_clock_mhz', 'clock_hz', 'MHz'],
  ['util_pct', 'utilization_ratio', '%'],
  ['utilization [%]', 'utilization_ratio', '%'],
  ['matmul_active_ratio', 'tensor_active_ratio', 'ratio'],
  ['throttle_thermal', 'throttled_thermal_ratio', null],
  ['throttled_power_us', 'throttled_power_s', 'us'],
  ['ecc_uncorrectable', 'ecc_uncorrected_total', null],
  ['ecc_ce', 'ecc_corrected_total', null],
  ['error_count', 'faults_total', null],
  // What is set, or of another part, is no reading of the chip.
  ['power_limit_w', null, 'W'],
  ['power.max [W]', null, 'W'],
  ['temp_threshold_c', null, 'C'],
  ['memory_temp_c', null, 'C'],
  ['cpu_power_w', null, 'W'],
  ['mem_clock_mhz', null, 'MHz'],
  ['memory_util_pct', null, '%'],
  ['fan_rpm', null, null],
  ['aggregationTemporality', null, null],
  ['PowerControl.count', null, null],
  ['clocks_event_reasons_counters.sync_boost [us]', null, 'us'],
  ['PowerSupplies.EfficiencyPercent', null, '%'],
  ['power_util_pct', 'utilization_ratio', '%'],
  ['AllocatedWatts', null, 'W'],
  ['voltage_mv', null, null],
])('the name %s stands for %s in %s', (name, field, unit) => {
  const reading = readName(name);
  expect([fieldOf(reading), reading.unit]).toEqual([field, unit]);
});

test('millidegrees of hwmon have a scale, as no unit stands for them', () => {
  expect(readName('temp1_input')).toMatchObject({ unit: null, scale: 0.001 });
});

test.each([
  ['n1_watts', 'n1'],
  ['gpu0_power_w', 'gpu0'],
  ['chip 12 temperature (C)', 'chip_12'],
  ['board_power_w', 'board'],
  ['power_w', ''],
])('what tells %s from other columns is %j', (name, part) => {
  expect(scopeWords(readName(name))).toBe(part);
});

test('every unit measures something', () => {
  expect(UNIT_NAMES.filter((unit) => dimensionsOfUnit(unit).length === 0)).toEqual([]);
});

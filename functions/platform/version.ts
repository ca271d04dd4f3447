import packageJson from '../../package.json' with { type: 'json' };

/** Version of the code, as every receipt, evaluation and decision records it. */
export const CODE_VERSION = `wattline ${packageJson.version}`;

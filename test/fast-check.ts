import fc from 'fast-check';

/**
 * Properties are tested on the same examples everywhere, so that a change is judged by what it changed. Other examples
 * are looked at on purpose: `FAST_CHECK_SEED=$RANDOM npm test`, and what they find gets a test of its own.
 */
const DEFAULT_SEED = 20_261_124;

fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? DEFAULT_SEED) });

export { fc };

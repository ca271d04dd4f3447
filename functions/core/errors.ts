/** Messages quote what was found in files, which may be anything. */
const MESSAGE_LIMIT = 1_000;

/** A message whose middle is left out where it is too long: its ends name the file and what was expected. */
const bounded = (message: string): string =>
  message.length <= MESSAGE_LIMIT
    ? message
    : `${message.slice(0, MESSAGE_LIMIT / 2)} … ${message.slice(-MESSAGE_LIMIT / 2)}`;

/**
 * Base of every error that Wattline raises on purpose.
 *
 * `code` is stable and may be matched on; `retryable` says whether the same call can succeed later without
 * anybody changing the input. Handlers decide on `retryable` alone. The message names the offender, the value
 * and what was expected.
 */
export class WattlineError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(bounded(message), { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** The input itself is wrong: a manifest, a policy, a file, an option. Never retryable. */
export class InputError extends WattlineError {}

/** The world did not answer: a timeout, a throttle, a conflict that lasted. Always retryable. */
export class TransientError extends WattlineError {
  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(code, message, { ...options, retryable: true });
  }
}

const TOKEN = /\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?|[A-Za-z_]\w*|[-+*/()])/y;

/**
 * Metric math as far as the dashboards use it: numbers, names, + - * / and brackets.
 *
 * @throws Error for anything else, so that nothing is drawn wrongly.
 */
export function evaluate(expression: string, lookUp: (name: string) => number): number {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(expression)?.[1];
    if (token === undefined) throw new Error(`${expression}: expected arithmetic at ${at}`);
    tokens.push(token);
  }
  const value = sum(tokens, lookUp);
  if (tokens.length > 0) throw new Error(`${expression}: expected its end before ${tokens.join(' ')}`);
  return value;
}

function sum(tokens: string[], lookUp: (name: string) => number): number {
  let value = product(tokens, lookUp);
  while (tokens[0] === '+' || tokens[0] === '-') {
    const sign = tokens.shift() === '+' ? 1 : -1;
    value += sign * product(tokens, lookUp);
  }
  return value;
}

function product(tokens: string[], lookUp: (name: string) => number): number {
  let value = factor(tokens, lookUp);
  while (tokens[0] === '*' || tokens[0] === '/') {
    if (tokens.shift() === '*') value *= factor(tokens, lookUp);
    else value /= factor(tokens, lookUp);
  }
  return value;
}

function factor(tokens: string[], lookUp: (name: string) => number): number {
  const token = tokens.shift() ?? '';
  if (token === '-') return -factor(tokens, lookUp);
  if (token === '(') {
    const value = sum(tokens, lookUp);
    if (tokens.shift() !== ')') throw new Error('expected a closing bracket');
    return value;
  }
  if (/^\d/.test(token)) return Number(token);
  if (/^\w/.test(token)) return lookUp(token);
  throw new Error(`expected a number, a name or a bracket, not ${JSON.stringify(token)}`);
}

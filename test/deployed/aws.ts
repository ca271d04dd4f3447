import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/** A client of the AWS SDK, as far as it is used here. */
interface Client {
  send(command: object): Promise<unknown>;
}
type Constructor = new (input: object) => object;

/**
 * Clients that only these checks need lie in a folder of their own (run.sh), those of the product beside the product;
 * from there both are found.
 */
const load = createRequire(join(resolve(process.env.WATTLINE_SDK ?? '.'), 'package.json'));
const clients = new Map<string, Client>();

/** What clients of some services are told besides the environment. */
const SETTINGS: Readonly<Record<string, object>> = {
  s3: { forcePathStyle: true },
  sqs: { useQueueUrlAsEndpoint: false },
};

function classOf(service: string, isWanted: (name: string) => boolean): Constructor {
  const found = Object.entries(load(`@aws-sdk/client-${service}`) as Record<string, Constructor>).find(
    ([name]) => isWanted(name),
  );
  if (!found) throw new Error(`@aws-sdk/client-${service}: no such export`);
  return found[1];
}

/** Sends one command with the real SDK: `call('sqs', 'GetQueueAttributes', {…})`. */
export async function call<T = Record<string, unknown>>(
  service: string,
  operation: string,
  input: object = {},
): Promise<T> {
  let client = clients.get(service);
  if (!client) {
    const own = (name: string) =>
      name.toLowerCase() === `${service.replaceAll('-', '')}client` && name !== '__Client';
    client = new (classOf(service, own))({ ...SETTINGS[service] }) as Client;
    clients.set(service, client);
  }
  const Command = classOf(service, (name) => name === `${operation}Command`);
  return (await client.send(new Command(input))) as T;
}

/** Null where the service says that what is asked for is not there. */
export async function callIfThere<T = Record<string, unknown>>(
  ...order: Parameters<typeof call>
): Promise<T | null> {
  try {
    return await call<T>(...order);
  } catch (error) {
    if (/NotFound|NoSuch|NonExistent|DoesNotExist|404/.test(String((error as Error).name))) return null;
    throw error;
  }
}

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  copyFile,
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError, TransientError } from '../core/errors.ts';
import { sha256 } from './hash.ts';
import { hasControlCharacter } from './landing.ts';
import { byKey } from './memory-store.ts';
import {
  type GetOptions,
  type ObjectInfo,
  ObjectMissingError,
  type ObjectStore,
  PreconditionFailedError,
  type PutOptions,
  type StoredObject,
  type Upload,
} from './object-store.ts';

/** Side folder with every version, its locks and unfinished writes; never listed. */
const SIDE = '.versions';
const LOCK_TRIES = 200;
const LOCK_WAIT_MS = 10;

/**
 * A bucket in a folder: the current object of a key lies at its own path, so that people can look at it; every
 * version lies in the side folder. Version ids are a running number and a hash, without a clock.
 */
export class DirectoryStore implements ObjectStore {
  readonly bucket: string;
  private readonly folder: string;

  constructor(bucket: string, folder: string) {
    this.bucket = bucket;
    this.folder = folder;
  }

  /** Path of the current object. */
  pathOf(key: string): string {
    const parts = key.split('/');
    const isUnsafe =
      hasControlCharacter(key) ||
      key.includes('\\') ||
      parts.some((p) => p === '' || p === '.' || p === '..' || p === SIDE);
    if (isUnsafe)
      throw new InputError('key-form', `object key ${JSON.stringify(key)}: expected plain path parts`);
    return join(this.folder, ...parts);
  }

  private sideOf(key: string): string {
    return join(this.folder, SIDE, sha256(key).slice(0, 40));
  }

  private async newest(key: string): Promise<ObjectInfo | null> {
    try {
      return JSON.parse(await readFile(join(this.sideOf(key), 'current.json'), 'utf8')) as ObjectInfo | null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async get(key: string, { version, range, signal }: GetOptions = {}): Promise<StoredObject> {
    const info = await this.head(key, version === undefined ? {} : { version });
    if (!info) throw new ObjectMissingError(this.bucket, key, version);
    const path = join(this.sideOf(key), info.version);
    const options = {
      ...(range ? { start: range.first, end: range.last } : {}),
      ...(signal ? { signal } : {}),
    };
    return {
      ...info,
      body: createReadStream(path, { highWaterMark: 256 * 1024, ...options }),
      isOwned: true,
    };
  }

  async head(key: string, { version }: Pick<GetOptions, 'version'> = {}): Promise<ObjectInfo | null> {
    this.pathOf(key);
    if (version === undefined) return this.newest(key);
    if (!/^\d{6}-[0-9a-f]{16}$/.test(version)) return null;
    try {
      const path = join(this.sideOf(key), version);
      const { size } = await stat(path);
      return { key, version, etag: etagOf(version), sizeBytes: size };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async put(key: string, body: Uint8Array, options: PutOptions = {}): Promise<ObjectInfo> {
    const upload = this.upload(key, options);
    try {
      await upload.write(body);
    } catch (error) {
      await upload.abort();
      throw error;
    }
    return upload.finish();
  }

  /** Written to the side folder as it comes, and named when it is complete. */
  upload(key: string, { ifNoneMatch, ifMatch }: PutOptions = {}): Upload {
    const path = this.pathOf(key);
    const side = this.sideOf(key);
    const part = join(side, `${randomUUID()}.part`);
    const aside = join(side, `${randomUUID()}.part`);
    const hash = createHash('sha256');
    let file: FileHandle | null = null;
    let sizeBytes = 0;
    const opened = async (): Promise<FileHandle> => {
      if (!file) {
        await mkdir(side, { recursive: true });
        file = await open(part, 'wx');
      }
      return file;
    };
    const abort = async (): Promise<void> => {
      await file?.close();
      await rm(part, { force: true });
    };
    return {
      abort,
      write: async (bytes) => {
        hash.update(bytes);
        sizeBytes += bytes.length;
        await (await opened()).writeFile(bytes);
      },
      finish: async () => {
        await (await opened()).close();
        file = null;
        try {
          return await this.locked(key, async () => {
            const before = await this.newest(key);
            const isRefused = (ifNoneMatch && before) || (ifMatch !== undefined && before?.etag !== ifMatch);
            if (isRefused) throw new PreconditionFailedError(this.bucket, key);
            const count = (await readdir(side)).filter((name) => /^\d{6}-/.test(name)).length;
            const version = `${String(count + 1).padStart(6, '0')}-${hash.digest('hex').slice(0, 16)}`;
            await rename(part, join(side, version));
            await mkdir(dirname(path), { recursive: true });
            await show(join(side, version), path, aside);
            const info: ObjectInfo = { key, version, etag: etagOf(version), sizeBytes };
            await replace(join(side, 'current.json'), Buffer.from(JSON.stringify(info)));
            return info;
          });
        } finally {
          await rm(part, { force: true });
        }
      },
    };
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const keys = await this.keys(prefix);
    for (const { key } of keys.filter((k) => k.key.startsWith(prefix)).sort(byKey)) {
      const info = await this.newest(key);
      if (info) yield info;
    }
  }

  /** Keys in the folder that a prefix names, and below it: all that can begin with it. */
  private async keys(prefix: string): Promise<{ key: string }[]> {
    const found: { key: string }[] = [];
    const walk = async (folder: string, above: string): Promise<void> => {
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        if (above === '' && entry.name === SIDE) continue;
        if (entry.isDirectory()) await walk(join(folder, entry.name), `${above}${entry.name}/`);
        else found.push({ key: `${above}${entry.name}` });
      }
    };
    const parts = prefix.split('/').slice(0, -1);
    // No key has such a part.
    if (parts.some((p) => p === '' || p === '.' || p === '..' || p === SIDE)) return [];
    const above = parts.map((p) => `${p}/`).join('');
    await walk(join(this.folder, ...parts), above).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
    return found;
  }

  async delete(key: string): Promise<void> {
    const path = this.pathOf(key);
    await this.locked(key, async (side) => {
      await rm(path, { force: true });
      await rm(join(side, 'current.json'), { force: true });
    });
  }

  /** One writer of a key at a time, also between processes. */
  private async locked<T>(key: string, work: (side: string) => Promise<T>): Promise<T> {
    const side = this.sideOf(key);
    await mkdir(side, { recursive: true });
    const lock = join(side, 'lock');
    for (let tries = 0; ; tries += 1) {
      try {
        await (await open(lock, 'wx')).close();
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        if (tries === LOCK_TRIES)
          throw new TransientError('locked', `${key}: another process keeps writing it (${lock})`, {
            cause: error,
          });
        await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT_MS));
      }
    }
    try {
      return await work(side);
    } finally {
      await rm(lock, { force: true });
    }
  }
}

const etagOf = (version: string): string => `"${version}"`;
const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Puts a version at its own path in one step: whoever lists meanwhile, or after a crash, finds the key. */
async function show(version: string, path: string, aside: string): Promise<void> {
  await link(version, aside).catch(() => copyFile(version, aside));
  await rename(aside, path);
}

/** Writes a file so that no one sees it half. */
async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.part`, bytes);
  await rename(`${path}.part`, path);
}

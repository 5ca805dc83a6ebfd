/** A file or folder of an archive; owned by root. */
export interface TarEntry {
  /** Path without a leading slash; a folder ends in a slash. At most 100 bytes. */
  path: string;
  mode: number;
  content?: string;
}

const BLOCK = 512;

function header(entry: TarEntry, size: number, mtime: number): Buffer {
  if (Buffer.byteLength(entry.path) > 100) throw new RangeError(`tar: path has more than 100 bytes: ${entry.path}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, "0"), at, "latin1");
  block.write(entry.path, 0);
  octal(entry.mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(mtime, 136, 12);
  block.write(entry.path.endsWith("/") ? "5" : "0", 156);
  block.write("ustar\0" + "00", 257, "latin1");
  block.write("root", 265);
  block.write("root", 297);
  // The checksum counts its own field as spaces (POSIX pax, ustar header).
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** A ustar archive, a multiple of 512 bytes as a disk must be. `mtime` in seconds. */
export function tar(entries: TarEntry[], mtime: number): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? "");
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
    return [header(entry, content.length, mtime), content, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

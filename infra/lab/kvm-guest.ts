/** I/O port at which the tiny guest says that it is done (QEMU's `isa-debug-exit`). */
export const EXIT_PORT = 0xf4;
/** Exit status of QEMU after the guest's word: twice that and one. */
export const EXIT_STATUS = 33;
const WORD = (EXIT_STATUS - 1) / 2;

/** Rounds of the guest's loop: a few hundredths of a second for a CPU that runs them itself. */
const ROUNDS = 1 << 26;
const SIZE = 65_536;

/** Four bytes of a number, lowest first. */
const long = (value: number) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];

/** A firmware's last 64 kB lie here in the guest's memory. */
const BASE = 0xffff_0000;
const [TABLE, PROTECTED] = [0x30, 0x40];

/**
 * A guest in 60 bytes, as firmware: it goes to protected mode and counts. To start is not enough of a proof: there are
 * hosts with a `/dev/kvm` that runs each instruction in software, thousands of times slower, and seems to hang.
 */
export function tinyGuest(): Buffer {
  const memory = Buffer.alloc(SIZE, 0xf4); // hlt
  const put = (at: number, bytes: number[]) => Buffer.from(bytes).copy(memory, at);
  put(0x00, [
    ...[0xfa], //                                            cli
    ...[0x2e, 0x66, 0x0f, 0x01, 0x16, 0x20, 0x00], //        lgdt cs:[0x20]
    ...[0x0f, 0x20, 0xc0], //                                mov eax, cr0
    ...[0x0c, 0x01], //                                      or al, 1
    ...[0x0f, 0x22, 0xc0], //                                mov cr0, eax
    ...[0x66, 0xea, ...long(BASE + PROTECTED), 0x08, 0x00], // jmp 8:PROTECTED
  ]);
  put(0x20, [0x0f, 0x00, ...long(BASE + TABLE)]);
  put(TABLE, [0, 0, 0, 0, 0, 0, 0, 0]);
  put(TABLE + 8, [0xff, 0xff, 0, 0, 0, 0x9a, 0xcf, 0]); // code: 32 bit, 4 GiB from 0
  put(PROTECTED, [
    ...[0xb9, ...long(ROUNDS)], //                           mov ecx, ROUNDS
    ...[0x49, 0x75, 0xfd], //                                dec ecx; jnz back
    ...[0xb0, WORD, 0xe6, EXIT_PORT], //                     mov al, WORD; out EXIT_PORT, al
    ...[0xf4, 0xeb, 0xfd], //                                hlt; jmp back
  ]);
  // A CPU begins 16 bytes before the end of its first 4 GiB.
  put(SIZE - 16, [0xe9, 0x0d, 0x00]); // jmp 0
  return memory;
}

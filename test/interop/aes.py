"""AES-256 in counter mode (FIPS 197, SP 800-38A) on many blocks at once. Not constant time: for tests."""

import numpy as np


def _double(x: int) -> int:
    return (x << 1) ^ (0x11B if x & 0x80 else 0)


def _multiply(a: int, b: int) -> int:
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a, b = _double(a), b >> 1
    return product


def _substitute(x: int) -> int:
    inverse = next((y for y in range(256) if _multiply(x, y) == 1), 0)
    rotated = [(inverse << shift | inverse >> (8 - shift)) & 0xFF for shift in range(5)]
    return 0x63 ^ rotated[0] ^ rotated[1] ^ rotated[2] ^ rotated[3] ^ rotated[4]


SBOX = np.array([_substitute(x) for x in range(256)], dtype=np.uint8)
DOUBLED = np.array([_double(x) & 0xFF for x in range(256)], dtype=np.uint8)
SHIFT_ROWS = np.array([(5 * i) % 16 for i in range(16)])


def _round_keys(key: bytes) -> np.ndarray:
    words = [list(key[i : i + 4]) for i in range(0, 32, 4)]
    constant = 1
    for i in range(8, 60):
        word = words[i - 1]
        if i % 8 == 0:
            word = [int(SBOX[b]) for b in word[1:] + word[:1]]
            word[0] ^= constant
            constant = _double(constant)
        elif i % 8 == 4:
            word = [int(SBOX[b]) for b in word]
        words.append([a ^ b for a, b in zip(words[i - 8], word, strict=True)])
    return np.array(words, dtype=np.uint8).reshape(15, 16)


def encrypt_blocks(key: bytes, blocks: np.ndarray) -> np.ndarray:
    """`blocks`: one row of 16 bytes each."""
    keys = _round_keys(key)
    state = blocks ^ keys[0]
    for number in range(1, 15):
        state = SBOX[state][:, SHIFT_ROWS]
        if number < 14:
            columns = state.reshape(-1, 4, 4)
            following = np.roll(columns, -1, axis=2)
            total = np.bitwise_xor.reduce(columns, axis=2, keepdims=True)
            state = (columns ^ total ^ DOUBLED[columns ^ following]).reshape(-1, 16)
        state = state ^ keys[number]
    return state


def key_stream(key: bytes, stream: int, offset: int, count: int) -> bytes:
    """`count` bytes from byte `offset`, a multiple of 16. Counter block: stream (4 bytes), zeros (4), block number (8),
    big-endian."""
    numbers = np.arange(offset // 16, (offset + count + 15) // 16, dtype=">u8")
    blocks = np.zeros((len(numbers), 16), dtype=np.uint8)
    blocks[:, :4] = np.frombuffer(stream.to_bytes(4, "big"), dtype=np.uint8)
    blocks[:, 8:] = numbers.view(np.uint8).reshape(-1, 8)
    return encrypt_blocks(key, blocks).tobytes()[:count]

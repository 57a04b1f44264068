/** Tests by Lucas sequences: the strong test with Selfridge's parameters, and that of Mersenne numbers. */

/** Whether an odd `n`, which is no multiple of a small prime, passes the strong Lucas test. */
export function isStrongLucasProbablePrime(n: bigint): boolean {
  if (isSquare(n)) return false; // no parameter would ever be found
  const d = selfridge(n);
  if (d === undefined) return false;
  const q = (1n - d) / 4n;
  let odd = n + 1n;
  let twos = 0;
  for (; (odd & 1n) === 0n; twos++) odd >>= 1n;
  let [u, v, qk] = lucas(odd, d, q, n);
  if (u === 0n) return true;
  for (let r = 0; r < twos; r++) {
    if (v === 0n) return true;
    v = mod(v * v - 2n * qk, n);
    qk = mod(qk * qk, n);
  }
  return false;
}

/** Whether 2^k − 1 is prime, for a prime `k` above 2 (Lucas and Lehmer): a proof, either way. */
export function isMersennePrime(k: number): boolean {
  const bits = BigInt(k);
  const m = (1n << bits) - 1n;
  let s = 4n;
  for (let i = 2; i < k; i++) {
    s = s * s - 2n;
    // 2^k is 1 here, so the upper digits are added to the lower ones.
    while (s > m) s = (s & m) + (s >> bits);
    if (s === m) s = 0n;
  }
  return s === 0n;
}

/** The first of 5, −7, 9, −11, … of which the Jacobi symbol is −1; undefined if one shows a factor. */
function selfridge(n: bigint): bigint | undefined {
  for (let d = 5n; ; d = d > 0n ? -(d + 2n) : 2n - d) {
    const symbol = jacobi(mod(d, n), n);
    if (symbol === -1) return d;
    if (symbol === 0 && mod(d, n) !== 0n) return undefined;
  }
}

/** U, V and Q^k of index `k`, with P = 1. */
function lucas(k: bigint, d: bigint, q: bigint, n: bigint): [bigint, bigint, bigint] {
  let u = 1n;
  let v = 1n;
  let qk = mod(q, n);
  for (const bit of k.toString(2).slice(1)) {
    u = mod(u * v, n);
    v = mod(v * v - 2n * qk, n);
    qk = mod(qk * qk, n);
    if (bit === '0') continue;
    [u, v] = [half(u + v, n), half(d * u + v, n)];
    qk = mod(qk * q, n);
  }
  return [u, v, qk];
}

function half(a: bigint, n: bigint): bigint {
  return mod(((a & 1n) === 0n ? a : a + n) >> 1n, n);
}

function mod(a: bigint, n: bigint): bigint {
  const rest = a % n;
  return rest < 0n ? rest + n : rest;
}

function jacobi(above: bigint, below: bigint): -1 | 0 | 1 {
  let [a, n] = [above, below];
  let sign: -1 | 1 = 1;
  while (a !== 0n) {
    for (; (a & 1n) === 0n; a >>= 1n)
      if ((n & 7n) === 3n || (n & 7n) === 5n) sign = sign === 1 ? -1 : 1;
    [a, n] = [n, a];
    if ((a & 3n) === 3n && (n & 3n) === 3n) sign = sign === 1 ? -1 : 1;
    a %= n;
  }
  return n === 1n ? sign : 0;
}

function isSquare(n: bigint): boolean {
  let root = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n; // Newton, from above
    if (next >= root) return root * root === n;
    root = next;
  }
}

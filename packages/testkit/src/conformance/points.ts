/** X25519 points on which implementations go wrong (RFC 7748 §5, §6.1; the points of small order of Curve25519 and its twist). */

/** u-coordinates of small order, canonical and not: the shared secret with any of them is all zero. */
export const SMALL_ORDER_POINTS: readonly string[] = [
  '0000000000000000000000000000000000000000000000000000000000000000', // 0, order 4
  '0100000000000000000000000000000000000000000000000000000000000000', // 1, order 1 on the twist
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', // order 8
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157', // order 8
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // p - 1, order 2
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // p, is 0
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // p + 1, is 1
  '0000000000000000000000000000000000000000000000000000000000000080', // the top bit is ignored:
  '0100000000000000000000000000000000000000000000000000000000000080',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
]

/** Pairs of encodings of one point: canonical, and as RFC 7748 §5 also has it read. */
export const NONCANONICAL_POINTS: readonly (readonly [canonical: string, noncanonical: string])[] = [
  ['0900000000000000000000000000000000000000000000000000000000000000', 'f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
  ['0900000000000000000000000000000000000000000000000000000000000000', '0900000000000000000000000000000000000000000000000000000000000080'],
  ['0200000000000000000000000000000000000000000000000000000000000000', 'efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
  ['1200000000000000000000000000000000000000000000000000000000000000', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'],
]

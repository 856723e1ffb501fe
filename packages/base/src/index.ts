export {
  type Bytes,
  concatBytes,
  decodeBase64,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeBase64Url,
  encodeHex,
  encodeUtf8,
  equalBytes,
} from './bytes'
export {
  ArgumentError,
  AuthenticationError,
  type Expectation,
  HoldfastError,
  type HoldfastErrorOptions,
  type Remedy,
  type Retry,
  StructureError,
} from './errors'
export { isObject } from './is-object'
export { Secret } from './secret'
export { textOf } from './text-of'
export { type Clock, type Fetch, platformRandom, type Random, systemClock } from './world'

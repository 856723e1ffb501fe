export type {
  Aead,
  Backend,
  Container,
  ContainerContents,
  ContainerErrorCode,
  CryptoErrorCode,
  Engine,
  Envelopes,
  FileRecord,
  Hash,
  Kdf,
  KeyPair,
  PasswordHashOptions,
  SealedBox,
} from './engine'
export { type BackendInfo, backendInfo, engine, type Fallback, type InitOptions, init } from './init'
export { refuse } from './refusal'

/** What every entry exports beside its own `init` and `initSync`. */
export type { AcceleratorInfo, AcceleratorState } from './accelerator'
export type {
  Aead,
  Backend,
  Batch,
  Buffer,
  Container,
  ContainerContents,
  ContainerErrorCode,
  CryptoErrorCode,
  Engine,
  Envelopes,
  FileRecord,
  Handle,
  Hash,
  Kdf,
  Key,
  KeyHandle,
  KeyPair,
  KeyPairHandle,
  Keys,
  Messages,
  Nonces,
  OpenedBatch,
  PasswordHashOptions,
  Progress,
  Recipient,
  RecipientHandle,
  SealedBox,
  X25519,
} from './engine'
export { type BackendInfo, backendInfo, engine, type Fallback, type InitOptions, type InitSyncOptions } from './init'
export { refuse } from './refusal'
export type { BuildStamp, LoadErrorCode, WasmSource } from './wasm-bytes'

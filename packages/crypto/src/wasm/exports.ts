/** What `core.wasm` exports (crates/holdfast-wasm): addresses, lengths and counts go in, a code comes out, 0 for none. */
export interface CoreExports {
  readonly memory: WebAssembly.Memory
  slots(): number
  allocate(length: number): number
  release(at: number, length: number): void
  wipe(at: number, length: number): void
  result(): number
  result_length(): number
  forget_result(): void
  error_code(number: number): void
  aead_seal(extended: number, key: number, nonce: number, aad: number, aadLength: number, message: number, length: number): number
  aead_open(extended: number, key: number, nonce: number, aad: number, aadLength: number, message: number, length: number): number
  aead_seal_batch(extended: number, batch: number): number
  aead_open_batch(extended: number, batch: number): number
  envelope_seal_batch(batch: number): number
  envelope_open_batch(batch: number): number
  base64_decode_batch(text: number, length: number, ends: number, count: number): void
  x25519_derive_public_keys(secrets: number, publics: number, count: number): number
  x25519_shared_secrets(secrets: number, publics: number, shared: number, codes: number, count: number): number
  sealed_box_seal(table: number, publicKey: number, ephemeral: number, message: number, length: number): number
  sealed_box_open(publicKey: number, secretKey: number, message: number, length: number): number
  sealed_box_seal_batch(batch: number): number
  sealed_box_open_batch(batch: number): number
  recipient_table(publicKey: number): number
  recipient_release(table: number): void
  blake2b(message: number, length: number, key: number, keyLength: number, out: number, outLength: number): number
  blake3(message: number, length: number, out: number, outLength: number): number
  subkey(key: number, context: number, id: number, out: number, outLength: number): number
  scrypt(password: number, length: number, salt: number, opsLimit: number, memLimit: number, out: number, outLength: number): number
  argon2id(password: number, length: number, salt: number, opsLimit: number, memLimit: number, out: number, outLength: number): number
  record_encode(name: number, nameLength: number, path: number, pathLength: number, content: number, length: number): number
  record_decode(cbor: number, length: number): number
  packer_start(rootKeyJson: number, length: number, mtime: number, reserve: number): number
  packer_file(name: number, nameLength: number, path: number, pathLength: number, content: number, length: number): number
  packer_finish(): number
  packer_finish_sealed(publicKey: number, ephemeral: number): number
  container_forget(): void
  container_unpack(container: number, length: number, maxBytes: number): number
  container_unpack_sealed(publicKey: number, secretKey: number, sealed: number, length: number, maxBytes: number): number
  bytes_left(): number
  next_file(): number
  file_part(part: number): number
  file_part_length(part: number): number
}

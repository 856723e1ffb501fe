/* tslint:disable */
/* eslint-disable */

export function aead_open(extended: boolean, key: Uint8Array | number[], nonce: Uint8Array | number[], aad: Uint8Array | number[], ciphertext: Uint8Array | number[]): Uint8Array;

export function aead_seal(extended: boolean, key: Uint8Array | number[], nonce: Uint8Array | number[], aad: Uint8Array | number[], plaintext: Uint8Array | number[]): Uint8Array;

export function argon2id(password: Uint8Array | number[], salt: Uint8Array | number[], ops_limit: number, mem_limit: number, length: number): Uint8Array;

export function blake2b(message: Uint8Array | number[], length: number, key: Uint8Array | number[]): Uint8Array;

export function blake3(message: Uint8Array | number[], length: number): Uint8Array;

/**
 * `parts` is a flat list: root key JSON, then designator, path and content of each file.
 */
export function container_pack(parts: Uint8Array | number[], mtime: number): Uint8Array;

/**
 * `container_pack` and sealed box in one.
 */
export function container_pack_sealed(public_key: Uint8Array | number[], ephemeral_secret: Uint8Array | number[], parts: Uint8Array | number[], mtime: number): Uint8Array;

/**
 * A flat list: root key JSON, then designator, path and content of each file.
 */
export function container_unpack(packed: Uint8Array | number[], max_bytes: number): Uint8Array;

/**
 * Sealed box and `container_unpack` in one.
 */
export function container_unpack_sealed(public_key: Uint8Array | number[], secret_key: Uint8Array | number[], sealed: Uint8Array | number[], max_bytes: number): Uint8Array;

/**
 * Answers a flat list; an item that was refused is a single length with the top bit set and the number below it.
 */
export function envelopes_open(keys: Uint8Array | number[], envelopes: Uint8Array | number[]): Uint8Array;

/**
 * `keys` 32 bytes each, `nonces` 12 bytes each, `plaintexts` a flat list; answers a flat list.
 */
export function envelopes_seal(keys: Uint8Array | number[], nonces: Uint8Array | number[], plaintexts: Uint8Array | number[]): Uint8Array;

/**
 * The code of a refusal's number, so that TypeScript keeps no second table.
 */
export function error_codes(): string;

/**
 * A flat list: designator, path, content.
 */
export function record_decode(cbor: Uint8Array | number[]): Uint8Array;

export function record_encode(designator: string, path: string, content: Uint8Array | number[]): Uint8Array;

export function scrypt(password: Uint8Array | number[], salt: Uint8Array | number[], ops_limit: number, mem_limit: number, length: number): Uint8Array;

export function sealed_box_open(public_key: Uint8Array | number[], secret_key: Uint8Array | number[], sealed: Uint8Array | number[]): Uint8Array;

export function sealed_box_seal(public_key: Uint8Array | number[], ephemeral_secret: Uint8Array | number[], plaintext: Uint8Array | number[]): Uint8Array;

export function subkey(key: Uint8Array | number[], context: Uint8Array | number[], id: bigint, length: number): Uint8Array;

export function x25519_derive_public_key(secret_key: Uint8Array | number[]): Uint8Array;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly aead_open: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => [number, number, number, number];
    readonly aead_seal: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => [number, number, number, number];
    readonly argon2id: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly blake2b: (a: number, b: number, c: number, d: number, e: number) => [number, number, number, number];
    readonly blake3: (a: number, b: number, c: number) => [number, number, number, number];
    readonly container_pack: (a: number, b: number, c: number) => [number, number, number, number];
    readonly container_pack_sealed: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly container_unpack: (a: number, b: number, c: number) => [number, number, number, number];
    readonly container_unpack_sealed: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly envelopes_open: (a: number, b: number, c: number, d: number) => [number, number, number, number];
    readonly envelopes_seal: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number, number];
    readonly error_codes: () => [number, number];
    readonly record_decode: (a: number, b: number) => [number, number, number, number];
    readonly record_encode: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number, number];
    readonly scrypt: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly sealed_box_open: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number, number];
    readonly sealed_box_seal: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number, number];
    readonly subkey: (a: number, b: number, c: number, d: number, e: bigint, f: number) => [number, number, number, number];
    readonly x25519_derive_public_key: (a: number, b: number) => [number, number, number, number];
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __externref_table_dealloc: (a: number) => void;
    readonly __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;

//! The shared vectors (`vectors/*.json`), the same files that the TypeScript runner reads.
//!
//! A case of an operation that only TypeScript has is skipped and counted, never passed. Operations this runner should
//! know are written out in `run`; a new one in the files shows up in the count of skipped cases.

mod turtl;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use holdfast_core::aead::{self, Algorithm};
use holdfast_core::turtl::{envelope, sealed_message};
use holdfast_core::world::{backup, container, manifest::Manifest, record, root_key, Designator};
use holdfast_core::{hash, kdf, sealed_box, x25519, Error};
use serde_json::{json, Map, Value};

/// What TypeScript decompresses at most (world-backup-client §3.5); far more than any case needs.
const MAX_BYTES: u64 = 1 << 28;

/// The answer of an operation: its members, or the code it refused with.
type Answer = Result<Value, &'static str>;

fn refusal(error: Error) -> &'static str {
    error.code()
}

/// The `in` object of a case. A case of another shape is a mistake in the vectors, and panics.
struct Input<'a>(&'a Map<String, Value>);

impl Input<'_> {
    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("{name} is not text"))
    }

    fn number(&self, name: &str) -> u64 {
        self.0[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{name} is not a number"))
    }

    fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// Hex, or a repeated piece of hex.
    fn bytes(&self, name: &str) -> Result<Vec<u8>, &'static str> {
        match &self.0[name] {
            Value::String(text) => hex::decode(text).map_err(|_| "invalid_hex"),
            large => {
                let piece = hex::decode(large["repeat"].as_str().expect("repeat")).map_err(|_| "invalid_hex")?;
                Ok(piece.repeat(large["times"].as_u64().expect("times") as usize))
            }
        }
    }

    /// Absent means empty.
    fn optional_bytes(&self, name: &str) -> Result<Vec<u8>, &'static str> {
        if self.has(name) {
            self.bytes(name)
        } else {
            Ok(Vec::new())
        }
    }

    /// Of exactly `N` bytes, or an invalid argument.
    fn array<const N: usize>(&self, name: &str) -> Result<[u8; N], &'static str> {
        self.bytes(name)?.try_into().map_err(|_| "invalid_argument")
    }
}

/// `None`: an operation of TypeScript alone.
fn run(op: &str, input: &Input<'_>) -> Option<Answer> {
    let answer = match op {
        "aead.chacha20poly1305.seal" => aead_seal(Algorithm::ChaCha20Poly1305, input),
        "aead.chacha20poly1305.open" => aead_open(Algorithm::ChaCha20Poly1305, input),
        "aead.xchacha20poly1305.seal" => aead_seal(Algorithm::XChaCha20Poly1305, input),
        "aead.xchacha20poly1305.open" => aead_open(Algorithm::XChaCha20Poly1305, input),
        "x25519.public" => x25519_public(input),
        "sealedbox.seal" => box_seal(input),
        "sealedbox.open" => box_open(input),
        "kdf.scryptsalsa208sha256" => scrypt(input),
        "kdf.argon2id" => argon2id(input),
        "kdf.cryptokdf" => subkey(input),
        "hash.blake2b" => blake2b(input),
        "hash.blake3" => blake3(input),
        "turtl.envelope.seal" => envelope_seal(input),
        "turtl.envelope.open" => envelope_open(input, "envelope"),
        "turtl.file.open" => envelope_open(input, "file"),
        "turtl.sealed.open" => sealed_open(input),
        "turtl.masterkey" => turtl::master_key(input),
        "turtl.authtoken" => turtl::auth_token(input),
        "turtl.logintoken.open" => turtl::login_token_open(input),
        "turtl.invite.seal" => turtl::invite_seal(input),
        "turtl.invite.open" => turtl::invite_open(input),
        "turtl.account.open" => turtl::account_open(input),
        "world.rootkey.parse" => root_key_parse(input),
        "world.filerecord.encode" => record_encode(input),
        "world.filerecord.decode" => record_decode(input),
        "world.container.decode" => container_decode(input),
        "world.manifest.hash" => manifest_hash(input),
        "world.backup.open" => backup_open(input),
        "world.factor.open" => factor_open(input),
        _ => return None,
    };
    Some(answer)
}

fn one(name: &str, bytes: &[u8]) -> Value {
    json!({ name: hex::encode(bytes) })
}

fn aead_seal(algorithm: Algorithm, input: &Input<'_>) -> Answer {
    let (key, nonce) = (input.array("key")?, input.bytes("nonce")?);
    let sealed = aead::seal(
        algorithm,
        &key,
        &nonce,
        &input.optional_bytes("aad")?,
        &input.bytes("plaintext")?,
    );
    Ok(one("ciphertext", &sealed.map_err(refusal)?))
}

fn aead_open(algorithm: Algorithm, input: &Input<'_>) -> Answer {
    let (key, nonce) = (input.array("key")?, input.bytes("nonce")?);
    let opened = aead::open(
        algorithm,
        &key,
        &nonce,
        &input.optional_bytes("aad")?,
        &input.bytes("ciphertext")?,
    );
    Ok(one("plaintext", &opened.map_err(refusal)?))
}

fn x25519_public(input: &Input<'_>) -> Answer {
    Ok(one("publicKey", &x25519::derive_public_key(&input.array("secretKey")?)))
}

fn box_seal(input: &Input<'_>) -> Answer {
    let (public, ephemeral) = (input.array("publicKey")?, input.array("ephemeralSecret")?);
    let sealed = sealed_box::seal(&public, &ephemeral, &input.bytes("plaintext")?);
    Ok(one("box", &sealed.map_err(refusal)?))
}

fn box_open(input: &Input<'_>) -> Answer {
    let (public, secret) = (input.array("publicKey")?, input.array("secretKey")?);
    let opened = sealed_box::open(&public, &secret, &input.bytes("box")?);
    Ok(one("plaintext", &opened.map_err(refusal)?))
}

fn scrypt(input: &Input<'_>) -> Answer {
    let (password, salt) = (input.bytes("password")?, input.array("salt")?);
    let (ops, memory) = (input.number("opsLimit"), input.number("memLimit"));
    let key = kdf::scrypt(&password, &salt, ops, memory, input.number("length") as usize);
    Ok(one("key", &key.map_err(refusal)?))
}

fn argon2id(input: &Input<'_>) -> Answer {
    let (password, salt) = (input.bytes("password")?, input.array("salt")?);
    let (ops, memory) = (input.number("opsLimit"), input.number("memLimit"));
    let key = kdf::argon2id(&password, &salt, ops, memory, input.number("length") as usize);
    Ok(one("key", &key.map_err(refusal)?))
}

fn subkey(input: &Input<'_>) -> Answer {
    let key = input.array("key")?;
    let context: &[u8; 8] = input
        .text("context")
        .as_bytes()
        .try_into()
        .map_err(|_| "invalid_argument")?;
    let id = input.text("id").parse().map_err(|_| "invalid_argument")?;
    let subkey = kdf::subkey(&key, context, id, input.number("length") as usize);
    Ok(one("subkey", &subkey.map_err(refusal)?))
}

fn blake2b(input: &Input<'_>) -> Answer {
    let length = if input.has("length") {
        input.number("length")
    } else {
        32
    };
    let digest = hash::blake2b(&input.bytes("message")?, length as usize, &input.optional_bytes("key")?);
    Ok(one("digest", &digest.map_err(refusal)?))
}

fn blake3(input: &Input<'_>) -> Answer {
    let length = if input.has("length") {
        input.number("length")
    } else {
        32
    };
    let digest = hash::blake3(&input.bytes("message")?, length as usize);
    Ok(one("digest", &digest.map_err(refusal)?))
}

fn envelope_seal(input: &Input<'_>) -> Answer {
    let (key, nonce) = (input.array("key")?, input.array("nonce")?);
    let sealed = envelope::seal(&key, &nonce, &input.bytes("plaintext")?);
    Ok(one("envelope", &sealed.map_err(refusal)?))
}

fn envelope_open(input: &Input<'_>, name: &str) -> Answer {
    let opened = envelope::open(&input.array("key")?, &input.bytes(name)?);
    Ok(one("plaintext", &opened.map_err(refusal)?))
}

fn sealed_open(input: &Input<'_>) -> Answer {
    let (public, secret) = (input.array("publicKey")?, input.array("secretKey")?);
    let opened = sealed_message::open(&public, &secret, &input.bytes("message")?);
    Ok(one("plaintext", &opened.map_err(refusal)?))
}

fn root_key_parse(input: &Input<'_>) -> Answer {
    let json = root_key::canonical(input.text("json")).map_err(refusal)?;
    Ok(json!({ "json": *json }))
}

fn record_encode(input: &Input<'_>) -> Answer {
    let designator = Designator::from_name(input.text("designator")).ok_or("invalid_file_record")?;
    let cbor = record::encode(designator, input.text("path"), &input.bytes("content")?);
    Ok(one("cbor", &cbor))
}

fn file(file: &record::FileRecord) -> Value {
    json!({ "designator": file.designator.name(), "path": file.path, "content": hex::encode(&file.content) })
}

fn record_decode(input: &Input<'_>) -> Answer {
    Ok(file(&record::decode(&input.bytes("cbor")?).map_err(refusal)?))
}

fn container_decode(input: &Input<'_>) -> Answer {
    let contents = container::unpack(&input.bytes("container")?, MAX_BYTES).map_err(refusal)?;
    let root_key_json = root_key::canonical(&contents.root_key_json).map_err(refusal)?;
    let files: Vec<_> = contents.files.iter().map(file).collect();
    Ok(json!({ "rootKeyJson": *root_key_json, "files": files }))
}

fn manifest_hash(input: &Input<'_>) -> Answer {
    let manifest = Manifest::decode(input.text("json")).map_err(refusal)?;
    Ok(one("hash", &manifest.hash().map_err(refusal)?))
}

/// The factor secret and the encrypted key pair are hex text of the wire: bad hex there is part of what is tested.
fn factor(input: &Input<'_>) -> Result<([u8; 32], Vec<u8>), &'static str> {
    let secret = hex::decode(input.text("factorSecret")).map_err(|_| "invalid_hex")?;
    let encrypted = hex::decode(input.text("encryptedBackupKeypair")).map_err(|_| "invalid_hex")?;
    Ok((secret.try_into().map_err(|_| "invalid_argument")?, encrypted))
}

fn backup_open(input: &Input<'_>) -> Answer {
    let (secret, encrypted) = factor(input)?;
    let opened = backup::open(&input.bytes("sealedBackup")?, &encrypted, &secret, MAX_BYTES).map_err(refusal)?;
    let files: Vec<_> = opened.contents.files.iter().map(file).collect();
    Ok(json!({
        "rootKeyJson": *opened.root_key_json,
        "backupPublicKey": hex::encode(opened.backup_public_key),
        "files": files,
        "manifestHash": hex::encode(opened.manifest_hash),
    }))
}

fn factor_open(input: &Input<'_>) -> Answer {
    let (secret, encrypted) = factor(input)?;
    let backup_secret = sealed_box::open(&x25519::derive_public_key(&secret), &secret, &encrypted).map_err(refusal)?;
    let backup_secret: [u8; 32] = backup_secret.try_into().map_err(|_| "invalid_backup_key_pair")?;
    Ok(json!({
        "backupSecret": hex::encode(backup_secret),
        "backupPublic": hex::encode(x25519::derive_public_key(&backup_secret)),
    }))
}

/// Whether `got` is what the case expects. Large expected bytes stand as length and SHA-256; of those this runner
/// compares the length, because the core has no SHA-256 and the TypeScript runner compares both.
fn matches(expected: &Value, got: &Value, subset: bool) -> bool {
    match (expected, got) {
        (Value::Object(large), Value::String(hex)) if large.contains_key("sha256") => {
            large["length"].as_u64() == Some(hex.len() as u64 / 2)
        }
        (Value::Object(expected), Value::Object(got)) => {
            (subset || got.keys().all(|name| expected.contains_key(name)))
                && expected
                    .iter()
                    .all(|(name, value)| got.get(name).is_some_and(|member| matches(value, member, subset)))
        }
        (Value::Array(expected), Value::Array(got)) => {
            expected.len() == got.len()
                && expected
                    .iter()
                    .zip(got)
                    .all(|(item, other)| matches(item, other, subset))
        }
        _ => expected == got,
    }
}

/// What is wrong with the answer, if anything.
fn judge(case: &Value, answer: &Answer) -> Option<String> {
    match (answer, case.get("error")) {
        (Err(_), Some(Value::Bool(true))) => None,
        (Err(code), Some(Value::String(expected))) if code == expected => None,
        (Ok(got), None) if matches(&case["out"], got, case["subset"] == true) => None,
        (answer, _) => Some(match answer {
            Ok(got) => got.to_string().chars().take(300).collect(),
            Err(code) => format!("error {code}"),
        }),
    }
}

#[test]
fn every_shared_vector_of_a_known_operation_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let (mut passed, mut skipped, mut failures) = (0, BTreeMap::<String, usize>::new(), Vec::new());
    for entry in fs::read_dir(&folder).expect("the folder of vectors") {
        let path = entry.expect("a directory entry").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let suite: Value = serde_json::from_slice(&fs::read(&path).expect("a readable file")).expect("JSON");
        if suite["schema"] != "holdfast-vectors/1" {
            continue;
        }
        for case in suite["cases"].as_array().expect("cases") {
            let op = case["op"].as_str().expect("op");
            let Some(answer) = run(op, &Input(case["in"].as_object().expect("in"))) else {
                *skipped.entry(op.to_owned()).or_default() += 1;
                continue;
            };
            match judge(case, &answer) {
                None => passed += 1,
                Some(got) => failures.push(format!("{} {} ({op}): got {got}", suite["suite"], case["id"])),
            }
        }
    }
    let skipped_total: usize = skipped.values().sum();
    println!(
        "{passed} passed, {} failed, {skipped_total} skipped: {skipped:?}",
        failures.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(passed > 400, "only {passed} cases ran: are the vectors there?");
}

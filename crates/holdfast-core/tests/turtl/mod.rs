//! Turtl's derivations, invites and accounts, put together from the core's envelopes, messages and scrypt.
//!
//! The packages do this in TypeScript. Here it is a second reading of the specification, in the plainest way, that the shared
//! vectors hold against the first: objects one by one, as often as something more opens.

use std::collections::BTreeMap;

use base64::prelude::{Engine, BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use holdfast_core::turtl::{envelope, sealed_message};
use holdfast_core::{kdf, Error};
use serde_json::{json, Map, Value};
use sha2::{Digest, Sha512};

use super::{one, refusal, Answer, Input};

type Key = [u8; 32];

/// turtl §3.7: a published constant.
const LOGIN_TOKEN_KEY: &str = "21625f77ecf8961f5bbb5e771251be502ef9adffd6c2b058c5d026ea90219034";
/// turtl §5.2: what stands in for a passphrase.
const DEFAULT_PASSPHRASE: &str = "this is the default passphrase lol";

pub fn master_key(input: &Input<'_>) -> Answer {
    Ok(one("key", &derive_master_key(input)?))
}

/// turtl §3.4: an envelope over the digits of the password's hash, its nonce from the e-mail.
pub fn auth_token(input: &Input<'_>) -> Answer {
    let name = Sha512::digest(input.text("username").to_lowercase());
    let nonce = name[..12].try_into().map_err(|_| "invalid_argument")?;
    let digits = hex::encode(Sha512::digest(input.text("password")));
    let token = envelope::seal(&derive_master_key(input)?, nonce, digits.as_bytes());
    Ok(json!({ "token": hex::encode(token.map_err(refusal)?) }))
}

pub fn login_token_open(input: &Input<'_>) -> Answer {
    let key = hex::decode(LOGIN_TOKEN_KEY).ok().and_then(|key| key.try_into().ok());
    let plaintext = envelope::open(&key.ok_or("invalid_argument")?, &decode(input.text("token"))?);
    object(&plaintext.map_err(refusal)?).ok_or("invalid_login_token")
}

pub fn invite_seal(input: &Input<'_>) -> Answer {
    let message = BASE64_STANDARD.encode(input.bytes("message")?);
    let fields = json!({ "message": message }).to_string();
    let body = envelope::seal(&invite_key(input)?, &input.array("nonce")?, fields.as_bytes());
    Ok(json!({ "body": BASE64_STANDARD.encode(body.map_err(refusal)?) }))
}

pub fn invite_open(input: &Input<'_>) -> Answer {
    let invite = &input.0["invite"];
    let body = decode(invite["body"].as_str().ok_or("invalid_invite")?)?;
    let fields = envelope::open(&invite_key(input)?, &body).map_err(refusal)?;
    let mut message = decode_member(&fields, "message").ok_or("invalid_invite")?;
    if invite["is_pubkey_protected"] == true {
        let (public, secret) = (input.array("publicKey")?, input.array("secretKey")?);
        message = sealed_message::open(&public, &secret, &message).map_err(refusal)?;
    }
    let key = decode_member(&message, "space_key").ok_or("invalid_invite")?;
    Ok(one("spaceKey", &key))
}

/// turtl §4.5, §4.6: everything that opens, with its key; and the ids of what does not.
pub fn account_open(input: &Input<'_>) -> Answer {
    let master = derive_master_key(input)?;
    open_body(&master, &input.0["user"])
        .ok_or(Error::AuthFailed)
        .map_err(refusal)?;
    let mut keys: BTreeMap<String, Vec<Key>> = BTreeMap::new();
    for entry in list(input, "keychain") {
        let fields = open_body(&master, entry);
        let key = fields.and_then(|fields| Key::try_from(decode(fields["k"].as_str()?).ok()?).ok());
        keys.entry(text(&entry["item_id"])).or_default().extend(key);
    }
    let mut answer = Map::new();
    let mut unreadable = Vec::new();
    for kind in ["spaces", "boards", "notes"] {
        let mut opened = Vec::new();
        for object in list(input, kind) {
            let id = text(&object["id"]);
            let found = candidates(&keys, object)
                .into_iter()
                .find_map(|key| Some((key, open_body(&key, object)?)));
            let Some((key, fields)) = found else {
                unreadable.push(id);
                continue;
            };
            opened.push(json!({ "id": id, "key": hex::encode(key), "data": with_file(&key, object, fields) }));
            keys.entry(id).or_default().push(key);
        }
        answer.insert(kind.to_owned(), opened.into());
    }
    answer.insert("unreadable".to_owned(), unreadable.into());
    Ok(answer.into())
}

/// Those held for the object itself, then those that it carries wrapped.
fn candidates(keys: &BTreeMap<String, Vec<Key>>, object: &Value) -> Vec<Key> {
    let held = |id: &Value| keys.get(&text(id)).into_iter().flatten();
    let mut found: Vec<Key> = held(&object["id"]).copied().collect();
    for wrap in object["keys"].as_array().into_iter().flatten() {
        let by = ["s", "b", "u"].into_iter().find_map(|name| wrap.get(name));
        let envelope = wrap["k"].as_str().and_then(|text| decode(text).ok());
        for key in by.into_iter().flat_map(held) {
            let opened = envelope.as_deref().and_then(|bytes| envelope::open(key, bytes).ok());
            found.extend(opened.and_then(|key| Key::try_from(key).ok()));
        }
    }
    found
}

/// Older notes hold what is private of their file beside their body, newer ones in it (turtl §4.4).
fn with_file(key: &Key, object: &Value, mut fields: Value) -> Value {
    if let Some(Value::Object(mut file)) = open_body(key, &object["file"]) {
        file.extend(fields["file"].as_object().cloned().unwrap_or_default());
        fields["file"] = file.into();
    }
    fields
}

fn open_body(key: &Key, object: &Value) -> Option<Value> {
    let body = decode(object["body"].as_str()?).ok()?;
    self::object(&envelope::open(key, &body).ok()?)
}

fn derive_master_key(input: &Input<'_>) -> Result<Key, &'static str> {
    let salt = Sha512::digest(format!("v0/{}", input.text("username").to_lowercase()));
    stretch(input.text("password"), &salt)
}

fn invite_key(input: &Input<'_>) -> Result<Key, &'static str> {
    let passphrase = if input.has("passphrase") {
        input.text("passphrase")
    } else {
        DEFAULT_PASSPHRASE
    };
    stretch(passphrase, &Sha512::digest("invite salt"))
}

/// scrypt with libsodium's interactive limits (turtl §3.1), salted with the first half of a hash.
fn stretch(password: &str, hash: &[u8]) -> Result<Key, &'static str> {
    let salt = hash[..32].try_into().map_err(|_| "invalid_argument")?;
    let key = kdf::scrypt(password.as_bytes(), salt, 524_288, 16_777_216, 32).map_err(refusal)?;
    key.try_into().map_err(|_| "invalid_argument")
}

fn list<'a>(input: &'a Input<'_>, name: &str) -> impl Iterator<Item = &'a Value> {
    input.0[name].as_array().into_iter().flatten()
}

fn object(json: &[u8]) -> Option<Value> {
    serde_json::from_slice(json).ok().filter(Value::is_object)
}

fn decode_member(json: &[u8], name: &str) -> Option<Vec<u8>> {
    decode(object(json)?[name].as_str()?).ok()
}

/// Padded or not.
fn decode(text: &str) -> Result<Vec<u8>, &'static str> {
    let padded = BASE64_STANDARD.decode(text);
    padded
        .or_else(|_| BASE64_STANDARD_NO_PAD.decode(text))
        .map_err(|_| "invalid_base64")
}

fn text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

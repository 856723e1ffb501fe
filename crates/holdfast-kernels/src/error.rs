//! One error for the whole core: a code, and nothing that could carry a secret.

use core::fmt;

pub type Result<T> = core::result::Result<T, Error>;

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $number:literal $code:literal,)*) => {
        /// Why an input was refused. The numbers cross the WASM border; they are never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum Error { $($(#[$doc])* $name = $number,)* }

        impl Error {
            /// The word of the TypeScript engines' `CryptoErrorCode`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

errors! {
    InvalidArgument = 1 "invalid_argument",
    LimitExceeded = 2 "limit_exceeded",
    /// Wrong key or damaged ciphertext; which of the two cannot be told.
    AuthFailed = 3 "auth_failed",
    Truncated = 4 "truncated",
    UnsupportedVersion = 5 "unsupported_version",
    UnsupportedAlgorithm = 6 "unsupported_algorithm",
    NoncanonicalHeader = 7 "noncanonical_header",
    /// The shared secret would be all zero.
    WeakPublicKey = 8 "weak_public_key",
    VersionNotDetected = 9 "version_not_detected",
    ContainerDamaged = 10 "container_damaged",
    InvalidFileName = 11 "invalid_file_name",
    InvalidFileRecord = 12 "invalid_file_record",
    InvalidChecksum = 13 "invalid_checksum",
    ContainerTooLarge = 14 "container_too_large",
    InvalidPath = 15 "invalid_path",
    InvalidRootKey = 16 "invalid_root_key",
    InvalidManifest = 17 "invalid_manifest",
    DuplicatePath = 18 "duplicate_path",
    InvalidHex = 19 "invalid_checksum_hex",
    InvalidBackupKeyPair = 20 "invalid_backup_key_pair",
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl core::error::Error for Error {}

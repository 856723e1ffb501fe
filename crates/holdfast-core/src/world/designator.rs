use serde::{Deserialize, Serialize};

/// The closed set of world-backup-client §4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Designator {
    OrbPkg,
    DocumentPkg,
    CredentialVault,
    FacePkg,
    AnonymizedThirdPartyAnalytics,
}

impl Designator {
    pub const ALL: [Self; 5] = [
        Self::OrbPkg,
        Self::DocumentPkg,
        Self::CredentialVault,
        Self::FacePkg,
        Self::AnonymizedThirdPartyAnalytics,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::OrbPkg => "orb_pkg",
            Self::DocumentPkg => "document_pkg",
            Self::CredentialVault => "credential_vault",
            Self::FacePkg => "face_pkg",
            Self::AnonymizedThirdPartyAnalytics => "anonymized_third_party_analytics",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|designator| designator.name() == name)
    }
}

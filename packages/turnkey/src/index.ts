export { openExportBundle, PRODUCTION_QUORUM_PUBLIC_KEY } from './export-bundle'
export { oidcNonce } from './oidc-nonce'
export { type StampScheme, stampWithApiKey } from './stamp'

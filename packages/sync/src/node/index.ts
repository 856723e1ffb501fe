export { fileError, isMissing, syncFolder, writeDurably } from './durable-file'
export { lockFolder } from './folder-lock'
export { openFolderStore } from './folder-store'

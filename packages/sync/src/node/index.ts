export { openFolderStore } from './folder-store'

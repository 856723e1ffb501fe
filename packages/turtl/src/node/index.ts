export { openTurtlFolderStore } from './folder-store'

import { holdfastPackage } from '../../tsup.config'

export default holdfastPackage(['src/index.ts', 'src/bin.ts', 'src/story.ts'])

import { holdfastPackage } from '../../tsup.config'

export default holdfastPackage(['src/index.ts', 'src/turtl/legacy/open-legacy.ts'])

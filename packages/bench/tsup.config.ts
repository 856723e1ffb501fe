import { holdfastPackage } from '../../tsup.config'

export default holdfastPackage(['src/index.ts', 'src/main.ts', 'src/cold-start-child.ts'], { external: ['sodium-native'] })

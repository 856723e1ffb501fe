/** A browser page under a strict content security policy: asks for its options, posts its report, or says why it has none. */
import { init } from '@holdfast/crypto'
import { runSuite } from './suite'

const post = (path: string, body: unknown) => fetch(path, { method: 'POST', body: JSON.stringify(body) })

addEventListener('securitypolicyviolation', (event) => {
  void post('/violation', `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)
})
try {
  const options = await (await fetch('/options')).json()
  await post('/report', { agent: navigator.userAgent, parts: await runSuite((backend) => init({ backend }), options) })
} catch (error) {
  await post('/report', { agent: navigator.userAgent, error: String(error) })
}

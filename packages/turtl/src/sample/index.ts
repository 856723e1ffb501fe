export { makeSampleAccount, type SampleAccount, type SampleAttachment, type SampleOptions, type SampleSize } from './make-sample-account'

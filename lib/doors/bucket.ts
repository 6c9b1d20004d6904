export { type Bucket, type BucketOptions, bucket } from '../rate/bucket.js'

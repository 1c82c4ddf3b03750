/**
 * The public interface: what the command line does, as functions. Options in, events out, results back; nothing is
 * printed. Failures are FheError with a stable code.
 */
export { FheError, type FheErrorCode } from './errors.js';
export { type Accuracy, type AccuracyOptions, accuracy } from './operations/accuracy.js';
export { type Build, type BuildOptions, build } from './operations/build.js';
export { type Decryption, type DecryptOptions, decrypt } from './operations/decrypt.js';
export { type Check, type DoctorReport, doctor } from './operations/doctor.js';
export { type Encryption, type EncryptOptions, encrypt } from './operations/encrypt.js';
export { type EvaluateOptions, type Evaluation, evaluate } from './operations/evaluate.js';
export { type GenerateKeysOptions, generateKeys } from './operations/generate-keys.js';
export {
  type ImportedActivation,
  type ImportedNetwork,
  type ImportOptions,
  importNetwork,
} from './operations/import.js';
export { type Inference, type InferenceSeconds, type InferOptions, infer } from './operations/infer.js';
export type { KeySetSummary } from './operations/key-set-summary.js';
export { type LoadKeysOptions, loadKeys } from './operations/load-keys.js';
export { type DescribeProfilesOptions, describeProfiles, type ProfileDescription } from './operations/params.js';
export { type PlannedNetwork, type PlanOptions, plan } from './operations/plan.js';
export type { Classified, Prediction, Refused } from './operations/prediction.js';
export type { SecurityEstimate } from './operations/protection.js';
export type {
  NoticeEvent,
  OperationControls,
  OperationEvent,
  ProgressEvent,
  ProtectionEvent,
  WarningEvent,
} from './sessions/events.js';

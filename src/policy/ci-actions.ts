import { SLIMGATE_ACTIONS } from './admin-operation.ts';

/** Source: Cloud Infinite documentation, "CAM actions and granularity", `API level`. */
const CI_API_LEVEL_ACTIONS = [
  'ci:DescribeCIBuckets',
  'ci:DescribeMediaBuckets',
  'ci:DescribeAsrBuckets',
  'ci:DescribeRiskLibImage',
  'ci:DescribeRiskLibText',
  'ci:CreateRiskLibImage',
  'ci:CreateRiskLibText',
  'ci:DeleteRiskLibImage',
  'ci:DeleteRiskLibText',
  'ci:GetPrivateM3U8',
];

/**
 * Actions of Cloud Infinite, and of the gateway's own management, that are about no bucket: a
 * statement reaches them with the resource `*` alone.
 */
export const API_LEVEL_ACTIONS: ReadonlySet<string> = new Set([
  ...CI_API_LEVEL_ACTIONS,
  ...SLIMGATE_ACTIONS,
]);

/** What there is to set of a bucket; where it can be read under the same name, with `Describe`. */
const SETTINGS = [
  'ImageSlim',
  'Domain',
  'CDNAccelerate',
  '4XXResponse',
  'Refer',
  'OriginProtect',
  'ImageGuetzli',
  'ImageAdvancedCompression',
  'ImageBlindWatermark',
  'ImageStyleSeparator',
  'AuditingPicture',
  'AuditingVideo',
  'AuditingAudio',
  'AuditingText',
  'AuditingDocument',
];

/** The other operations on one bucket: each verb with what it is offered for. */
const OPERATIONS: Readonly<Record<string, string>> = {
  Set: 'ImageStyle',
  Describe: `ImageStyles
    AuditingJobs AuditingCallback AuditingBlockRule AuditingPictureFiles AuditingVideoFiles
    AuditingAudioFiles AuditingTextFiles AuditingDocumentFiles AuditingExistTasks AuditingTextJob
    AuditingAudioJob AuditingDocumentJob AuditingWebpageJob AuditingVirusJob
    MediaTemplates MediaQueues MediaJob MediaJobs MediaWorkflowExecutions MediaWorkflows
    InventoryTriggerJob InventoryTriggerJobs SpeedTranscodingProcessQueues
    DocProcessQueues DocProcessBucket DocProcessJobs DocProcessJob
    AsrQueues AsrJobs AsrJob
    PicProcessJobs PicProcessJob PicProcessQueues PicProcessBucket`,
  Create: `CIBucket
    AuditingJobs AuditingPictureJob AuditingTextJob AuditingAudioJob AuditingWebpageJob
    AuditingDocumentJob AuditingExistTask AuditingVirusJob
    MediaBucket MediaTemplate MediaJobs MediaWorkflow InventoryTriggerJob
    SpeedTranscodingProcessQueues
    DocProcessBucket DocProcessJobs FileProcessJobs PicProcessBucket PicProcessJobs
    DetectQRcodeJob DetectLabelJob DetectFaceJob FaceEffectJob GetActionSequenceJob GetLiveCodeJob
    LivenessRecognitionJob IDCardOCRJob QRcodeGenerateJob PetDetectJob ImageSearchBucket
    ContentAnalysisJob BodyJointsDetectJob OCRJob LicensePlateJob AssessQualityJob
    AiRecognitionJob EnhanceImageJob AsrBucket AsrJobs`,
  Update: `MediaTemplate MediaQueue MediaWorkflow DocProcessQueue AsrQueue PicProcessQueue
    SpeedTranscodingProcessQueue`,
  Delete: `CIBucket MediaBucket MediaTemplate MediaWorkflow DocProcessBucket AsrBucket Image
    PicProcessBucket`,
  Cancel: 'AuditingExistTask MediaJob DocProcessJob InventoryTriggerJob PicProcessJob',
  Add: 'Image MediaQueue',
  Generate: 'Snapshot MediaInfo',
  Modify: 'M3U8Token',
  Search: 'Image',
  Trigger: 'MediaWorkflow',
};

/**
 * Every documented action of Cloud Infinite. Source: Cloud Infinite documentation, "CAM actions and
 * granularity"; "Smart compression" for the two of image slim, which the table does not list.
 */
export const CI_ACTIONS: ReadonlySet<string> = new Set([
  ...CI_API_LEVEL_ACTIONS,
  ...SETTINGS.flatMap((name) => [`ci:Set${name}`, `ci:Describe${name}`]),
  ...Object.entries(OPERATIONS).flatMap(([verb, names]) =>
    names.split(/\s+/).map((name) => `ci:${verb}${name}`),
  ),
]);

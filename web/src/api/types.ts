// Generated from the server's OpenAPI document: do not edit. To write it anew: python tests/wire/ui_types.py
// The server leaves out fields that are null and lists that are empty. An int64 is a number.

export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";
export type ViewType = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";
/** JSON has no numbers for these three values, so they are sent as strings. */
export type Double = number | "NaN" | "Infinity" | "-Infinity";
export type MetricWithRunId = Metric & { run_id: string };

export interface ExperimentsAnswer {
  experiments?: Experiment[];
  next_page_token?: string;
}

export interface Experiment {
  experiment_id: string;
  name: string;
  artifact_location: string;
  lifecycle_stage: string;
  last_update_time?: number;
  creation_time?: number;
  tags?: Tag[];
}

/** A key with a value: tags of all entities, and params. */
export interface Tag {
  key: string;
  value: string;
}

export interface ExperimentAnswer {
  experiment: Experiment;
}

export interface ExperimentId {
  experiment_id: string;
}

export interface RunsAnswer {
  runs?: Run[];
  next_page_token?: string;
}

export interface Run {
  info: RunInfo;
  data: RunData;
  inputs?: RunInputs;
  outputs?: RunOutputs;
}

export interface RunInfo {
  run_uuid: string;
  run_id: string;
  experiment_id: string;
  run_name: string;
  user_id: string;
  status: RunStatus;
  start_time?: number;
  end_time?: number;
  artifact_uri: string;
  lifecycle_stage: string;
  lost?: boolean;
}

export interface RunData {
  metrics?: Metric[];
  params?: Tag[];
  tags?: Tag[];
}

/** A point as the server sends it: with the step even if it is 0. */
export interface Metric {
  key: string;
  value: Double;
  timestamp: number;
  step?: number;
  dataset_name?: string;
  dataset_digest?: string;
  model_id?: string;
  run_id?: string;
}

export interface RunInputs {
  dataset_inputs?: DatasetInput[];
  model_inputs?: ModelInput[];
}

export interface DatasetInput {
  tags?: InputTag[];
  dataset: Dataset;
}

export interface InputTag {
  key: string;
  value: string;
}

export interface Dataset {
  name: string;
  digest?: string;
  source_type?: string;
  source?: string;
  schema?: string;
  profile?: string;
}

export interface ModelInput {
  model_id: string;
}

export interface RunOutputs {
  model_outputs?: ModelOutput[];
}

export interface ModelOutput {
  model_id: string;
  step?: number;
}

export interface RunAnswer {
  run: Run;
}

export interface HistoryAnswer {
  metrics?: Metric[];
  next_page_token?: string;
}

export interface FilesAnswer {
  root_uri?: string;
  files?: FileInfo[];
  next_page_token?: string;
}

export interface FileInfo {
  path: string;
  is_dir: boolean;
  file_size?: number;
}

export interface LoggedModelsAnswer {
  models?: LoggedModel[];
  next_page_token?: string;
}

export interface LoggedModel {
  info: LoggedModelInfo;
  data?: LoggedModelData;
}

export interface LoggedModelInfo {
  model_id: string;
  experiment_id: string;
  name: string;
  creation_timestamp_ms: number;
  last_updated_timestamp_ms: number;
  artifact_uri: string;
  status: string;
  model_type?: string;
  source_run_id: string;
  tags?: Tag[];
}

export interface LoggedModelData {
  params?: Tag[];
  metrics?: Metric[];
}

export interface LoggedModelAnswer {
  model: LoggedModel;
}

export interface RegisteredModelsAnswer {
  registered_models?: RegisteredModel[];
  next_page_token?: string;
}

export interface RegisteredModel {
  name: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
  user_id?: string;
  description?: string;
  latest_versions?: ModelVersion[];
  tags?: Tag[];
  aliases?: Alias[];
}

export interface ModelVersion {
  name: string;
  version: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
  user_id?: string;
  current_stage?: string;
  description?: string;
  source?: string;
  run_id?: string;
  status?: string;
  status_message?: string;
  tags?: Tag[];
  run_link?: string;
  aliases?: string[];
  model_id?: string;
}

export interface Alias {
  alias: string;
  version: string;
}

export interface RegisteredModelAnswer {
  registered_model: RegisteredModel;
}

export interface ModelVersionsAnswer {
  model_versions?: ModelVersion[];
  next_page_token?: string;
}

export interface ModelVersionAnswer {
  model_version: ModelVersion;
}

export interface ErrorAnswer {
  error_code?: string;
  message?: string;
}

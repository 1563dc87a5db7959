BEGIN TRANSACTION;
CREATE TABLE dataset_inputs (
	run INTEGER NOT NULL, 
	dataset INTEGER NOT NULL, 
	tags TEXT NOT NULL, 
	context VARCHAR(500) NOT NULL, position BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_dataset_inputs PRIMARY KEY (run, dataset), 
	CONSTRAINT fk_dataset_inputs_run FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE, 
	CONSTRAINT fk_dataset_inputs_dataset FOREIGN KEY(dataset) REFERENCES datasets (id) ON DELETE CASCADE
);
INSERT INTO "dataset_inputs" VALUES(1,2,'{"mlflow.data.context":"train"}','train',0);
INSERT INTO "dataset_inputs" VALUES(1,1,'{"mlflow.data.context":"train"}','train',0);
CREATE TABLE datasets (
	id INTEGER NOT NULL, 
	experiment INTEGER NOT NULL, 
	name VARCHAR(500) NOT NULL, 
	digest VARCHAR(36) NOT NULL, 
	source_type VARCHAR(36) NOT NULL, 
	source TEXT NOT NULL, 
	schema TEXT NOT NULL, 
	profile TEXT NOT NULL, 
	CONSTRAINT pk_datasets PRIMARY KEY (id), 
	CONSTRAINT fk_datasets_experiment FOREIGN KEY(experiment) REFERENCES experiments (id) ON DELETE CASCADE, 
	CONSTRAINT uq_datasets_experiment_name_digest UNIQUE (experiment, name, digest)
);
INSERT INTO "datasets" VALUES(1,1,'a','1','local','x.csv','','');
INSERT INTO "datasets" VALUES(2,1,'b','1','local','x.csv','','');
CREATE TABLE experiment_tags (
	experiment INTEGER NOT NULL, 
	"key" VARCHAR(250) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_experiment_tags PRIMARY KEY (experiment, "key"), 
	CONSTRAINT fk_experiment_tags_experiment FOREIGN KEY(experiment) REFERENCES experiments (id) ON DELETE CASCADE
);
INSERT INTO "experiment_tags" VALUES(1,'team','x');
CREATE TABLE experiments (
	id INTEGER NOT NULL, 
	name VARCHAR(500) NOT NULL, 
	artifact_location TEXT NOT NULL, 
	lifecycle_stage VARCHAR(10) NOT NULL, 
	creation_time BIGINT NOT NULL, 
	last_update_time BIGINT NOT NULL, request_id VARCHAR(64), 
	CONSTRAINT pk_experiments PRIMARY KEY (id), 
	CONSTRAINT uq_experiments_name UNIQUE (name)
);
INSERT INTO "experiments" VALUES(0,'Default','/srv/artifacts/0','active',1795517741961,1795517741961,NULL);
INSERT INTO "experiments" VALUES(1,'old','/srv/artifacts/1','active',1795517741963,1795517741963,NULL);
CREATE TABLE keys (
	id INTEGER NOT NULL, 
	name VARCHAR(250) NOT NULL, 
	CONSTRAINT pk_keys PRIMARY KEY (id), 
	CONSTRAINT uq_keys_name UNIQUE (name)
);
INSERT INTO "keys" VALUES(1,'mlflow.runName');
INSERT INTO "keys" VALUES(2,'t');
INSERT INTO "keys" VALUES(3,'m');
INSERT INTO "keys" VALUES(4,'p');
CREATE TABLE latest_metrics (
	run INTEGER NOT NULL, 
	"key" INTEGER NOT NULL, 
	step BIGINT NOT NULL, 
	timestamp BIGINT NOT NULL, 
	value FLOAT NOT NULL, 
	is_nan SMALLINT NOT NULL, in_order SMALLINT DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_latest_metrics PRIMARY KEY (run, "key"), 
	CONSTRAINT fk_latest_metrics_key FOREIGN KEY("key") REFERENCES keys (id) ON DELETE CASCADE, 
	CONSTRAINT fk_latest_metrics_run FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "latest_metrics" VALUES(1,3,2,5,9.0e+999,0,0);
INSERT INTO "latest_metrics" VALUES(2,3,2,5,9.0e+999,0,0);
INSERT INTO "latest_metrics" VALUES(3,3,2,5,9.0e+999,0,0);
CREATE TABLE logged_model_metrics (
	model INTEGER NOT NULL, 
	"key" INTEGER NOT NULL, 
	run INTEGER NOT NULL, 
	timestamp BIGINT NOT NULL, 
	step BIGINT NOT NULL, 
	dataset_name VARCHAR(500) NOT NULL, 
	dataset_digest VARCHAR(36) NOT NULL, 
	value FLOAT NOT NULL, 
	is_nan SMALLINT NOT NULL, 
	CONSTRAINT pk_logged_model_metrics PRIMARY KEY (model, "key", run, timestamp, step, dataset_name, dataset_digest), 
	CONSTRAINT fk_logged_model_metrics_model FOREIGN KEY(model) REFERENCES logged_models (id) ON DELETE CASCADE, 
	CONSTRAINT fk_logged_model_metrics_key FOREIGN KEY("key") REFERENCES keys (id) ON DELETE CASCADE, 
	CONSTRAINT fk_logged_model_metrics_run FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE logged_model_params (
	model INTEGER NOT NULL, 
	"key" VARCHAR(250) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_logged_model_params PRIMARY KEY (model, "key"), 
	CONSTRAINT fk_logged_model_params_model FOREIGN KEY(model) REFERENCES logged_models (id) ON DELETE CASCADE
);
INSERT INTO "logged_model_params" VALUES(1,'a','1');
CREATE TABLE logged_model_tags (
	model INTEGER NOT NULL, 
	"key" VARCHAR(250) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_logged_model_tags PRIMARY KEY (model, "key"), 
	CONSTRAINT fk_logged_model_tags_model FOREIGN KEY(model) REFERENCES logged_models (id) ON DELETE CASCADE
);
CREATE TABLE logged_models (
	id INTEGER NOT NULL, 
	model_id VARCHAR(34) NOT NULL, 
	experiment INTEGER NOT NULL, 
	name VARCHAR(500) NOT NULL, 
	artifact_uri TEXT NOT NULL, 
	status VARCHAR(30) NOT NULL, 
	model_type VARCHAR(500) NOT NULL, 
	source_run_id VARCHAR(32), 
	creation_timestamp BIGINT NOT NULL, 
	last_updated_timestamp BIGINT NOT NULL, 
	lifecycle_stage VARCHAR(10) NOT NULL, request_id VARCHAR(64), 
	CONSTRAINT pk_logged_models PRIMARY KEY (id), 
	CONSTRAINT fk_logged_models_experiment FOREIGN KEY(experiment) REFERENCES experiments (id) ON DELETE CASCADE, 
	CONSTRAINT uq_logged_models_model_id UNIQUE (model_id)
);
INSERT INTO "logged_models" VALUES(1,'m-0af27e1516fa43829efce23fd1721ff9',1,'lm','/srv/artifacts/1/models/m-0af27e1516fa43829efce23fd1721ff9/artifacts','LOGGED_MODEL_READY','','3944186f3d714b8e9767c7d1d0e09622',1795517741979,1795517741982,'active',NULL);
CREATE TABLE metric_points (
	run INTEGER NOT NULL, 
	"key" INTEGER NOT NULL, 
	step BIGINT NOT NULL, 
	timestamp BIGINT NOT NULL, 
	value FLOAT NOT NULL, 
	is_nan SMALLINT NOT NULL, 
	CONSTRAINT pk_metric_points PRIMARY KEY (run, "key", step, timestamp, value, is_nan), 
	CONSTRAINT fk_metric_points_key FOREIGN KEY("key") REFERENCES keys (id) ON DELETE CASCADE, 
	CONSTRAINT fk_metric_points_run FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "metric_points" VALUES(1,3,0,10,1.5,0);
INSERT INTO "metric_points" VALUES(1,3,1,11,0.0,1);
INSERT INTO "metric_points" VALUES(1,3,2,5,9.0e+999,0);
INSERT INTO "metric_points" VALUES(2,3,0,10,1.5,0);
INSERT INTO "metric_points" VALUES(2,3,1,11,0.0,1);
INSERT INTO "metric_points" VALUES(2,3,2,5,9.0e+999,0);
INSERT INTO "metric_points" VALUES(3,3,0,10,1.5,0);
INSERT INTO "metric_points" VALUES(3,3,1,11,0.0,1);
INSERT INTO "metric_points" VALUES(3,3,2,5,9.0e+999,0);
CREATE TABLE mlyard_schema (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT mlyard_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO "mlyard_schema" VALUES('0003');
CREATE TABLE model_version_tags (
	version INTEGER NOT NULL, 
	"key" VARCHAR(250) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_model_version_tags PRIMARY KEY (version, "key"), 
	CONSTRAINT fk_model_version_tags_version FOREIGN KEY(version) REFERENCES model_versions (id) ON DELETE CASCADE
);
CREATE TABLE model_versions (
	id INTEGER NOT NULL, 
	model INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	current_stage VARCHAR(20) NOT NULL, 
	description TEXT NOT NULL, 
	source TEXT NOT NULL, 
	storage_location TEXT NOT NULL, 
	run_id VARCHAR(32) NOT NULL, 
	run_link TEXT NOT NULL, 
	model_id VARCHAR(34), 
	user_id VARCHAR(256) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	creation_timestamp BIGINT NOT NULL, 
	last_updated_timestamp BIGINT NOT NULL, request_id VARCHAR(64), 
	CONSTRAINT pk_model_versions PRIMARY KEY (id), 
	CONSTRAINT fk_model_versions_model FOREIGN KEY(model) REFERENCES registered_models (id) ON DELETE CASCADE, 
	CONSTRAINT uq_model_versions_model_version UNIQUE (model, version)
);
INSERT INTO "model_versions" VALUES(1,1,1,'Production','','/srv/x','/srv/x','3944186f3d714b8e9767c7d1d0e09622','',NULL,'','READY',1795517741987,1795517741989,NULL);
CREATE TABLE params (
	run INTEGER NOT NULL, 
	"key" INTEGER NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_params PRIMARY KEY (run, "key"), 
	CONSTRAINT fk_params_key FOREIGN KEY("key") REFERENCES keys (id) ON DELETE CASCADE, 
	CONSTRAINT fk_params_run FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "params" VALUES(1,4,'0');
INSERT INTO "params" VALUES(2,4,'1');
INSERT INTO "params" VALUES(3,4,'2');
CREATE TABLE registered_model_aliases (
	model INTEGER NOT NULL, 
	alias VARCHAR(255) NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_registered_model_aliases PRIMARY KEY (model, alias), 
	CONSTRAINT fk_registered_model_aliases_model FOREIGN KEY(model) REFERENCES registered_models (id) ON DELETE CASCADE
);
INSERT INTO "registered_model_aliases" VALUES(1,'best',1);
CREATE TABLE registered_model_tags (
	model INTEGER NOT NULL, 
	"key" VARCHAR(250) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_registered_model_tags PRIMARY KEY (model, "key"), 
	CONSTRAINT fk_registered_model_tags_model FOREIGN KEY(model) REFERENCES registered_models (id) ON DELETE CASCADE
);
INSERT INTO "registered_model_tags" VALUES(1,'k','v');
CREATE TABLE registered_models (
	id INTEGER NOT NULL, 
	name VARCHAR(256) NOT NULL, 
	description TEXT NOT NULL, 
	creation_timestamp BIGINT NOT NULL, 
	last_updated_timestamp BIGINT NOT NULL, 
	last_version INTEGER NOT NULL, request_id VARCHAR(64), 
	CONSTRAINT pk_registered_models PRIMARY KEY (id), 
	CONSTRAINT uq_registered_models_name UNIQUE (name)
);
INSERT INTO "registered_models" VALUES(1,'reg','d',1795517741983,1795517741992,1,NULL);
CREATE TABLE run_inputs (
	run INTEGER NOT NULL, 
	model_id VARCHAR(34) NOT NULL, 
	CONSTRAINT pk_run_inputs PRIMARY KEY (run, model_id), 
	CONSTRAINT fk_run_inputs_run FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE TABLE run_outputs (
	run INTEGER NOT NULL, 
	model_id VARCHAR(34) NOT NULL, 
	step BIGINT NOT NULL, 
	CONSTRAINT pk_run_outputs PRIMARY KEY (run, model_id), 
	CONSTRAINT fk_run_outputs_run FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE TABLE runs (
	id INTEGER NOT NULL, 
	run_id VARCHAR(32) NOT NULL, 
	experiment INTEGER NOT NULL, 
	name VARCHAR(8000) NOT NULL, 
	user_id VARCHAR(256) NOT NULL, 
	status VARCHAR(10) NOT NULL, 
	start_time BIGINT NOT NULL, 
	end_time BIGINT, 
	artifact_uri TEXT NOT NULL, 
	lifecycle_stage VARCHAR(10) NOT NULL, 
	deleted_time BIGINT, request_id VARCHAR(64), lease_expires BIGINT, lost SMALLINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (id), 
	CONSTRAINT fk_runs_experiment FOREIGN KEY(experiment) REFERENCES experiments (id) ON DELETE CASCADE, 
	CONSTRAINT uq_runs_run_id UNIQUE (run_id)
);
INSERT INTO "runs" VALUES(1,'406be707a9de4ec2b9db7233e6e1738c',1,'old-0','ann','RUNNING',100,NULL,'/srv/artifacts/1/406be707a9de4ec2b9db7233e6e1738c/artifacts','active',NULL,NULL,NULL,0);
INSERT INTO "runs" VALUES(2,'d7f0aa9fe94b47b0ad1db66b54c028b6',1,'old-1','ann','RUNNING',101,NULL,'/srv/artifacts/1/d7f0aa9fe94b47b0ad1db66b54c028b6/artifacts','active',NULL,NULL,NULL,0);
INSERT INTO "runs" VALUES(3,'3944186f3d714b8e9767c7d1d0e09622',1,'old-2','ann','RUNNING',102,NULL,'/srv/artifacts/1/3944186f3d714b8e9767c7d1d0e09622/artifacts','deleted',1795517741978,NULL,NULL,0);
CREATE TABLE secrets (
	name VARCHAR(50) NOT NULL, 
	value VARCHAR(100) NOT NULL, 
	CONSTRAINT pk_secrets PRIMARY KEY (name)
);
INSERT INTO "secrets" VALUES('pages','0000000000000000000000000000000000000000000000000000000000000000');
CREATE TABLE tags (
	run INTEGER NOT NULL, 
	"key" INTEGER NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_tags PRIMARY KEY (run, "key"), 
	CONSTRAINT fk_tags_key FOREIGN KEY("key") REFERENCES keys (id) ON DELETE CASCADE, 
	CONSTRAINT fk_tags_run FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "tags" VALUES(1,1,'old-0');
INSERT INTO "tags" VALUES(1,2,'v');
INSERT INTO "tags" VALUES(2,1,'old-1');
INSERT INTO "tags" VALUES(2,2,'v');
INSERT INTO "tags" VALUES(3,1,'old-2');
INSERT INTO "tags" VALUES(3,2,'v');
CREATE INDEX ix_latest_metrics_key_is_nan_value_run ON latest_metrics ("key", is_nan, value, run);
CREATE INDEX ix_logged_models_experiment ON logged_models (experiment);
CREATE INDEX ix_logged_models_source_run_id ON logged_models (source_run_id);
CREATE INDEX ix_model_versions_run_id ON model_versions (run_id);
CREATE UNIQUE INDEX ix_experiments_request_id ON experiments (request_id);
CREATE UNIQUE INDEX ix_runs_request_id ON runs (request_id);
CREATE UNIQUE INDEX ix_logged_models_request_id ON logged_models (request_id);
CREATE UNIQUE INDEX ix_registered_models_request_id ON registered_models (request_id);
CREATE UNIQUE INDEX ix_model_versions_request_id ON model_versions (request_id);
CREATE INDEX ix_runs_lease ON runs (lease_expires) WHERE lease_expires IS NOT NULL;
CREATE INDEX ix_runs_recent ON runs (experiment, lifecycle_stage, start_time DESC, run_id);
CREATE INDEX ix_params_value ON params ("key", substr(value, 1, 100), run);
CREATE INDEX ix_tags_value ON tags ("key", substr(value, 1, 100), run);
CREATE INDEX ix_logged_model_metrics_run ON logged_model_metrics (run);
CREATE INDEX ix_dataset_inputs_dataset ON dataset_inputs (dataset);
COMMIT;

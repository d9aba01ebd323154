-- Jobs: what shall run, what became of it, and the bytes it works on.

CREATE SEQUENCE teamwork.lease AS bigint;
COMMENT ON SEQUENCE teamwork.lease IS 'One number per claim of a job';

CREATE TABLE scheduled_jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL DEFAULT get_current_user_admin_id() REFERENCES user_profiles (id) ON DELETE CASCADE,
    -- No foreign key: a job outlives the account that made it, and says so when it runs.
    created_by uuid NOT NULL DEFAULT auth.uid(),
    creator_name text,
    job_type text NOT NULL CHECK (job_type IN ('import', 'export')),
    data_type text NOT NULL,
    scheduled_time timestamptz NOT NULL DEFAULT now() CHECK (isfinite(scheduled_time)),
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    priority integer NOT NULL DEFAULT 0 CHECK (priority BETWEEN -100 AND 100),
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 3 CHECK (max_attempts BETWEEN 1 AND 20),
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    completed_at timestamptz,
    error_message text,
    record_count integer,
    file_name text,
    file_data jsonb,
    progress jsonb,
    report jsonb,
    -- Forward in each of its parts: a month less 29 days leads back from some days, and on from others.
    repeat_every interval CHECK (repeat_every BETWEEN interval '1 s' AND interval '1000 years' AND least(
        extract(year FROM repeat_every), extract(month FROM repeat_every), extract(day FROM repeat_every),
        extract(hour FROM repeat_every), extract(minute FROM repeat_every), extract(second FROM repeat_every)) >= 0),
    submitted_as text NOT NULL DEFAULT current_user,
    upload_id uuid,
    lease bigint,
    waits_until timestamptz,
    crashes integer NOT NULL DEFAULT 0,
    checkpoint jsonb
-- Room for the progress of a running job: such an update touches no index.
) WITH (fillfactor = 85);
CREATE INDEX scheduled_jobs_team_idx ON scheduled_jobs (organization_id, created_at DESC);
-- Ordered as jobs are claimed: team after team, within a team by priority and age.
CREATE INDEX scheduled_jobs_due_idx ON scheduled_jobs (organization_id, priority DESC, scheduled_time, id)
    WHERE status = 'pending' AND waits_until IS NULL;
CREATE INDEX scheduled_jobs_waiting_idx ON scheduled_jobs (waits_until) WHERE status = 'pending' AND waits_until IS NOT NULL;
CREATE INDEX scheduled_jobs_processing_idx ON scheduled_jobs (lease) WHERE status = 'processing';
CREATE INDEX scheduled_jobs_suspect_idx ON scheduled_jobs (id) WHERE crashes > 0 AND status IN ('pending', 'processing');
CREATE INDEX scheduled_jobs_ended_idx ON scheduled_jobs (completed_at) WHERE status IN ('completed', 'failed', 'cancelled');
CREATE INDEX scheduled_jobs_upload_idx ON scheduled_jobs (upload_id) WHERE upload_id IS NOT NULL;
-- The same file again: see teamwork.imported_before().
CREATE INDEX scheduled_jobs_file_idx ON scheduled_jobs (organization_id, (report ->> 'file_hash'))
    WHERE status = 'completed' AND report ->> 'file_hash' IS NOT NULL;
COMMENT ON TABLE scheduled_jobs IS 'Background jobs: insert one and watch its row';
COMMENT ON COLUMN scheduled_jobs.created_by IS 'The member who submitted the job; it runs with that member''s rights';
COMMENT ON COLUMN scheduled_jobs.creator_name IS 'That member''s name at the time of the submission';
COMMENT ON COLUMN scheduled_jobs.job_type IS 'import or export';
COMMENT ON COLUMN scheduled_jobs.status IS 'pending, processing, completed, failed or cancelled';
COMMENT ON COLUMN scheduled_jobs.priority IS 'Within a team, the higher one runs first: -100 to 100';
COMMENT ON COLUMN scheduled_jobs.attempts IS 'How many attempts have begun';
COMMENT ON COLUMN scheduled_jobs.max_attempts IS 'After how many attempts the job has failed: 1 to 20';
COMMENT ON COLUMN scheduled_jobs.error_message IS 'Why the job failed, or waits for another attempt; DETAIL and HINT follow on their own lines';
COMMENT ON COLUMN scheduled_jobs.file_name IS 'The name that people see';
COMMENT ON COLUMN scheduled_jobs.organization_id IS 'The team: the id of its admin';
COMMENT ON COLUMN scheduled_jobs.data_type IS 'The protected table that the job reads or writes, by name';
COMMENT ON COLUMN scheduled_jobs.scheduled_time IS 'When the job becomes due';
COMMENT ON COLUMN scheduled_jobs.started_at IS 'When a worker took the job, by the wall clock';
COMMENT ON COLUMN scheduled_jobs.completed_at IS 'When the job ended, well or not, by the wall clock';
COMMENT ON COLUMN scheduled_jobs.record_count IS 'How many rows were inserted or updated, or exported';
COMMENT ON COLUMN scheduled_jobs.file_data IS 'The source of an import: {"records": […]} or {"upload_id": …}, with "mapping"; and the "options"';
COMMENT ON COLUMN scheduled_jobs.progress IS '{"current", "total", "percent", "failed"}; total is an estimate until the end of the file is seen';
COMMENT ON COLUMN scheduled_jobs.report IS '{"lines", "inserted", "updated", "unchanged", "refused", "skipped", "passed_over", "causes", "dialect", "mapping", "mapping_reasons", "locale", "warnings", "header", "path", "in_bulk", "path_reasons"}, of a file "file" ({"format", "archive", "sheet"}) and "file_hash", and "dry_run" where that is true; of an export {"rows", "bytes", "chunks", "columns", "delimiter", "escaped"}';
COMMENT ON COLUMN scheduled_jobs.submitted_as IS 'The role that submitted the job; it runs as that role, under row-level security';
COMMENT ON COLUMN scheduled_jobs.repeat_every IS 'When the job has ended, the same job is submitted again for the next of these times';
COMMENT ON COLUMN scheduled_jobs.upload_id IS 'The upload that file_data names';
COMMENT ON COLUMN scheduled_jobs.lease IS 'The number of the latest claim';
COMMENT ON COLUMN scheduled_jobs.waits_until IS 'A pending job is due when this is NULL; the engine sets it to NULL when the time has come: scheduled_time at first, then that of the next attempt';
COMMENT ON COLUMN scheduled_jobs.checkpoint IS 'With the option commit_every: how far the file has been read in what is committed, in "bytes", and what became of the rows';
COMMENT ON COLUMN scheduled_jobs.crashes IS 'How often the server crashed while the job ran; such a job runs beside no other such job';

CREATE TABLE scheduled_job_errors (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Checked at commit: a check at once would lock the job's row against its own deletion while an import runs.
    job_id uuid NOT NULL REFERENCES scheduled_jobs (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    line bigint NOT NULL,
    byte_offset bigint,
    column_name text,
    value text,
    code text NOT NULL,
    message text NOT NULL,
    suggestion text,
    raw text
);
CREATE INDEX scheduled_job_errors_job_idx ON scheduled_job_errors (job_id, line);
COMMENT ON TABLE scheduled_job_errors IS 'Why a job refused a row: one row per refused cell';
COMMENT ON COLUMN scheduled_job_errors.message IS 'What is wrong, in PostgreSQL''s words';
COMMENT ON COLUMN scheduled_job_errors.suggestion IS 'What to write instead, where that is evident';
COMMENT ON COLUMN scheduled_job_errors.line IS 'The line of the file on which the record starts, the first being 1; for records, their ordinal number';
COMMENT ON COLUMN scheduled_job_errors.byte_offset IS 'Where the record starts in the file, in bytes; NULL for records';
COMMENT ON COLUMN scheduled_job_errors.column_name IS 'The table''s column; NULL when the reason is the whole record';
COMMENT ON COLUMN scheduled_job_errors.value IS 'What the file has there, cut at 1,000 characters';
COMMENT ON COLUMN scheduled_job_errors.code IS 'SQLSTATE';
COMMENT ON COLUMN scheduled_job_errors.raw IS 'The record as it stands in the file';

-- The bytes of a file -----------------------------------------------------------------------------------------------

CREATE TABLE teamwork.uploads (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE,
    created_by uuid NOT NULL,
    file_name text,
    bytes bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX uploads_organization_id_idx ON teamwork.uploads (organization_id);
COMMENT ON TABLE teamwork.uploads IS 'Files sent to the database for import';

CREATE TABLE teamwork.upload_chunks (
    upload_id uuid NOT NULL REFERENCES teamwork.uploads (id) ON DELETE CASCADE,
    -- Where the chunk starts in the file. Ordered like the appends, which the upload's row lock serialises.
    byte_offset bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (upload_id, byte_offset)
);
-- Uncompressed, so that neither the client's append nor the worker's read pays for it.
ALTER TABLE teamwork.upload_chunks ALTER COLUMN data SET STORAGE EXTERNAL;
COMMENT ON TABLE teamwork.upload_chunks IS 'The bytes of an upload, in parts that a worker can stream';

-- Row access --------------------------------------------------------------------------------------------------------

ALTER TABLE scheduled_jobs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE scheduled_job_errors ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE teamwork.uploads ENABLE ROW LEVEL SECURITY;
ALTER TABLE teamwork.upload_chunks ENABLE ROW LEVEL SECURITY;

-- A job holds rows: in its file, in what was refused, in an export. Others' jobs are seen by who may read all of their table.
CREATE POLICY "team members see the team's jobs" ON scheduled_jobs FOR SELECT TO authenticated
    USING (organization_id = (SELECT get_current_user_admin_id())
           AND (data_type <> ALL ((SELECT teamwork.closed_data_types())::text[]) OR created_by = (SELECT teamwork.current_user_id())));
-- Only membership: created_by is set by a trigger, so whatever the client sends cannot make the insert fail.
CREATE POLICY "team members submit jobs for the team" ON scheduled_jobs FOR INSERT TO authenticated
    WITH CHECK (organization_id = (SELECT get_current_user_admin_id()));
CREATE POLICY "the creator and the admin delete jobs" ON scheduled_jobs FOR DELETE TO authenticated
    USING (organization_id = (SELECT get_current_user_admin_id())
           AND (SELECT teamwork.current_user_id()) IN (created_by, organization_id));

CREATE POLICY "team members see what was refused" ON scheduled_job_errors FOR SELECT TO authenticated
    USING (job_id IN (SELECT j.id FROM scheduled_jobs j WHERE j.organization_id = (SELECT get_current_user_admin_id())));

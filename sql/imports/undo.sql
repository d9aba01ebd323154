-- Undo: what an import has to remember for it, and undo_import(). Rows that the import marked with its import_id need no
-- record; all others have their keys in the log, and rows that it changed what they were before. src/import writes the log.
--
-- Whether a row was changed since, its times say: an import leaves created_at and updated_at (of a row that it changed,
-- updated_at) at the time of its transaction, and teamwork.touch_row() stamps every change. An undo puts back the time and the author of
-- the change before, so that imports can be undone one after the other, the latest first.

CREATE TABLE teamwork.import_changes (
    -- Checked at commit, as that of scheduled_job_errors: the job can be deleted while it runs.
    job_id uuid NOT NULL REFERENCES scheduled_jobs (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT now(),
    inserted json,
    before json,
    PRIMARY KEY (job_id, ordinal)
);
COMMENT ON TABLE teamwork.import_changes IS 'What undo_import() needs to know of an import, in batches; it goes with its job';
COMMENT ON COLUMN teamwork.import_changes.at IS 'The time that the rows were stamped with';
COMMENT ON COLUMN teamwork.import_changes.inserted IS 'Of tables without import_id: [{key column: value}…] of the inserted rows';
COMMENT ON COLUMN teamwork.import_changes.before IS 'What updated rows were before: [{column: value}…], of their key, the columns that the import sets, updated_at and updated_by';
-- Kept as long as their jobs, and a batch has the same keys in every row.
DO $$
BEGIN
    ALTER TABLE teamwork.import_changes ALTER COLUMN inserted SET COMPRESSION lz4, ALTER COLUMN before SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END
$$;
-- No policy: the functions here read it, and nobody else.
ALTER TABLE teamwork.import_changes ENABLE ROW LEVEL SECURITY;

CREATE TABLE teamwork.undo_leftovers (
    job_id uuid NOT NULL REFERENCES scheduled_jobs (id) ON DELETE CASCADE,
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    row_key jsonb NOT NULL,
    reason text NOT NULL CHECK (reason IN ('changed', 'gone', 'refused')),
    detail text,
    PRIMARY KEY (job_id, ordinal)
);
COMMENT ON TABLE teamwork.undo_leftovers IS 'Rows of undone imports that were not undone; undo_conflicts() reads them
For: members';
COMMENT ON COLUMN teamwork.undo_leftovers.row_key IS 'The key of the row';
COMMENT ON COLUMN teamwork.undo_leftovers.reason IS 'changed since, gone, or refused by a foreign key, a policy or a trigger';
ALTER TABLE teamwork.undo_leftovers ENABLE ROW LEVEL SECURITY;
CREATE POLICY "team members see what an undo has left" ON teamwork.undo_leftovers FOR SELECT TO authenticated
    USING (EXISTS (SELECT FROM scheduled_jobs j WHERE j.id = job_id AND j.organization_id = (SELECT get_current_user_admin_id())));

CREATE FUNCTION teamwork.record_changes(job_id uuid, inserted text, before text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO teamwork.import_changes (job_id, inserted, before)
    VALUES (record_changes.job_id, record_changes.inserted::json, record_changes.before::json);
END
$$;
COMMENT ON FUNCTION teamwork.record_changes(uuid, text, text) IS 'Keeps, for undo_import(), what an import has done to a batch of rows; both are JSON';

-- The statements -------------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.restorable_columns(job_id uuid, target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.key
    FROM (SELECT c.before -> 0 AS image FROM teamwork.import_changes c
          WHERE c.job_id = restorable_columns.job_id AND c.before IS NOT NULL LIMIT 1) first
    CROSS JOIN LATERAL json_object_keys(first.image) k (key)
    JOIN pg_attribute a ON a.attrelid = target AND a.attname = k.key AND NOT a.attisdropped
    WHERE a.attgenerated = '' AND a.attidentity = '' AND k.key NOT IN ('owner_id', 'admin_id', 'import_id')
      AND k.key <> ALL (teamwork.row_identity(target))
$$;
COMMENT ON FUNCTION teamwork.restorable_columns(uuid, regclass) IS 'The columns that an import has changed and that the table still has; updated_at among them';

CREATE FUNCTION teamwork.undo_statements(job_id uuid, target regclass, OUT inserted text, OUT remove text,
                                         OUT updated text, OUT restore text, OUT explain text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- $1: images, $2: times, one for each row of a chunk. As the caller. The condition is true, and seems rare to the planner:
    -- it begins with these rows and finds each by its key, however small it takes the team to be. Nor shall it find them by their
    -- times (hence IS FALSE), which all rows of an import share.
    wanted CONSTANT text := 'WITH wanted AS MATERIALIZED (
        SELECT r.*, w.stamp AS "teamwork stamp", w.place AS "teamwork place"
        FROM unnest($1::text[]::json[], $2::timestamptz[]) WITH ORDINALITY w (image, stamp, place), json_to_record(w.image) r (%s)
        WHERE w.place %% 1 = 0) ';
    identity CONSTANT text[] := teamwork.row_identity(target);
    restored CONSTANT text[] := ARRAY(SELECT teamwork.restorable_columns(job_id, target));
    shown CONSTANT text[] := identity || ARRAY(
        SELECT unnest(p.key_columns) FROM teamwork.protections p WHERE p.target = undo_statements.target
        EXCEPT SELECT unnest(identity));
    same_row CONSTANT text := (SELECT string_agg(format('t.%I = r.%1$I', k), ' AND ') FROM unnest(identity) k);
    name CONSTANT text := teamwork.full_name(target);
BEGIN
    -- Of both: $1: the job, $2: the table.
    inserted := 'SELECT image, stamp FROM teamwork.inserted_rows($1, $2::oid)';
    updated := 'SELECT image, stamp FROM teamwork.updated_rows($1, $2::oid)';
    remove := format(wanted, teamwork.record_definition(target, identity)) || format(
        'DELETE FROM %s t USING wanted r WHERE %s AND (t.created_at > r."teamwork stamp" OR t.updated_at <> r."teamwork stamp") IS FALSE
         RETURNING r."teamwork place"', name, same_row);
    restore := format(wanted, teamwork.record_definition(target, identity || restored)) || format(
        'UPDATE %s t SET %s FROM wanted r WHERE %s AND (t.updated_at <> r."teamwork stamp") IS FALSE RETURNING r."teamwork place"',
        name, (SELECT string_agg(format('%I = r.%1$I', c), ', ') FROM unnest(restored) c), same_row);
    -- Of rows that were left: why. $3: the job, $4: its team, $5: an error, if there was one. As the owner.
    explain := format(wanted, teamwork.record_definition(target, shown)) || format(
        'INSERT INTO teamwork.undo_leftovers (job_id, row_key, reason, detail)
         SELECT $3, json_strip_nulls(row_to_json(k.*)),
                CASE WHEN t.admin_id IS NULL THEN ''gone''
                     WHEN $5 IS NOT NULL OR t.updated_at = r."teamwork stamp" THEN ''refused'' ELSE ''changed'' END,
                CASE WHEN t.updated_at = r."teamwork stamp"
                     THEN coalesce($5, ''a policy or a trigger of the table keeps the row as it is'') END
         FROM wanted r LEFT JOIN %s t ON %s AND t.admin_id = $4 CROSS JOIN LATERAL (SELECT %s) k ORDER BY r."teamwork place"',
        name, same_row, (SELECT string_agg(format('coalesce(t.%I, r.%1$I) AS %1$I', c), ', ') FROM unnest(shown) c));
END
$$;
COMMENT ON FUNCTION teamwork.undo_statements(uuid, regclass) IS 'The statements that list, remove and restore rows of a table, and the one that says why others were left; for teamwork.undo_rows()';

CREATE FUNCTION teamwork.record_definition(target regclass, columns text[]) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ')
    FROM pg_attribute a WHERE a.attrelid = target AND a.attname = ANY (columns)
$$;
COMMENT ON FUNCTION teamwork.record_definition(regclass, text[]) IS 'Columns of a table as a column definition list has them';

COMMENT ON FUNCTION teamwork.undo_rows(uuid, uuid, oid, text, text, text, text, text) IS 'Removes and restores the rows of an import with the caller''s rights, and keeps the rest in teamwork.undo_leftovers; by the teamwork.undo_statements()';

-- For members ------------------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.check_undo(job scheduled_jobs, target regclass) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    problem text;
    unknown_time name;
    later uuid;
BEGIN
    IF job.report ? 'undo' THEN
        RAISE EXCEPTION 'import % is undone already', job.id
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('%s row(s) were removed and %s restored on %s.', job.report #>> '{undo,removed}',
                                  job.report #>> '{undo,restored}', (job.report #>> '{undo,at}')::timestamptz);
    ELSIF job.status IN ('pending', 'processing') OR job.report IS NULL THEN
        RAISE EXCEPTION 'import % has left nothing to undo', job.id
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format(CASE WHEN job.status IN ('pending', 'processing') THEN 'Its status is %s.'
                                       ELSE 'Its status is %s: all of it was rolled back.' END, job.status);
    END IF;
    SELECT a.attname INTO unknown_time FROM pg_attribute a
    WHERE a.attrelid = target AND a.attname IN ('created_at', 'updated_at') AND a.atttypid <> 'timestamptz'::regtype LIMIT 1;
    problem := CASE
        WHEN target IS NULL THEN 'The table is not protected any more.'
        WHEN teamwork.row_identity(target) = '{}'
            THEN 'The table has neither a primary key nor a key without NULLs by which to find the rows again.'
        WHEN unknown_time IS NOT NULL
            THEN format('By its column %s, which is no timestamptz, a row that was changed since cannot be told.', unknown_time)
        WHEN (job.report ->> 'updated')::bigint > 0 AND NOT EXISTS (
                SELECT FROM teamwork.import_changes c WHERE c.job_id = job.id AND c.before IS NOT NULL)
          OR (job.report ->> 'inserted')::bigint > 0 AND NOT (SELECT t.has_import_id FROM teamwork.describe_target(target) t)
             AND NOT EXISTS (SELECT FROM teamwork.import_changes c WHERE c.job_id = job.id AND c.inserted IS NOT NULL)
            THEN 'The rows were not recorded when it ran: the table had no key by which to find them again.'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'cannot undo an import into %', job.data_type
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = problem;
    END IF;
    SELECT j.id INTO later FROM @extschema@.scheduled_jobs j JOIN teamwork.import_changes c ON c.job_id = j.id AND c.before IS NOT NULL
    WHERE j.organization_id = job.organization_id AND teamwork.target_of(j.data_type) = target
      AND j.started_at >= job.completed_at AND c.at <= job.started_at
    ORDER BY j.completed_at DESC LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'import % cannot be undone before import %', job.id, later
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'Both ran in one transaction, by teamwork.run_pending_jobs(): '
                           'by their times, their changes cannot be told apart.',
                  HINT = format('SELECT undo_import(%L) first.', later);
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_undo(scheduled_jobs, regclass) IS 'Refuses to undo what cannot be undone, and says why';

CREATE FUNCTION teamwork.undo_report(job scheduled_jobs, found bigint, removed bigint, restored bigint) RETURNS jsonb
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
        'removed', removed, 'restored', restored,
        'kept', count(*) FILTER (WHERE l.reason <> 'gone'),
        -- Rows that import_id marked leave no trace when they are deleted.
        'gone', count(*) FILTER (WHERE l.reason = 'gone') + (job.report ->> 'inserted')::bigint - found,
        'by', teamwork.current_user_id(), 'at', now(),
        'conflicts', coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('row', l.row_key, 'reason', l.reason, 'detail', l.detail))
                                        ORDER BY l.ordinal) FILTER (WHERE l.place <= 20), '[]'))
    FROM (SELECT l.*, row_number() OVER (ORDER BY l.ordinal) AS place FROM teamwork.undo_leftovers l WHERE l.job_id = job.id) l
$$;
COMMENT ON FUNCTION teamwork.undo_report(scheduled_jobs, bigint, bigint, bigint) IS 'What an undo did, with the first rows that it left';

CREATE FUNCTION undo_import(job_id uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job @extschema@.scheduled_jobs := teamwork.controlled_job(job_id);
    target regclass;
    done record;
BEGIN
    IF job.id IS NULL AND EXISTS (SELECT FROM @extschema@.scheduled_jobs j
                                  WHERE j.id = job_id AND j.organization_id = @extschema@.get_current_user_admin_id()) THEN
        RAISE EXCEPTION 'permission denied to undo import %', job_id
            USING ERRCODE = 'insufficient_privilege', HINT = 'The member who submitted it and the admin of the team may.';
    ELSIF job.id IS NULL THEN
        RAISE EXCEPTION 'job % does not exist', job_id USING ERRCODE = 'no_data_found';
    END IF;
    job := teamwork.require_import(job_id);
    -- With commit_every, an import that has not come to its end has left something as well.
    job.report := coalesce(job.report, job.checkpoint);
    target := teamwork.target_of(job.data_type);
    PERFORM teamwork.check_undo(job, target);
    SELECT r.* INTO done FROM teamwork.undo_statements(job.id, target) s
    CROSS JOIN LATERAL teamwork.undo_rows(job.id, job.organization_id, target, s.inserted, s.remove, s.updated, s.restore, s.explain) r;
    UPDATE @extschema@.scheduled_jobs j
    SET report = job.report || jsonb_build_object('undo', teamwork.undo_report(job, done.found, done.removed, done.restored)),
        -- A retry begins from the beginning.
        checkpoint = NULL
    WHERE j.id = job.id;
    DELETE FROM teamwork.import_changes c WHERE c.job_id = job.id;
    PERFORM teamwork.audit('job_undone', job.organization_id, job.id,
                           jsonb_build_object('job_type', job.job_type, 'data_type', job.data_type, 'file_name', job.file_name,
                                              'removed', done.removed, 'restored', done.restored));
    PERFORM teamwork.notify_team(job.organization_id, job.id, 'undone', NULL);
    RETURN done.removed + done.restored;
END
$$;
COMMENT ON FUNCTION undo_import(uuid) IS 'Removes the rows that an import inserted and restores those that it updated; rows that were changed since stay, see undo_conflicts(); returns how many rows were removed or restored
Errors: P0002 if the caller''s team has no such job; 42501 unless the caller is its creator or the admin; 42809 if the job is not an import; 55000 if it has not ended, left nothing, was undone already, or cannot be undone';

CREATE FUNCTION undo_conflicts(job_id uuid, OUT row_key jsonb, OUT reason text, OUT detail text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.require_import(job_id);
    RETURN QUERY SELECT l.row_key, l.reason, l.detail
        FROM teamwork.undo_leftovers l WHERE l.job_id = undo_conflicts.job_id ORDER BY l.ordinal;
END
$$;
COMMENT ON FUNCTION undo_conflicts(uuid) IS 'The rows that an undo left as they were: changed since, gone, or refused with the reason
Errors: P0002 if the caller''s team has no such job; 42809 if the job is not an import; 55000 if it has not ended';

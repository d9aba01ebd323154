-- One team, one row per job, and the ways in which a member of the team submits a job to each contender.
SET client_min_messages = warning;
CREATE EXTENSION teamwork;

INSERT INTO auth.users (id) VALUES ('00000001-0000-4000-8000-000000000000');
INSERT INTO user_profiles (id, role) SELECT id, 'admin' FROM auth.users;

-- The row of a job, told apart by its number.
CREATE FUNCTION bench_record(n bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('type', 'income', 'category', 'sales', 'amount', '12.50', 'description', n::text,
                              'occurred_on', '2026-01-01')
$$;

-- graphile-worker lets nobody but its owner add jobs; its documentation has applications do it through such functions.
CREATE FUNCTION bench_payload(n bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('record', bench_record(n), 'owner_id', auth.uid(), 'admin_id', get_current_user_admin_id())
$$;
CREATE FUNCTION submit_to_graphile(n bigint) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM graphile_worker.add_job('insert_row', bench_payload(n));
    RETURN pg_current_xact_id();
END
$$;
CREATE FUNCTION submit_many_to_graphile(first bigint, last bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM graphile_worker.add_jobs(ARRAY(
        SELECT ('insert_row', bench_payload(n), NULL, NULL, NULL, NULL, NULL, NULL)::graphile_worker.job_spec
        FROM generate_series(first, last) n));
END
$$;

-- What a page that asks every five seconds works on.
CREATE TABLE polled_jobs (
    n bigint PRIMARY KEY,
    record jsonb NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    started_at timestamptz
);
GRANT SELECT, INSERT, UPDATE ON polled_jobs TO authenticated;

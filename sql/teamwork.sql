/* <begin connected objects> */
-- src/clock.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::clock::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/clock.rs
-- teamwork::clock::teamwork::engine_time
CREATE  FUNCTION teamwork."engine_time"() RETURNS timestamp with time zone /* TimestampWithTimeZone */
STRICT VOLATILE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'engine_time_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/engine/interrupt.rs
-- teamwork::engine::interrupt::teamwork::interrupt
CREATE  FUNCTION teamwork."interrupt"(
	"lease" bigint /* i64 */
) RETURNS void
STRICT VOLATILE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'interrupt_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/engine/interrupt.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::engine::interrupt::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/engine/monitoring.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::engine::monitoring::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/engine/monitoring.rs
-- teamwork::engine::monitoring::teamwork::live_progress
CREATE  FUNCTION teamwork."live_progress"(
	"job_id" uuid /* Uuid */
) RETURNS TABLE (
	"current" bigint,  /* i64 */
	"total" bigint,  /* i64 */
	"percent" INT,  /* i32 */
	"failed" bigint  /* i64 */
)
STRICT VOLATILE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'live_progress_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/engine/monitoring.rs
-- teamwork::engine::monitoring::teamwork::engine_processes
CREATE  FUNCTION teamwork."engine_processes"() RETURNS TABLE (
	"kind" TEXT,  /* String */
	"pid" INT,  /* i32 */
	"database" oid,  /* Option < pg_sys :: Oid > */
	"job_id" uuid,  /* Option < Uuid > */
	"organization_id" uuid,  /* Option < Uuid > */
	"started_at" timestamp with time zone,  /* Option < TimestampWithTimeZone > */
	"current" bigint,  /* Option < i64 > */
	"total" bigint,  /* Option < i64 > */
	"percent" INT,  /* Option < i32 > */
	"failed" bigint  /* Option < i64 > */
)
STRICT VOLATILE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'engine_processes_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/engine/run_pending_jobs.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::engine::run_pending_jobs::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/engine/run_pending_jobs.rs
-- teamwork::engine::run_pending_jobs::teamwork::run_pending_jobs
CREATE  FUNCTION teamwork."run_pending_jobs"(
	"max_jobs" INT DEFAULT NULL /* Option < i32 > */
) RETURNS INT /* i32 */
VOLATILE SECURITY DEFINER
SET search_path TO pg_catalog, pg_temp
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'run_pending_jobs_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/engine/wake.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::engine::wake::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/engine/wake.rs
-- teamwork::engine::wake::teamwork::wake
CREATE  FUNCTION teamwork."wake"() RETURNS void
STRICT VOLATILE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'wake_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::get_current_user_admin_id
CREATE  FUNCTION "get_current_user_admin_id"() RETURNS uuid /* Option < Uuid > */
STRICT STABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'get_current_user_admin_id_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::get_current_user_role
CREATE  FUNCTION "get_current_user_role"() RETURNS TEXT /* Option < String > */
STRICT STABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'get_current_user_role_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::identity::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::teamwork::current_user_id
CREATE  FUNCTION teamwork."current_user_id"() RETURNS uuid /* Option < Uuid > */
STRICT STABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'current_user_id_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::teamwork::current_claims
CREATE  FUNCTION teamwork."current_claims"() RETURNS jsonb /* Option < JsonB > */
STRICT STABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'current_claims_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::teamwork::claimed_role
CREATE  FUNCTION teamwork."claimed_role"() RETURNS TEXT /* Option < String > */
STRICT STABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'claimed_role_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::teamwork::claimed_email
CREATE  FUNCTION teamwork."claimed_email"() RETURNS TEXT /* Option < String > */
STRICT STABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'claimed_email_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::teamwork::claims_fault
CREATE  FUNCTION teamwork."claims_fault"() RETURNS TEXT /* String */
STRICT STABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'claims_fault_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::teamwork::set_claims
CREATE  FUNCTION teamwork."set_claims"(
	"claims" jsonb, /* Option < JsonB > */
	"is_local" bool /* bool */
) RETURNS void
VOLATILE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'set_claims_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::teamwork::goes_by_token
CREATE  FUNCTION teamwork."goes_by_token"() RETURNS bool /* bool */
STRICT STABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'goes_by_token_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::teamwork::token_fault
CREATE  FUNCTION teamwork."token_fault"(
	"token" TEXT /* & str */
) RETURNS TEXT /* Option < String > */
STRICT STABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'token_fault_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::teamwork::role_may
-- requires:
--   arm_masks
CREATE  FUNCTION teamwork."role_may"(
	"target" oid, /* pg_sys :: Oid */
	"command" TEXT /* & str */
) RETURNS bool /* bool */
STRICT STABLE PARALLEL SAFE SUPPORT teamwork."arm_masks"
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'role_may_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::teamwork::hidden_columns
CREATE  FUNCTION teamwork."hidden_columns"(
	"target" oid /* pg_sys :: Oid */
) RETURNS TEXT[] /* Vec < String > */
STRICT STABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'hidden_columns_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::teamwork::forget_callers
CREATE  FUNCTION teamwork."forget_callers"() RETURNS void
STRICT VOLATILE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'forget_callers_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/identity.rs
-- teamwork::identity::teamwork::forget_plans
CREATE  FUNCTION teamwork."forget_plans"(
	"target" oid /* pg_sys :: Oid */
) RETURNS void
STRICT VOLATILE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'forget_plans_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/ids.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::ids::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/ids.rs
-- teamwork::ids::teamwork::ids_are_generated
-- requires:
--   plan_insert
CREATE  FUNCTION teamwork."ids_are_generated"(
	"_admin_id" uuid /* Option < Uuid > */
) RETURNS bool /* bool */
STABLE PARALLEL SAFE SUPPORT teamwork."plan_insert"
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'ids_are_generated_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/ids.rs
-- teamwork::ids::teamwork::plan_insert
CREATE  FUNCTION teamwork."plan_insert"(
	"request" internal /* Internal */
) RETURNS internal /* Internal */
IMMUTABLE STRICT PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'plan_insert_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/ids.rs
-- teamwork::ids::teamwork::replaces_a_row
-- requires:
--   plan_upsert
CREATE  FUNCTION teamwork."replaces_a_row"(
	"_admin_id" uuid /* Option < Uuid > */
) RETURNS bool /* bool */
STABLE PARALLEL SAFE SUPPORT teamwork."plan_upsert"
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'replaces_a_row_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/ids.rs
-- teamwork::ids::teamwork::plan_upsert
CREATE  FUNCTION teamwork."plan_upsert"(
	"request" internal /* Internal */
) RETURNS internal /* Internal */
IMMUTABLE STRICT PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'plan_upsert_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/ids.rs
-- teamwork::ids::teamwork::has_drawn
CREATE  FUNCTION teamwork."has_drawn"(
	"sequence" oid, /* pg_sys :: Oid */
	"number" bigint /* i64 */
) RETURNS bool /* bool */
STRICT VOLATILE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'has_drawn_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/import/error_file.rs
-- teamwork::import::error_file::teamwork::error_file_header
CREATE  FUNCTION teamwork."error_file_header"(
	"header" TEXT[], /* Vec < String > */
	"delimiter" TEXT /* & str */
) RETURNS TEXT /* String */
IMMUTABLE STRICT PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'error_file_header_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/import/error_file.rs
-- teamwork::import::error_file::teamwork::error_file_record
CREATE  FUNCTION teamwork."error_file_record"(
	"raw" TEXT, /* & str */
	"dialect" jsonb, /* Option < JsonB > */
	"header" TEXT[], /* Vec < String > */
	"commas" TEXT[], /* Vec < String > */
	"reason" TEXT /* & str */
) RETURNS TEXT /* String */
IMMUTABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'error_file_record_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/import/error_file.rs
-- teamwork::import::error_file::teamwork::error_file_mark
CREATE  FUNCTION teamwork."error_file_mark"(
	"locale" jsonb, /* JsonB */
	"dialect" jsonb /* Option < JsonB > */
) RETURNS TEXT /* String */
IMMUTABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'error_file_mark_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/import/error_file.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::import::error_file::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/import/preview.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::import::preview::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/import/preview.rs
-- teamwork::import::preview::teamwork::run_preview
CREATE  FUNCTION teamwork."run_preview"(
	"data_type" TEXT, /* & str */
	"csv" TEXT, /* & str */
	"mapping" TEXT, /* Option < & str > */
	"options" TEXT /* & str */
) RETURNS TEXT /* Option < String > */
VOLATILE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'run_preview_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/import/read/mapping.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::import::read::mapping::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/import/read/mapping.rs
-- teamwork::import::read::mapping::teamwork::header_signature
CREATE  FUNCTION teamwork."header_signature"(
	"header" TEXT[] /* Vec < Option < String > > */
) RETURNS TEXT /* Option < String > */
IMMUTABLE STRICT PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'header_signature_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/import/read/mapping.rs
-- teamwork::import::read::mapping::teamwork::match_columns
CREATE  FUNCTION teamwork."match_columns"(
	"csv" TEXT, /* & str */
	"names" TEXT[], /* Vec < String > */
	"types" TEXT[], /* Vec < String > */
	"modifiers" INT[], /* Vec < i32 > */
	"saved" jsonb /* JsonB */
) RETURNS TABLE (
	"csv_column" TEXT,  /* String */
	"target_column" TEXT,  /* Option < String > */
	"confidence" real,  /* f32 */
	"reason" TEXT,  /* String */
	"samples" TEXT[]  /* Vec < String > */
)
STRICT STABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'match_columns_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/import/undo.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::import::undo::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/import/undo.rs
-- teamwork::import::undo::teamwork::undo_rows
CREATE  FUNCTION teamwork."undo_rows"(
	"job" uuid, /* Uuid */
	"team" uuid, /* Uuid */
	"target" oid, /* pg_sys :: Oid */
	"inserted" TEXT, /* & str */
	"remove" TEXT, /* & str */
	"updated" TEXT, /* & str */
	"restore" TEXT, /* & str */
	"explain" TEXT /* & str */
) RETURNS TABLE (
	"found" bigint,  /* i64 */
	"removed" bigint,  /* i64 */
	"restored" bigint  /* i64 */
)
STRICT VOLATILE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'undo_rows_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/lib.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/options.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::options::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/options.rs
-- teamwork::options::teamwork::option_fault
CREATE  FUNCTION teamwork."option_fault"(
	"job_type" TEXT, /* & str */
	"options" jsonb /* JsonB */
) RETURNS TABLE (
	"option" TEXT,  /* String */
	"is_known" bool,  /* bool */
	"hint" TEXT  /* String */
)
IMMUTABLE STRICT PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'option_fault_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/options.rs
-- teamwork::options::teamwork::job_options
CREATE  FUNCTION teamwork."job_options"() RETURNS TABLE (
	"kind" TEXT,  /* String */
	"option" TEXT,  /* String */
	"values" TEXT,  /* String */
	"meaning" TEXT  /* String */
)
IMMUTABLE STRICT PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'job_options_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/reading.rs
-- teamwork::reading::sniff_csv
CREATE  FUNCTION "sniff_csv"(
	"data" bytea /* & [u8] */
) RETURNS jsonb /* JsonB */
IMMUTABLE STRICT PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'sniff_csv_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/reading.rs
-- teamwork::reading::sniff_file
CREATE  FUNCTION "sniff_file"(
	"data" bytea, /* Option < & [u8] > */
	"file_name" TEXT DEFAULT NULL /* Option < & str > */
) RETURNS jsonb /* Option < JsonB > */
IMMUTABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'sniff_file_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/reading.rs
-- teamwork::reading::read_csv
CREATE  FUNCTION "read_csv"(
	"data" bytea, /* Vec < u8 > */
	"options" jsonb DEFAULT '{}' /* JsonB */
) RETURNS TABLE (
	"line" bigint,  /* i64 */
	"fields" TEXT[]  /* Vec < String > */
)
IMMUTABLE STRICT PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'read_csv_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/rules.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::rules::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
-- src/rules.rs
-- teamwork::rules::teamwork::arm_masks
CREATE  FUNCTION teamwork."arm_masks"(
	"_request" internal /* Internal */
) RETURNS internal /* Internal */
IMMUTABLE STRICT PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'arm_masks_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/rules.rs
-- teamwork::rules::teamwork::is_visible
CREATE  FUNCTION teamwork."is_visible"(
	"target" oid, /* Oid */
	"column" TEXT /* & str */
) RETURNS bool /* bool */
STRICT STABLE PARALLEL SAFE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'is_visible_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/team_lock.rs
-- teamwork::team_lock::teamwork::try_lock_team
CREATE  FUNCTION teamwork."try_lock_team"(
	"team" uuid /* Uuid */
) RETURNS bool /* bool */
STRICT VOLATILE
LANGUAGE c /* Rust */
AS 'MODULE_PATHNAME', 'try_lock_team_wrapper';
/* </end connected objects> */
/* <begin connected objects> */
-- src/team_lock.rs
CREATE SCHEMA IF NOT EXISTS teamwork; /* teamwork::team_lock::teamwork */
/* </end connected objects> */
/* <begin connected objects> */
/*
This file is auto generated by pgrx.

The ordering of items is not stable, it is driven by a dependency graph.
*/
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- bootstrap
/*
teamwork: teams, quotas, row-level isolation, background jobs and bulk imports inside the database.

The model in one page
---------------------
A *team* is an admin with their managers and staff; its id is the admin's user id (`admin_id`, `organization_id`).

  auth.users ──< user_profiles >── team (admin_id)         who is who; an admin's own admin_id is NULL
                      │
                teamwork.seats                             one row per occupied seat: the quota's hard floor
                teamwork.invitations                       a pending one holds a seat, which its acceptance hands over
                teamwork.role_limits                       how many seats a role has, by default and per admin
                teamwork.gone_accounts                     whose account was deleted: an old token makes no new one

  transactions, inventory, staff, and any table given to teamwork.protect_table:
                owner_id (who made the row), admin_id (whose row it is), four policies, one equality each

  scheduled_jobs ──< scheduled_job_errors                  what shall run, what became of it, what was refused and why
         ├── teamwork.uploads ──< teamwork.upload_chunks   the bytes of a file to import, in parts
         └──< teamwork.export_chunks                       the text of a file that an export has made, in parts
  teamwork.saved_mappings                                  which column of a file went where, for files of the same header

  teamwork.audit_log                                       what was done to memberships, limits and jobs, and by whom

Who is calling is the `sub` of the request's claims; which team that is, get_current_user_admin_id() says. Every policy
is built from these two. A job travels pending → processing → completed | failed; a *lease*, a number drawn at each
claim and locked by the process that runs the job for as long as it lives, says whether a processing job is alive.

Two schemas: the extension's own (public, or any other by CREATE EXTENSION … SCHEMA) is for applications; `teamwork` is
for database administrators and for the machinery.

SECURITY DEFINER functions, each with its reason, are listed in docs/security.md.

How a name is read: a column is written with its table (j.status), a parameter or a variable without anything (job_id). Where
a table of the statement has a column of that name, the parameter is written with its function (end_job.status). No body has
a #variable_conflict, which would tell the two apart by what a reader cannot see.
*/

DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'teamwork needs a database with the encoding UTF8'
            USING ERRCODE = 'feature_not_supported',
                  DETAIL = format('This database has the encoding %s.', current_setting('server_encoding')),
                  HINT = 'Create one with: CREATE DATABASE name ENCODING ''UTF8'' TEMPLATE template0.';
    END IF;
    IF '@extschema@' = 'teamwork' THEN
        RAISE EXCEPTION 'extension teamwork cannot be installed into the schema teamwork'
            USING ERRCODE = 'invalid_schema_name',
                  DETAIL = 'The schema teamwork holds the machinery, apart from what applications see.',
                  HINT = 'Choose another schema, such as public or app.';
    END IF;
END
$$;

-- Supabase's roles, where they are missing. Roles belong to the whole cluster: another database may have made them.
DO $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES ('anon', 'NOLOGIN'), ('authenticated', 'NOLOGIN'), ('service_role', 'NOLOGIN BYPASSRLS'),
                                -- Whose members are nobody without a signed token.
                                ('teamwork_token_only', 'NOLOGIN'))
            AS r (name, attributes)
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = r.name)
    LOOP
        EXECUTE format('CREATE ROLE %I %s', wanted.name, wanted.attributes);
    END LOOP;
EXCEPTION
    -- CREATE EXTENSION in two databases at the same moment: the other one made them.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   bootstrap
--   teamwork::current_user_id
--   teamwork::current_claims
--   teamwork::set_claims
--   teamwork::claims_fault
--   teamwork::claimed_role
--   teamwork::claimed_email

-- auth: Supabase's schema of users and claims. Where it exists it is used as it is and nothing in it is changed; where it
-- does not, the part that applications lean on is made here, with Supabase's meanings.

DO $$
BEGIN
    IF to_regnamespace('auth') IS NOT NULL THEN
        IF NOT EXISTS (SELECT FROM pg_proc p WHERE p.oid = to_regprocedure('auth.uid()') AND p.prorettype = 'uuid'::regtype) THEN
            RAISE EXCEPTION 'schema auth exists, but has no function auth.uid() that returns uuid'
                USING ERRCODE = 'undefined_function',
                      DETAIL = 'Where there is a schema auth, as on Supabase, the extension uses it as it is.',
                      HINT = 'Make it: CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $uid$ SELECT coalesce('
                             'nullif(current_setting(''request.jwt.claim.sub'', true), ''''), '
                             'nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb ->> ''sub'')::uuid $uid$; '
                             'or rename a schema auth that is for something else.';
        ELSIF NOT EXISTS (SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]
                          WHERE k.conrelid = to_regclass('auth.users') AND k.contype IN ('p', 'u')
                            AND a.attname = 'id' AND a.atttypid = 'uuid'::regtype) THEN
            RAISE EXCEPTION 'schema auth exists, but has no table auth.users with a unique id of type uuid'
                USING ERRCODE = 'undefined_table',
                      DETAIL = 'Profiles and owners of rows refer to it.',
                      HINT = 'Make it: CREATE TABLE auth.users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text); '
                             'or rename a schema auth that is for something else.';
        END IF;
        RETURN;
    END IF;

    CREATE SCHEMA auth;
    COMMENT ON SCHEMA auth IS 'Users and the claims of the current request, as Supabase lays them out';

    CREATE TABLE auth.users (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        email text,
        phone text,
        raw_user_meta_data jsonb,
        raw_app_meta_data jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE auth.users IS 'Everybody who can sign in';
    ALTER TABLE auth.users ENABLE ROW LEVEL SECURITY;

    -- The same native code as teamwork.current_user_id(): it never raises, a malformed claim means nobody.
    CREATE FUNCTION auth.uid() RETURNS uuid
        LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'current_user_id_wrapper';
    COMMENT ON FUNCTION auth.uid() IS 'The id of the calling user: the sub of the request''s claims; NULL when nobody
Errors: none';

    CREATE FUNCTION auth.jwt() RETURNS jsonb
        LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'current_claims_wrapper';
    COMMENT ON FUNCTION auth.jwt() IS 'The claims of the request; NULL when there are none
Errors: none';

    CREATE FUNCTION auth.role() RETURNS text
        LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'claimed_role_wrapper';
    COMMENT ON FUNCTION auth.role() IS 'The role claim of the request; NULL when there is none
Errors: none';

    CREATE FUNCTION auth.email() RETURNS text
        LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'claimed_email_wrapper';
    COMMENT ON FUNCTION auth.email() IS 'The email claim of the request; NULL when there is none
Errors: none';

    GRANT USAGE ON SCHEMA auth TO anon, authenticated, service_role;
    GRANT ALL ON auth.users TO service_role;
END
$$;

COMMENT ON SCHEMA teamwork IS 'For database administrators and for the machinery of the extension teamwork';
COMMENT ON FUNCTION teamwork.current_user_id() IS 'The id of the calling user: the sub of the request''s claims; NULL when unset, empty or malformed
For: members
Errors: none';
COMMENT ON FUNCTION teamwork.current_claims() IS 'The claims of the request; NULL when unset, empty or malformed';
COMMENT ON FUNCTION teamwork.set_claims(jsonb, boolean) IS 'Makes the session, or with is_local the transaction, that of these claims and no others; NULL: nobody''s';
COMMENT ON FUNCTION teamwork.claims_fault() IS 'What is wrong with the claims of a session that is nobody''s';
COMMENT ON FUNCTION teamwork.claimed_role() IS 'The role claim of the request; NULL when there is none';
COMMENT ON FUNCTION teamwork.claimed_email() IS 'The email claim of the request; NULL when there is none';

CREATE FUNCTION teamwork.owns_auth() RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_namespace'::regclass AND d.objid = to_regnamespace('auth')
          AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'teamwork')
$$;
COMMENT ON FUNCTION teamwork.owns_auth() IS 'Whether the schema auth was made by this extension (true) or was there before, as on Supabase (false)';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   auth_schema
--   get_current_user_admin_id
--   get_current_user_role

-- Teams: who is who, how many of a role a team may have, and the seats that are taken.

CREATE TABLE user_profiles (
    id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
    email text,
    full_name text,
    role text NOT NULL CHECK (role IN ('admin', 'manager', 'staff')),
    -- No ON DELETE action: an admin with members cannot vanish silently.
    admin_id uuid REFERENCES user_profiles (id),
    created_by uuid DEFAULT teamwork.current_user_id(),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_profiles_admin_has_no_admin CHECK ((role = 'admin') = (admin_id IS NULL))
);
CREATE INDEX user_profiles_admin_id_idx ON user_profiles (admin_id);
-- An address is one person's within a team, however it is written.
CREATE UNIQUE INDEX user_profiles_address_key ON user_profiles (coalesce(admin_id, id), lower(email));
COMMENT ON TABLE user_profiles IS 'One row per user: the role, and the team as the id of its admin';
COMMENT ON COLUMN user_profiles.id IS 'The user, as in auth.users';
COMMENT ON COLUMN user_profiles.role IS 'admin, manager or staff';
COMMENT ON COLUMN user_profiles.admin_id IS 'The team: the id of the admin; NULL for an admin';
COMMENT ON COLUMN user_profiles.created_by IS 'Who made this profile';
COMMENT ON COLUMN user_profiles.is_active IS 'An inactive member sees nothing but the own profile and holds no seat';

COMMENT ON FUNCTION get_current_user_admin_id() IS 'The caller''s team, as the id of its admin; NULL unless the caller is an active member of an active admin''s team
Errors: none';
COMMENT ON FUNCTION get_current_user_role() IS 'The caller''s role: admin, manager or staff; NULL unless the caller is an active member of a team
Errors: none';

CREATE VIEW profiles WITH (security_invoker = true) AS
    SELECT id, email, full_name, role, coalesce(admin_id, id) AS organization_id
    FROM user_profiles;
COMMENT ON VIEW profiles IS 'The profiles that the caller may see, with the team under the name organization_id';

-- How many -------------------------------------------------------------------------------------------------------

CREATE TABLE teamwork.role_limits (
    role text NOT NULL CHECK (role IN ('manager', 'staff')),
    admin_id uuid REFERENCES user_profiles (id) ON DELETE CASCADE,
    max integer NOT NULL CHECK (max >= 0),
    -- The shipped defaults, which a dump leaves to the script. A default that was set comes before them.
    is_preset boolean NOT NULL DEFAULT false,
    CONSTRAINT role_limits_key UNIQUE NULLS NOT DISTINCT (role, admin_id, is_preset)
);
CREATE INDEX role_limits_admin_id_idx ON teamwork.role_limits (admin_id);
COMMENT ON TABLE teamwork.role_limits IS 'How many active members of a role a team may have: the default (admin_id NULL) and exceptions per admin; teamwork.set_role_limit() writes it
For: administrators';
COMMENT ON COLUMN teamwork.role_limits.admin_id IS 'The team; NULL for every team without a limit of its own';
COMMENT ON COLUMN teamwork.role_limits.is_preset IS 'Whether the extension came with it';
INSERT INTO teamwork.role_limits (role, max, is_preset) VALUES ('manager', 1, true), ('staff', 2, true);

CREATE TABLE teamwork.invitations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    admin_id uuid NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE,
    email text NOT NULL,
    role text NOT NULL CHECK (role IN ('manager', 'staff')),
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    cancelled_at timestamptz,
    accepted_at timestamptz,
    -- No foreign key: who accepted stays on record when the account is gone.
    accepted_by uuid,
    is_bound boolean NOT NULL DEFAULT false,
    is_declined boolean NOT NULL DEFAULT false,
    CONSTRAINT invitations_one_end CHECK (num_nonnulls(cancelled_at, accepted_at) <= 1),
    CONSTRAINT invitations_accepted_by_somebody CHECK ((accepted_at IS NULL) = (accepted_by IS NULL))
);
CREATE INDEX invitations_admin_id_idx ON teamwork.invitations (admin_id);
CREATE UNIQUE INDEX invitations_open_key ON teamwork.invitations (admin_id, lower(email))
    WHERE cancelled_at IS NULL AND accepted_at IS NULL;
CREATE INDEX invitations_address_idx ON teamwork.invitations (lower(email)) WHERE cancelled_at IS NULL AND accepted_at IS NULL;
COMMENT ON TABLE teamwork.invitations IS 'Who was invited to which team, and what became of it; an invitation is pending until it is cancelled, accepted or expired; only the admin of the team sees it
For: members';
COMMENT ON COLUMN teamwork.invitations.admin_id IS 'The team that invites';
COMMENT ON COLUMN teamwork.invitations.accepted_by IS 'The user who accepted it';
COMMENT ON COLUMN teamwork.invitations.token_hash IS 'SHA-256 of the token, which only its receiver has';
COMMENT ON COLUMN teamwork.invitations.cancelled_at IS 'When the admin took it back, or replaced it by a later one to the same address, or the invited declined it';
COMMENT ON COLUMN teamwork.invitations.is_bound IS 'Whether only the account with that address can accept it';
COMMENT ON COLUMN teamwork.invitations.is_declined IS 'Whether it ended because the invited declined it';

CREATE TABLE teamwork.seats (
    admin_id uuid NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('manager', 'staff')),
    slot integer NOT NULL CHECK (slot > 0),
    member_id uuid UNIQUE REFERENCES user_profiles (id) ON DELETE CASCADE,
    invitation_id uuid UNIQUE REFERENCES teamwork.invitations (id) ON DELETE CASCADE,
    -- Two sessions that both believe a slot to be free cannot both have it, whatever their isolation level.
    PRIMARY KEY (admin_id, role, slot),
    CONSTRAINT seats_one_holder CHECK (num_nonnulls(member_id, invitation_id) = 1)
);
COMMENT ON TABLE teamwork.seats IS 'One row per occupied seat, by a member or a pending invitation; the primary key is the quota''s hard floor';
COMMENT ON COLUMN teamwork.seats.invitation_id IS 'The invitation that holds the seat; once it has expired, the seat counts as free';

CREATE FUNCTION teamwork.role_limit(admin uuid, role text) RETURNS integer
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- Without any row, none: a deleted default is no way to have no limit.
    SELECT coalesce((SELECT l.max FROM teamwork.role_limits l
                     WHERE l.role = role_limit.role AND (l.admin_id = admin OR l.admin_id IS NULL)
                     ORDER BY l.admin_id NULLS LAST, l.is_preset LIMIT 1), 0)
$$;
COMMENT ON FUNCTION teamwork.role_limit(uuid, text) IS 'How many active members of the role the admin''s team may have
For: administrators
Errors: none';

CREATE FUNCTION teamwork.clear_preset() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.is_preset := false;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.clear_preset() IS 'Trigger: a shipped default that was changed by hand is shipped no more, and a dump carries it';
CREATE TRIGGER clear_preset BEFORE UPDATE ON teamwork.role_limits
    FOR EACH ROW WHEN (OLD.is_preset) EXECUTE FUNCTION teamwork.clear_preset();

CREATE FUNCTION teamwork.set_role_limit(role text, max integer, admin uuid DEFAULT NULL) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO teamwork.role_limits AS l (role, admin_id, max) VALUES (set_role_limit.role, admin, set_role_limit.max)
    ON CONFLICT ON CONSTRAINT role_limits_key DO UPDATE SET max = excluded.max
$$;
COMMENT ON FUNCTION teamwork.set_role_limit(text, integer, uuid) IS 'Sets how many active members of a role a team may have: for one admin, or for every admin without a limit of their own
For: administrators
Errors: 23514 if the role is neither manager nor staff, or the number is negative; 23503 if the admin does not exist';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   teams

-- Quotas. A change of seats first updates the admin's row (to the same values), then counts. The update makes sessions
-- queue under READ COMMITTED and fail with 40001 under REPEATABLE READ, where a lock (advisory or FOR UPDATE) would let a
-- stale snapshot miscount. The primary key of teamwork.seats is the floor beneath. A statement settles all its
-- seats at its end and locks the teams concerned in the order of their ids.

CREATE FUNCTION teamwork.restoring() RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT current_setting('row_security') = 'off'
       AND current_setting('check_function_bodies') = 'off'
       AND pg_has_role(current_user, (SELECT e.extowner FROM pg_extension e WHERE e.extname = 'teamwork'), 'USAGE')
$$;
COMMENT ON FUNCTION teamwork.restoring() IS 'Whether a dump is being restored: pg_dump''s settings, in the hands of the extension''s owner. Triggers stay out of its way';

CREATE FUNCTION teamwork.lock_teams(VARIADIC admins uuid[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin uuid;
BEGIN
    -- In the order of their ids, so that two members who swap teams cannot deadlock.
    FOR admin IN SELECT DISTINCT a FROM unnest(admins) a WHERE a IS NOT NULL ORDER BY a LOOP
        UPDATE @extschema@.user_profiles SET updated_at = updated_at WHERE id = admin;
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.lock_teams(uuid[]) IS 'Serialises changes to the seats of these teams';

CREATE FUNCTION teamwork.seats_taken(admin uuid, role text, OUT used integer, OUT invited integer) RETURNS record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- An invitation gives its seat back by expiring, without anybody who does it.
    SELECT count(*)::integer, count(s.invitation_id)::integer
    FROM teamwork.seats s LEFT JOIN teamwork.invitations i ON i.id = s.invitation_id
    WHERE s.admin_id = admin AND s.role = seats_taken.role AND (i.id IS NULL OR i.expires_at > clock_timestamp())
$$;
COMMENT ON FUNCTION teamwork.seats_taken(uuid, text) IS 'The seats of a role that are taken, and how many of them by pending invitations';

CREATE FUNCTION teamwork.raise_quota(admin uuid, role text, allowed integer) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    taken record;
BEGIN
    SELECT * INTO taken FROM teamwork.seats_taken(admin, role);
    RAISE EXCEPTION 'Maximum % % account% allowed per admin', allowed, role, CASE allowed WHEN 1 THEN '' ELSE 's' END
        USING ERRCODE = 'check_violation',
              DETAIL = format('The team of admin %s has %s of %s %s seats taken%s.', admin, taken.used, allowed, role,
                              CASE WHEN taken.invited > 0 THEN format(', %s by pending invitations', taken.invited) ELSE '' END),
              HINT = format('Deactivate or remove a %s member first, %sor ask a database administrator to raise the limit '
                            'with teamwork.set_role_limit().', role,
                            CASE WHEN taken.invited > 0 THEN 'cancel an invitation, ' ELSE '' END);
END
$$;
COMMENT ON FUNCTION teamwork.raise_quota(uuid, text, integer) IS 'The error for a team without a free seat';

CREATE FUNCTION teamwork.take_seat(admin uuid, role text, member uuid, invitation uuid DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    allowed integer := teamwork.role_limit(admin, role);
    free_slot integer;
BEGIN
    -- Whoever accepts an invitation sits down where it has kept the seat: there is no moment at which the seat is free.
    UPDATE teamwork.seats s SET member_id = member, invitation_id = NULL FROM teamwork.invitations i
    WHERE s.invitation_id = i.id AND s.admin_id = admin AND s.role = take_seat.role AND i.accepted_by = member;
    IF FOUND THEN
        RETURN;
    END IF;
    DELETE FROM teamwork.seats s USING teamwork.invitations i
    WHERE s.invitation_id = i.id AND s.admin_id = admin AND i.expires_at <= clock_timestamp();
    IF (SELECT count(*) FROM teamwork.seats s WHERE s.admin_id = admin AND s.role = take_seat.role) >= allowed THEN
        PERFORM teamwork.raise_quota(admin, role, allowed);
    END IF;
    -- The first gap, or the one behind the last: counted over the seats that are taken, for a limit may be a million.
    SELECT coalesce(min(s.place) FILTER (WHERE s.slot > s.place), count(*) + 1) INTO free_slot
    FROM (SELECT t.slot, row_number() OVER (ORDER BY t.slot) FROM teamwork.seats t
          WHERE t.admin_id = admin AND t.role = take_seat.role) s (slot, place);
    INSERT INTO teamwork.seats (admin_id, role, slot, member_id, invitation_id)
    VALUES (admin, take_seat.role, free_slot, member, invitation);
END
$$;
COMMENT ON FUNCTION teamwork.take_seat(uuid, text, uuid, uuid) IS 'Gives a member or an invitation a free seat, or refuses with the quota''s message. The caller has locked the team';

CREATE FUNCTION teamwork.settle_seats() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ids CONSTANT uuid[] := ARRAY(SELECT c.id FROM changed c);
    -- The profiles are read anew: another trigger may have changed them since.
    members CONSTANT uuid[] := ARRAY(
        SELECT p.id FROM @extschema@.user_profiles p LEFT JOIN teamwork.seats s ON s.member_id = p.id
        WHERE p.id = ANY (ids) AND CASE WHEN p.role <> 'admin' AND p.is_active
                                             THEN (s.admin_id, s.role) IS DISTINCT FROM (p.admin_id, p.role)
                                             ELSE s.member_id IS NOT NULL END);
    member record;
BEGIN
    IF cardinality(members) = 0 THEN
        RETURN NULL;
    END IF;
    PERFORM teamwork.lock_teams(VARIADIC ARRAY(
        SELECT s.admin_id FROM teamwork.seats s WHERE s.member_id = ANY (members)
        UNION ALL SELECT p.admin_id FROM @extschema@.user_profiles p WHERE p.id = ANY (members) AND p.is_active));
    -- Everybody gets up before the first sits down: two members can swap roles.
    DELETE FROM teamwork.seats s WHERE s.member_id = ANY (members);
    FOR member IN
        SELECT p.id, p.role, p.admin_id, a.role = 'admin' AS has_team FROM @extschema@.user_profiles p
        JOIN @extschema@.user_profiles a ON a.id = p.admin_id WHERE p.id = ANY (members) AND p.is_active ORDER BY p.id
    LOOP
        IF NOT member.has_team THEN
            RAISE EXCEPTION 'user % is not an admin and cannot have a team', member.admin_id
                USING ERRCODE = 'check_violation', HINT = 'Give admin_id the id of the team''s admin.';
        END IF;
        PERFORM teamwork.take_seat(member.admin_id, member.role, member.id);
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.settle_seats() IS 'Trigger: takes and frees seats as members come, change role, move, and are (de)activated';

CREATE FUNCTION teamwork.announce_free_seats() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The seats have gone with the profiles. Who wants one of them at this moment waits for the commit and finds it free.
    PERFORM teamwork.lock_teams(VARIADIC ARRAY(SELECT r.admin_id FROM removed r WHERE r.is_active));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.announce_free_seats() IS 'Trigger: who takes a seat waits for those who are leaving one';

-- Once a statement, which may change the members of several teams: row by row, two of them could lock their teams in opposite
-- order and wait for each other.
CREATE TRIGGER settle_seats AFTER INSERT ON user_profiles REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.settle_seats();
CREATE TRIGGER settle_seats_of_changed AFTER UPDATE ON user_profiles REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.settle_seats();
CREATE TRIGGER announce_free_seats AFTER DELETE ON user_profiles REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.announce_free_seats();

CREATE FUNCTION team_usage(OUT role text, OUT used integer, OUT max integer) RETURNS SETOF record
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r.role, (SELECT t.used FROM teamwork.seats_taken(team.id, r.role) t), teamwork.role_limit(team.id, r.role)
    FROM (SELECT @extschema@.get_current_user_admin_id() AS id) team
    CROSS JOIN (VALUES (1, 'manager'), (2, 'staff')) r (ordinal, role)
    WHERE team.id IS NOT NULL
    ORDER BY r.ordinal
$$;
COMMENT ON FUNCTION team_usage() IS 'The seats of the caller''s team by role: used by active members and pending invitations, and the limit; no rows for a caller without a team
Errors: none';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   quotas

-- Membership: who may see and change profiles, and the functions that admins call.

-- What the caller may not decide ---------------------------------------------------------------------------------

CREATE FUNCTION teamwork.admit_profile() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF row_security_active(TG_RELID) THEN
        NEW.created_by := teamwork.current_user_id();
        NEW.created_at := now();
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.admit_profile() IS 'Trigger: a new profile says truly who made it and when';

CREATE FUNCTION teamwork.guard_profile() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.id = teamwork.current_user_id() THEN
        RAISE EXCEPTION 'permission denied to change own role, team, activity or identity'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'Nobody changes role, admin_id, is_active, id or created_by of the own profile.',
                  HINT = 'Ask the admin of the team.';
    ELSIF row_security_active(TG_RELID) AND (OLD.id, OLD.admin_id, OLD.created_by) IS DISTINCT FROM
                                            (NEW.id, NEW.admin_id, NEW.created_by) THEN
        RAISE EXCEPTION 'permission denied to change id, admin_id or created_by of a team member'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'An admin changes the role and the activity of members, not who they are or whose they are.',
                  HINT = 'Remove the member; the other admin can then create or invite them.';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.guard_profile() IS 'Trigger: nobody promotes, moves, reactivates or renumbers themself, nor moves a member';

CREATE FUNCTION teamwork.touch_profile() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF row_security_active(TG_RELID) THEN
        NEW.created_at := OLD.created_at;
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.touch_profile() IS 'Trigger: updated_at is the time of the change, and created_at stays';

CREATE TRIGGER admit_profile BEFORE INSERT ON user_profiles
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.admit_profile();
CREATE TRIGGER guard_profile BEFORE UPDATE ON user_profiles
    FOR EACH ROW WHEN ((OLD.id, OLD.role, OLD.admin_id, OLD.is_active, OLD.created_by) IS DISTINCT FROM
                       (NEW.id, NEW.role, NEW.admin_id, NEW.is_active, NEW.created_by))
    EXECUTE FUNCTION teamwork.guard_profile();
CREATE TRIGGER touch_profile BEFORE UPDATE ON user_profiles
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION teamwork.touch_profile();

-- Row access -----------------------------------------------------------------------------------------------------

ALTER TABLE user_profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_profiles FORCE ROW LEVEL SECURITY;

-- The first arm lets a deactivated member read why everything else is empty.
CREATE POLICY "members see their team, everybody the own profile" ON user_profiles FOR SELECT TO authenticated
    USING (id = (SELECT teamwork.current_user_id())
           OR admin_id = (SELECT get_current_user_admin_id())
           OR id = (SELECT get_current_user_admin_id()));

CREATE POLICY "users register as admin, admins create members" ON user_profiles FOR INSERT TO authenticated
    WITH CHECK ((id = (SELECT teamwork.current_user_id()) AND admin_id IS NULL AND is_active)
                OR (admin_id = (SELECT teamwork.current_user_id()) AND admin_id = (SELECT get_current_user_admin_id())));

CREATE POLICY "members edit the own profile, admins their members" ON user_profiles FOR UPDATE TO authenticated
    USING ((id = (SELECT teamwork.current_user_id()) AND (SELECT get_current_user_admin_id()) IS NOT NULL)
           OR (admin_id = (SELECT teamwork.current_user_id()) AND admin_id = (SELECT get_current_user_admin_id())));

CREATE POLICY "admins remove their members" ON user_profiles FOR DELETE TO authenticated
    USING (admin_id = (SELECT teamwork.current_user_id()) AND admin_id = (SELECT get_current_user_admin_id()));

-- What admins call -----------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.require_admin() RETURNS uuid
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF @extschema@.get_current_user_admin_id() = teamwork.current_user_id() THEN
        RETURN teamwork.current_user_id();
    END IF;
    RAISE EXCEPTION 'only the admin of a team can manage its members'
        USING ERRCODE = 'insufficient_privilege',
              DETAIL = format('The caller is %s.', coalesce(@extschema@.get_current_user_role(), 'not an active member of any team')),
              HINT = 'Sign in as the admin of the team.';
END
$$;
COMMENT ON FUNCTION teamwork.require_admin() IS 'The caller''s id when the caller is an active admin; otherwise an error that says what the caller is';

CREATE FUNCTION teamwork.lock_own_team() RETURNS uuid
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.lock_teams(teamwork.require_admin());
    -- Who waited for the lock may have waited for a transfer of the team.
    RETURN teamwork.require_admin();
END
$$;
COMMENT ON FUNCTION teamwork.lock_own_team() IS 'The caller''s team, locked; an error unless the caller is its active admin';

CREATE FUNCTION teamwork.raise_no_such_member(member uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'user % is not a member of the caller''s team', member
        USING ERRCODE = 'no_data_found', HINT = 'SELECT id, email, role FROM profiles shows the members.';
END
$$;
COMMENT ON FUNCTION teamwork.raise_no_such_member(uuid) IS 'The error for a member that the caller''s team does not have';

CREATE FUNCTION teamwork.check_member_role(role text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF role IS NULL OR role NOT IN ('manager', 'staff') THEN
        RAISE EXCEPTION 'invalid role for a team member: %', coalesce(quote_literal(role), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'A team member is manager or staff.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_member_role(text) IS 'Refuses a role that a team member cannot have';

CREATE FUNCTION create_team_member(email text, full_name text, role text, id uuid DEFAULT gen_random_uuid()) RETURNS uuid
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin uuid := teamwork.require_admin();
BEGIN
    PERFORM teamwork.check_member_role(role);
    INSERT INTO @extschema@.user_profiles (id, email, full_name, role, admin_id)
    VALUES (create_team_member.id, create_team_member.email, create_team_member.full_name, create_team_member.role, admin);
    RETURN id;
END
$$;
COMMENT ON FUNCTION create_team_member(text, text, text, uuid) IS 'Creates a manager or staff member in the caller''s team and returns their id
Errors: 42501 unless the caller is an active admin; 22023 if the role is neither manager nor staff, or the address is none; 23514 if no seat is free; 23505 if the user has a profile already, or a member of the team has that address; 23503 if the user is not in auth.users and the extension does not own that schema';

CREATE FUNCTION teamwork.set_member_active(member uuid, active boolean) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin uuid := teamwork.require_admin();
BEGIN
    UPDATE @extschema@.user_profiles p SET is_active = active WHERE p.id = member AND p.admin_id = admin;
    IF NOT FOUND THEN
        PERFORM teamwork.raise_no_such_member(member);
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.set_member_active(uuid, boolean) IS 'Activates or deactivates a member of the caller''s team';

CREATE FUNCTION deactivate_team_member(member uuid) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    AS $$ SELECT teamwork.set_member_active(member, false) $$;
COMMENT ON FUNCTION deactivate_team_member(uuid) IS 'Takes away a member''s access at once and frees the seat; what they made stays
Errors: 42501 unless the caller is an active admin; P0002 if the user is not a member of the caller''s team';

CREATE FUNCTION reactivate_team_member(member uuid) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    AS $$ SELECT teamwork.set_member_active(member, true) $$;
COMMENT ON FUNCTION reactivate_team_member(uuid) IS 'Gives a deactivated member the access back
Errors: 42501 unless the caller is an active admin; P0002 if the user is not a member of the caller''s team; 23514 if no seat is free';

CREATE FUNCTION change_team_member_role(member uuid, role text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin uuid := teamwork.require_admin();
BEGIN
    PERFORM teamwork.check_member_role(role);
    UPDATE @extschema@.user_profiles p SET role = change_team_member_role.role WHERE p.id = member AND p.admin_id = admin;
    IF NOT FOUND THEN
        PERFORM teamwork.raise_no_such_member(member);
    END IF;
END
$$;
COMMENT ON FUNCTION change_team_member_role(uuid, text) IS 'Makes a member of the caller''s team manager or staff; to swap two members of a full team, change both in one UPDATE of user_profiles
Errors: 42501 unless the caller is an active admin; 22023 if the role is neither manager nor staff; P0002 if the user is not a member of the caller''s team; 23514 if no seat is free';

CREATE FUNCTION remove_team_member(member uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin uuid := teamwork.require_admin();
BEGIN
    DELETE FROM @extschema@.user_profiles p WHERE p.id = member AND p.admin_id = admin;
    IF NOT FOUND THEN
        PERFORM teamwork.raise_no_such_member(member);
    END IF;
END
$$;
COMMENT ON FUNCTION remove_team_member(uuid) IS 'Removes a member from the caller''s team; the rows they made stay with the team
Errors: 42501 unless the caller is an active admin; P0002 if the user is not a member of the caller''s team';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   membership

-- Accounts: the rows of auth.users beneath the profiles. Whoever registers without one gets one where the extension owns auth,
-- but not somebody whose account was deleted: an old token outlives it.

CREATE TABLE teamwork.gone_accounts (
    id uuid PRIMARY KEY,
    gone_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE teamwork.gone_accounts IS 'Users whose row in auth.users was deleted, where the extension owns auth; while they have none, they cannot register by themselves';

CREATE FUNCTION teamwork.remember_gone_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO teamwork.gone_accounts AS g (id) VALUES (OLD.id) ON CONFLICT (id) DO UPDATE SET gone_at = excluded.gone_at;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.remember_gone_account() IS 'Trigger: an account that was deleted is not made anew by an old token';

CREATE FUNCTION teamwork.ensure_auth_user() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    registers_themself CONSTANT boolean := coalesce(NEW.id = teamwork.current_user_id(), false);
    gone_at timestamptz;
BEGIN
    IF NEW.id IS NULL OR EXISTS (SELECT FROM auth.users u WHERE u.id = NEW.id) THEN
        RETURN NEW;
    END IF;
    SELECT g.gone_at INTO gone_at FROM teamwork.gone_accounts g WHERE g.id = NEW.id AND registers_themself;
    IF FOUND OR NOT teamwork.owns_auth() THEN
        RAISE EXCEPTION 'user % does not exist in auth.users', NEW.id
            USING ERRCODE = 'foreign_key_violation',
                  DETAIL = coalesce(format('The account was deleted at %s.', gone_at), 'Another service keeps the accounts.'),
                  HINT = CASE WHEN gone_at IS NOT NULL THEN 'Sign up again, and send the token of the new account.'
                         ELSE 'Create the user with your auth service first (on Supabase: supabase.auth.admin.createUser), '
                              'then the profile with the same id.' END;
    END IF;
    -- Another session may be making the same user: the first one wins, both are content. The client or the
    -- admin wrote the address, and nobody has verified it: see teamwork.verified_address().
    INSERT INTO auth.users (id, email, raw_app_meta_data)
    VALUES (NEW.id, NEW.email, jsonb_build_object('unverified_email', NEW.email)) ON CONFLICT DO NOTHING;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.ensure_auth_user() IS 'Trigger: makes the auth.users row of a new profile where the extension owns auth; says what to do where it does not, and where the account was deleted';

CREATE FUNCTION teamwork.verified_address() RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- As JSON, for not every schema auth has these columns.
    SELECT lower(a.account ->> 'email') FROM (SELECT to_jsonb(u) FROM auth.users u WHERE u.id = teamwork.current_user_id()) a (account)
    WHERE (a.account ->> 'email' IS DISTINCT FROM a.account #>> '{raw_app_meta_data,unverified_email}'
           OR lower(a.account ->> 'email') = lower(teamwork.claimed_email()))
      AND (a.account -> 'email_confirmed_at') IS DISTINCT FROM 'null'
$$;
COMMENT ON FUNCTION teamwork.verified_address() IS 'The address of the caller''s account, in lower case; NULL where nobody has verified it, or the claims alone name it';

CREATE TRIGGER ensure_auth_user BEFORE INSERT ON user_profiles
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.ensure_auth_user();
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   accounts

-- Addresses: the e-mail addresses of profiles and invitations. One check for all of them; within a team each is one person's; members
-- do not choose their own; and a change of the account's address reaches the profile.

CREATE FUNCTION teamwork.is_address(email text) RETURNS boolean
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    -- No longer than mail can be sent to.
    AS $$ SELECT email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' AND length(email) <= 254 $$;
COMMENT ON FUNCTION teamwork.is_address(text) IS 'Whether a text can be an e-mail address; NULL for none';

CREATE FUNCTION teamwork.check_email(email text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT coalesce(teamwork.is_address(email), false) THEN
        RAISE EXCEPTION 'invalid email address: %', coalesce(quote_literal(email), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'An address is name@domain, without blanks, of at most 254 characters.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_email(text) IS 'Refuses what is no e-mail address';

CREATE FUNCTION teamwork.refuse_taken_address(team uuid, email text, beside uuid DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    member record;
BEGIN
    SELECT p.id, p.is_active INTO member FROM @extschema@.user_profiles p
    WHERE coalesce(p.admin_id, p.id) = team AND lower(p.email) = lower(refuse_taken_address.email) AND p.id IS DISTINCT FROM beside;
    IF FOUND THEN
        RAISE EXCEPTION '% is already a member of the team', email
            USING ERRCODE = 'unique_violation',
                  DETAIL = format('The member has the id %s and is %s.', member.id,
                                  CASE WHEN member.is_active THEN 'active' ELSE 'not active' END),
                  HINT = CASE WHEN member.is_active THEN 'SELECT id, email, role FROM profiles shows the members.'
                          ELSE 'Use reactivate_team_member() to give the access back.' END;
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.refuse_taken_address(uuid, text, uuid) IS 'Refuses an address that somebody in the team has';

CREATE FUNCTION teamwork.check_address() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.email IS DISTINCT FROM NEW.email AND OLD.role <> 'admin' AND OLD.id = teamwork.current_user_id()
       AND row_security_active(TG_RELID) THEN
        RAISE EXCEPTION 'permission denied to change own email address'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'A member''s address is the account''s, or what the admin of the team has written.',
                  HINT = 'Change the address of the account, or ask the admin of the team.';
    END IF;
    IF NEW.email IS NOT NULL THEN
        PERFORM teamwork.check_email(NEW.email);
        PERFORM teamwork.refuse_taken_address(coalesce(NEW.admin_id, NEW.id), NEW.email, coalesce(OLD.id, NEW.id));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.check_address() IS 'Trigger: a profile has an address that can be one, and that nobody else in the team has; members do not choose theirs';

-- By its name before ensure_auth_user, which copies the address.
CREATE TRIGGER check_address BEFORE INSERT ON user_profiles
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.check_address();
CREATE TRIGGER check_changed_address BEFORE UPDATE ON user_profiles
    FOR EACH ROW WHEN ((OLD.email, OLD.admin_id) IS DISTINCT FROM (NEW.email, NEW.admin_id)) EXECUTE FUNCTION teamwork.check_address();

CREATE FUNCTION teamwork.free_address(team uuid, member uuid, VARIADIC addresses text[]) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.address FROM unnest(addresses) WITH ORDINALITY a (address, place)
    WHERE teamwork.is_address(a.address) AND NOT EXISTS (
        SELECT FROM @extschema@.user_profiles p
        WHERE coalesce(p.admin_id, p.id) = team AND lower(p.email) = lower(a.address) AND p.id <> member)
    ORDER BY a.place LIMIT 1
$$;
COMMENT ON FUNCTION teamwork.free_address(uuid, uuid, text[]) IS 'The first of the addresses that can be one and that nobody else in the team has; NULL when there is none';

-- The account's address changes -----------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.sync_address() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- No refusal here: it would keep people from changing the address they sign in with. Of two in a team, the second has none.
    UPDATE @extschema@.user_profiles p SET email = teamwork.free_address(coalesce(p.admin_id, p.id), p.id, NEW.email)
    WHERE p.id = NEW.id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.sync_address() IS 'Trigger on auth.users: a profile follows the address of its account';

CREATE FUNCTION teamwork.address_trigger() RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'CREATE OR REPLACE TRIGGER teamwork_sync_address AFTER UPDATE OF email ON auth.users FOR EACH ROW '
           'WHEN (OLD.email IS DISTINCT FROM NEW.email) EXECUTE FUNCTION teamwork.sync_address();'
$$;
COMMENT ON FUNCTION teamwork.address_trigger() IS 'The statement that lets profiles follow the addresses of their accounts';

-- Somebody else's auth is left as it is: teamwork.doctor() has the statement for its owner.
DO $$
BEGIN
    IF teamwork.owns_auth() THEN
        EXECUTE teamwork.address_trigger();
        CREATE TRIGGER teamwork_gone_account AFTER DELETE ON auth.users FOR EACH ROW EXECUTE FUNCTION teamwork.remember_gone_account();
    END IF;
END
$$;
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   addresses

-- Invitations: a token for somebody who has no account yet. A pending invitation holds a seat, and expires by itself.
-- Whoever has the token may use it, under whatever address they signed up: the admin's message to them is the proof. A bound
-- invitation is for the account with the invited address alone.

CREATE VIEW team_invitations WITH (security_invoker = true) AS
    SELECT i.email, i.role, i.created_at AS invited_at, i.expires_at, i.is_bound
    FROM teamwork.invitations i
    WHERE i.cancelled_at IS NULL AND i.accepted_at IS NULL AND i.expires_at > clock_timestamp();
COMMENT ON VIEW team_invitations IS 'The pending invitations to the caller''s team, for its admin';

ALTER TABLE teamwork.invitations ENABLE ROW LEVEL SECURITY;
CREATE POLICY "admins see their invitations" ON teamwork.invitations FOR SELECT TO authenticated
    USING (admin_id = (SELECT teamwork.current_user_id()) AND admin_id = (SELECT get_current_user_admin_id()));

CREATE FUNCTION teamwork.hash_token(token text) RETURNS bytea
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT sha256(convert_to(token, 'UTF8')) $$;
COMMENT ON FUNCTION teamwork.hash_token(text) IS 'What is stored of a token. It is random and long, so it needs no salt';

CREATE FUNCTION teamwork.check_invitation(admin uuid, email text, role text, expires_in interval) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.check_member_role(role);
    PERFORM teamwork.check_email(email);
    IF expires_in IS NULL OR expires_in <= interval '0' THEN
        RAISE EXCEPTION 'invalid value for expires_in: %', coalesce(quote_literal(expires_in), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give an interval greater than zero, such as ''7 days''.';
    END IF;
    PERFORM teamwork.refuse_taken_address(admin, email);
END
$$;
COMMENT ON FUNCTION teamwork.check_invitation(uuid, text, text, interval) IS 'Refuses an invitation that makes no sense';

CREATE FUNCTION teamwork.withdraw_invitation(admin uuid, email text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    withdrawn record;
BEGIN
    UPDATE teamwork.invitations i SET cancelled_at = clock_timestamp()
    WHERE i.admin_id = admin AND lower(i.email) = lower(withdraw_invitation.email)
      AND i.cancelled_at IS NULL AND i.accepted_at IS NULL
    RETURNING i.id, i.expires_at > clock_timestamp() AS was_pending INTO withdrawn;
    DELETE FROM teamwork.seats s WHERE s.invitation_id = withdrawn.id;
    RETURN coalesce(withdrawn.was_pending, false);
END
$$;
COMMENT ON FUNCTION teamwork.withdraw_invitation(uuid, text) IS 'Ends the open invitation to an address and frees its seat; whether it was pending. The caller has locked the team';

-- What admins call -----------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.invite(admin uuid, email text, role text, expires_in interval, bound boolean) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- 244 random bits from the server's strong source.
    token CONSTANT text := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
    invitation CONSTANT uuid := gen_random_uuid();
BEGIN
    PERFORM teamwork.check_invitation(admin, email, role, expires_in);
    -- Inviting again is how a lost message is sent again: the earlier token is void.
    PERFORM teamwork.withdraw_invitation(admin, email);
    INSERT INTO teamwork.invitations (id, admin_id, email, role, token_hash, expires_at, is_bound)
    VALUES (invitation, admin, invite.email, invite.role, teamwork.hash_token(token), clock_timestamp() + expires_in,
            coalesce(bound, false));
    PERFORM teamwork.take_seat(admin, role, NULL, invitation);
    RETURN token;
END
$$;
COMMENT ON FUNCTION teamwork.invite(uuid, text, text, interval, boolean) IS 'Invites an address to a team, which the caller has locked; returns the token';

CREATE FUNCTION invite_team_member(email text, role text, expires_in interval DEFAULT '7 days', bound boolean DEFAULT false) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN teamwork.invite(teamwork.lock_own_team(), email, role, expires_in, bound);
END
$$;
COMMENT ON FUNCTION invite_team_member(text, text, interval, boolean) IS 'Invites somebody to the caller''s team and returns the token for accept_invitation(); the token is shown only this once, and inviting again replaces the invitation; a bound one is for the account with that address alone
Errors: 42501 unless the caller is an active admin; 22023 if the role, the address or the interval is invalid; 23505 if a member of the team has that address; 23514 if no seat is free';

CREATE FUNCTION invite_team_members(emails text[], role text, expires_in interval DEFAULT '7 days', bound boolean DEFAULT false,
                                    OUT email text, OUT token text) RETURNS SETOF record
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin CONSTANT uuid := teamwork.lock_own_team();
BEGIN
    FOR email IN
        -- An address that is there twice is invited once.
        SELECT (array_agg(e.address ORDER BY e.place))[1] FROM unnest(emails) WITH ORDINALITY e (address, place)
        GROUP BY lower(e.address) ORDER BY min(e.place)
    LOOP
        token := teamwork.invite(admin, email, role, expires_in, bound);
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION invite_team_members(text[], text, interval, boolean) IS 'Invites several people to the caller''s team, all or none of them; returns a token for each address, as invite_team_member() does
Errors: 42501 unless the caller is an active admin; 22023 if the role, an address or the interval is invalid; 23505 if a member of the team has one of the addresses; 23514 if there are not enough free seats';

CREATE FUNCTION cancel_invitation(email text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN teamwork.withdraw_invitation(teamwork.lock_own_team(), email);
END
$$;
COMMENT ON FUNCTION cancel_invitation(text) IS 'Takes back a pending invitation of the caller''s team and frees its seat; false when there was none
Errors: 42501 unless the caller is an active admin';

-- What is over ---------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.forget_ended_invitations(before timestamptz, max_invitations integer DEFAULT 1000) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    forgotten integer;
BEGIN
    DELETE FROM teamwork.invitations d
    WHERE d.id IN (SELECT i.id FROM teamwork.invitations i
                   WHERE least(i.cancelled_at, i.accepted_at, i.expires_at) < before LIMIT max_invitations FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;
COMMENT ON FUNCTION teamwork.forget_ended_invitations(timestamptz, integer) IS 'Deletes invitations that were accepted or cancelled, or have expired, before that time, with the addresses in them, at most so many; returns how many; the engine does it after teamwork.retention
For: administrators
Errors: none';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   invitations

-- What the invited call: to see who has invited them, to accept, and to decline. A token is the permission; or, without one, the
-- verified address of the caller's account, as auth.users has it. What the claims say of an address is no proof here.

CREATE FUNCTION teamwork.require_user(action text) RETURNS uuid
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF teamwork.current_user_id() IS NULL THEN
        RAISE EXCEPTION 'only a signed-in user can %', action
            USING ERRCODE = 'insufficient_privilege', DETAIL = 'The request has no valid claims.', HINT = 'Sign up or sign in first.';
    END IF;
    RETURN teamwork.current_user_id();
END
$$;
COMMENT ON FUNCTION teamwork.require_user(text) IS 'The caller''s id, or an error where nobody is signed in';

CREATE FUNCTION my_invitations(OUT team uuid, OUT invited_by text, OUT email text, OUT role text,
                               OUT invited_at timestamptz, OUT expires_at timestamptz, OUT is_bound boolean) RETURNS SETOF record
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT i.admin_id, p.full_name, i.email, i.role, i.created_at, i.expires_at, i.is_bound
    FROM teamwork.invitations i JOIN @extschema@.user_profiles p ON p.id = i.admin_id AND p.role = 'admin' AND p.is_active
    WHERE lower(i.email) = (SELECT teamwork.verified_address())
      AND i.cancelled_at IS NULL AND i.accepted_at IS NULL AND i.expires_at > clock_timestamp()
    ORDER BY i.created_at, i.admin_id
$$;
COMMENT ON FUNCTION my_invitations() IS 'The pending invitations to the verified address of the caller''s account; join_team() accepts a bound one, decline_team() declines any
Errors: none';

CREATE FUNCTION teamwork.invitation_from(team uuid, must_be_bound boolean) RETURNS uuid
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    address CONSTANT text := teamwork.verified_address();
    invitation record;
BEGIN
    PERFORM teamwork.require_user('use an invitation');
    SELECT i.id, i.is_bound INTO invitation FROM teamwork.invitations i
    WHERE i.admin_id = team AND lower(i.email) = address AND i.cancelled_at IS NULL AND i.accepted_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'team % has not invited the caller', team
            USING ERRCODE = 'no_data_found',
                  DETAIL = CASE WHEN address IS NULL THEN 'The caller''s account has no verified address.'
                           ELSE 'It has no pending invitation to the verified address of the caller''s account.' END,
                  HINT = 'SELECT * FROM my_invitations() shows who has.';
    ELSIF must_be_bound AND NOT invitation.is_bound THEN
        RAISE EXCEPTION 'the invitation of team % needs its token', team
            USING ERRCODE = 'no_data_found', DETAIL = 'It is not bound to the address that it was sent to.',
                  HINT = 'Use accept_invitation() with the token that the admin has sent.';
    END IF;
    RETURN invitation.id;
END
$$;
COMMENT ON FUNCTION teamwork.invitation_from(uuid, boolean) IS 'The open invitation of a team to the verified address of the caller''s account, or an error';

CREATE FUNCTION teamwork.check_acceptance(invitation teamwork.invitations) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    hint CONSTANT text := 'Ask the admin of the team for a new invitation.';
BEGIN
    IF invitation.id IS NULL THEN
        RAISE EXCEPTION 'invitation does not exist'
            USING ERRCODE = 'no_data_found', DETAIL = 'No invitation has this token.', HINT = 'Check that the token is complete.';
    ELSIF invitation.accepted_at IS NOT NULL THEN
        RAISE EXCEPTION 'invitation has already been accepted'
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'An invitation can be accepted once.', HINT = hint;
    ELSIF invitation.cancelled_at IS NOT NULL THEN
        RAISE EXCEPTION 'invitation has been cancelled'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = CASE WHEN invitation.is_declined THEN 'Whoever was invited has declined it.'
                                ELSE 'The admin took it back or sent a later one.' END, HINT = hint;
    ELSIF invitation.expires_at <= clock_timestamp() THEN
        RAISE EXCEPTION 'invitation has expired'
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It expired at %s.', invitation.expires_at), HINT = hint;
    ELSIF NOT EXISTS (SELECT FROM @extschema@.user_profiles p WHERE p.id = invitation.admin_id AND p.role = 'admin' AND p.is_active) THEN
        RAISE EXCEPTION 'the team of the invitation is not active'
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'Its admin has been deactivated.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_acceptance(teamwork.invitations) IS 'Refuses an invitation that cannot be accepted any more';

CREATE FUNCTION teamwork.raise_second_team(caller uuid) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    profile record;
BEGIN
    SELECT p.role, p.is_active INTO profile FROM @extschema@.user_profiles p WHERE p.id = caller;
    RAISE EXCEPTION 'the caller already belongs to a team'
        USING ERRCODE = 'unique_violation',
              DETAIL = format('User %s is %s%s.%s', caller,
                              CASE profile.role WHEN 'admin' THEN 'admin of a team of their own' ELSE profile.role END,
                              CASE WHEN profile.is_active THEN '' ELSE ', deactivated' END,
                              CASE profile.role WHEN 'admin' THEN ' ' || teamwork.team_contents(caller) ELSE '' END),
              HINT = CASE WHEN profile.role <> 'admin' THEN 'Leave that team first, with leave_team().'
                          WHEN profile.is_active THEN 'Hand the team over with transfer_team() and leave it with leave_team(), or empty it.'
                          ELSE 'A database administrator has suspended that team, and can end it.' END;
END
$$;
COMMENT ON FUNCTION teamwork.raise_second_team(uuid) IS 'The error for a caller who has a profile already';

CREATE FUNCTION teamwork.lock_invitation(invitation_id uuid, caller uuid) RETURNS teamwork.invitations
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    team uuid;
    invitation teamwork.invitations;
BEGIN
    LOOP
        team := (SELECT i.admin_id FROM teamwork.invitations i WHERE i.id = invitation_id);
        -- Both teams first, as everywhere; then nobody else decides about this invitation, and its state is read anew.
        PERFORM teamwork.lock_teams(team, caller);
        SELECT * INTO invitation FROM teamwork.invitations i WHERE i.id = invitation_id FOR UPDATE;
        -- Otherwise the team was handed over in the meantime.
        EXIT WHEN invitation.admin_id IS NOT DISTINCT FROM team;
    END LOOP;
    RETURN invitation;
END
$$;
COMMENT ON FUNCTION teamwork.lock_invitation(uuid, uuid) IS 'An invitation, locked, with its team and the one that the caller may have';

CREATE FUNCTION teamwork.check_receiver(invitation teamwork.invitations) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF invitation.is_bound AND lower(invitation.email) IS DISTINCT FROM teamwork.verified_address() THEN
        RAISE EXCEPTION 'the invitation is for another address'
            USING ERRCODE = 'insufficient_privilege', DETAIL = 'It is bound to the address that it was sent to.',
                  HINT = 'Sign in with the account of that address, once it is verified, or ask the admin for a new invitation.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_receiver(teamwork.invitations) IS 'Refuses a bound invitation in the hands of another account';

CREATE FUNCTION teamwork.accept(invitation_id uuid) RETURNS uuid
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    caller CONSTANT uuid := teamwork.require_user('accept an invitation');
    invitation CONSTANT teamwork.invitations := teamwork.lock_invitation(invitation_id, caller);
    full_name CONSTANT text := coalesce(teamwork.current_claims() -> 'user_metadata' ->> 'full_name',
                                        (SELECT p.full_name FROM @extschema@.user_profiles p WHERE p.id = caller));
BEGIN
    PERFORM teamwork.check_acceptance(invitation);
    PERFORM teamwork.check_receiver(invitation);
    -- Who signed up first and followed the invitation then is admin of a team that nobody misses.
    PERFORM teamwork.give_up_empty_team(caller);
    -- Before the profile: its trigger gives the seat of the accepted invitation to the member.
    UPDATE teamwork.invitations i SET accepted_at = clock_timestamp(), accepted_by = caller WHERE i.id = invitation.id;
    INSERT INTO @extschema@.user_profiles (id, email, full_name, role, admin_id, created_by)
    VALUES (caller, teamwork.free_address(invitation.admin_id, caller, teamwork.verified_address(), teamwork.claimed_email(),
                                          invitation.email),
            full_name, invitation.role, invitation.admin_id, invitation.admin_id)
    -- Also somebody who accepts two invitations at once has one team.
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
        PERFORM teamwork.raise_second_team(caller);
    END IF;
    RETURN invitation.admin_id;
END
$$;
COMMENT ON FUNCTION teamwork.accept(uuid) IS 'Makes the caller a member of the team of an invitation; returns the team';

CREATE FUNCTION accept_invitation(token text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN teamwork.accept((SELECT i.id FROM teamwork.invitations i WHERE i.token_hash = teamwork.hash_token(token)));
END
$$;
COMMENT ON FUNCTION accept_invitation(text) IS 'Makes the caller a member of the team that sent the token, and returns the team; the caller has no team yet, or is admin of an empty one, which is given up
Errors: 42501 if nobody is signed in, or the invitation is bound to another address; P0002 if no invitation has this token; 55000 if it was accepted, cancelled or declined, has expired, or the team is not active; 23505 if the caller has a team';

CREATE FUNCTION join_team(team uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN teamwork.accept(teamwork.invitation_from(team, must_be_bound => true));
END
$$;
COMMENT ON FUNCTION join_team(uuid) IS 'Accepts a bound invitation to the verified address of the caller''s account, without its token; my_invitations() shows the teams
Errors: 42501 if nobody is signed in; P0002 if the team has no bound invitation to that address; 55000 if it has expired, or the team is not active; 23505 if the caller has a team';

CREATE FUNCTION teamwork.decline(invitation_id uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    invitation CONSTANT teamwork.invitations := teamwork.lock_invitation(invitation_id, NULL);
BEGIN
    PERFORM teamwork.check_acceptance(invitation);
    PERFORM teamwork.check_receiver(invitation);
    UPDATE teamwork.invitations i SET cancelled_at = clock_timestamp(), is_declined = true WHERE i.id = invitation.id;
    DELETE FROM teamwork.seats s WHERE s.invitation_id = invitation.id;
END
$$;
COMMENT ON FUNCTION teamwork.decline(uuid) IS 'Ends an invitation for the invited, and frees its seat';

CREATE FUNCTION decline_invitation(token text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.require_user('decline an invitation');
    PERFORM teamwork.decline((SELECT i.id FROM teamwork.invitations i WHERE i.token_hash = teamwork.hash_token(token)));
END
$$;
COMMENT ON FUNCTION decline_invitation(text) IS 'Declines the invitation of that token and frees its seat
Errors: 42501 if nobody is signed in, or the invitation is bound to another address; P0002 if no invitation has this token; 55000 if it was accepted, cancelled or declined, has expired, or the team is not active';

CREATE FUNCTION decline_team(team uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.decline(teamwork.invitation_from(team, must_be_bound => false));
END
$$;
COMMENT ON FUNCTION decline_team(uuid) IS 'Declines a team''s invitation to the verified address of the caller''s account, without its token, and frees its seat
Errors: 42501 if nobody is signed in; P0002 if the team has no invitation to that address; 55000 if it has expired, or the team is not active';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   invited

-- Departures: members leave when they want; an admin whose team has members or data does not go, and says why. What members made
-- stays, and once their account is gone from auth.users it belongs to the admin (the foreign key of owner_id and
-- teamwork.keep_owner see to that, whoever owns auth).

CREATE FUNCTION teamwork.tables_with_rows(admin uuid) RETURNS text[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target regclass;
    has_rows boolean;
    filled text[] := '{}';
BEGIN
    FOR target IN SELECT p.target FROM teamwork.protections p JOIN pg_class c ON c.oid = p.target ORDER BY c.relname LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE admin_id = $1)', target) INTO has_rows USING admin;
        IF has_rows THEN
            filled := filled || (SELECT c.relname::text FROM pg_class c WHERE c.oid = target);
        END IF;
    END LOOP;
    RETURN filled;
END
$$;
COMMENT ON FUNCTION teamwork.tables_with_rows(uuid) IS 'The protected tables in which a team has rows';

CREATE FUNCTION teamwork.keep_team() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    members CONSTANT bigint := (SELECT count(*) FROM @extschema@.user_profiles p WHERE p.admin_id = OLD.id);
    filled CONSTANT text[] := teamwork.tables_with_rows(OLD.id);
BEGIN
    IF members > 0 OR cardinality(filled) > 0 THEN
        RAISE EXCEPTION 'admin % cannot be %: the team still has %', OLD.id,
                        CASE TG_OP WHEN 'DELETE' THEN 'deleted' ELSE 'given another role' END,
                        concat_ws(' and ', CASE WHEN members > 0 THEN 'members' END, CASE WHEN cardinality(filled) > 0 THEN 'data' END)
            USING ERRCODE = 'foreign_key_violation',
                  DETAIL = concat_ws(' ', format('Members: %s.', members), CASE WHEN cardinality(filled) > 0 THEN
                                     format('Tables with its rows: %s.', array_to_string(filled, ', ')) END),
                  HINT = 'Remove the members and delete the team''s rows first, or deactivate the admin, which suspends the team.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.keep_team() IS 'Trigger: an admin stays admin while the team has members or data';

-- After the statement, which may have deleted the members too. Quoted capitals: triggers run in the order of their names,
-- and this one has to speak before RI_ConstraintTrigger… does.
CREATE TRIGGER "Keep_team" AFTER DELETE ON user_profiles
    FOR EACH ROW WHEN (OLD.role = 'admin' AND NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.keep_team();
CREATE TRIGGER "Keep_team_of_changed" AFTER UPDATE OF role ON user_profiles
    FOR EACH ROW WHEN (OLD.role = 'admin' AND NEW.role <> 'admin') EXECUTE FUNCTION teamwork.keep_team();

-- What members and admins call -------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.team_contents(admin uuid) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    members CONSTANT bigint := (SELECT count(*) FROM @extschema@.user_profiles p WHERE p.admin_id = admin);
    invitations CONSTANT bigint := (
        SELECT count(*) FROM teamwork.invitations i
        WHERE i.admin_id = admin AND i.cancelled_at IS NULL AND i.accepted_at IS NULL AND i.expires_at > clock_timestamp());
    filled CONSTANT text[] := teamwork.tables_with_rows(admin);
BEGIN
    RETURN nullif(concat_ws(' ', CASE WHEN members > 0 THEN format('Members: %s.', members) END,
                            CASE WHEN invitations > 0 THEN format('Pending invitations: %s.', invitations) END,
                            CASE WHEN cardinality(filled) > 0 THEN
                                format('Tables with its rows: %s.', array_to_string(filled, ', ')) END), '');
END
$$;
COMMENT ON FUNCTION teamwork.team_contents(uuid) IS 'What a team has beside its admin, as sentences; NULL when it has nothing';

CREATE FUNCTION teamwork.give_up_empty_team(admin uuid) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A team that was suspended is not left behind for a new one.
    DELETE FROM @extschema@.user_profiles p
    WHERE p.id = admin AND p.role = 'admin' AND p.is_active AND teamwork.team_contents(admin) IS NULL;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION teamwork.give_up_empty_team(uuid) IS 'Ends a team that has nothing but its active admin; whether it did. The caller has locked the team';

CREATE FUNCTION teamwork.raise_cannot_leave(admin uuid, is_active boolean) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT is_active THEN
        RAISE EXCEPTION 'the admin of a suspended team cannot leave it'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'A database administrator has suspended the team, and can end it.';
    END IF;
    RAISE EXCEPTION 'the admin cannot leave a team that is not empty'
        USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = teamwork.team_contents(admin),
              HINT = 'Hand the team over with transfer_team() and leave it then; or remove members, invitations and rows first.';
END
$$;
COMMENT ON FUNCTION teamwork.raise_cannot_leave(uuid, boolean) IS 'The error for an admin who has to stay';

CREATE FUNCTION leave_team() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    caller CONSTANT uuid := teamwork.require_user('leave a team');
    profile record;
BEGIN
    -- Again where the team was handed over, to the caller or by the caller, between the look and the deletion.
    LOOP
        SELECT p.role, p.is_active INTO profile FROM @extschema@.user_profiles p WHERE p.id = caller;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the caller belongs to no team'
                USING ERRCODE = 'no_data_found', DETAIL = format('User %s has no profile.', caller);
        ELSIF profile.role <> 'admin' THEN
            DELETE FROM @extschema@.user_profiles p WHERE p.id = caller AND p.role <> 'admin';
            EXIT WHEN FOUND;
        ELSE
            PERFORM teamwork.lock_teams(caller);
            EXIT WHEN teamwork.give_up_empty_team(caller);
            SELECT p.role, p.is_active INTO profile FROM @extschema@.user_profiles p WHERE p.id = caller;
            IF profile.role = 'admin' THEN
                PERFORM teamwork.raise_cannot_leave(caller, profile.is_active);
            END IF;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leave_team() IS 'Takes the caller out of the team; the rows they made stay with it, and the seat is free. An admin gives up a team without members, pending invitations and rows, with its jobs and uploads
Errors: 42501 if nobody is signed in; P0002 if the caller has no team; 55000 if the caller is admin of a team that is suspended or not empty';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   departures
--   teamwork::forget_callers

-- Revocation: sessions remember who is calling; a change of profiles makes all of them look again at their next statement.

COMMENT ON FUNCTION teamwork.forget_callers() IS 'Makes every session look at the profiles anew, when the current transaction commits';

CREATE FUNCTION teamwork.forget_callers_on_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.forget_callers();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.forget_callers_on_change() IS 'Trigger: a change of profiles counts from the next statement of every session';

-- By row, as logical replication fires no triggers of statements but those of TRUNCATE; and always, also where
-- session_replication_role is replica. Many rows of a transaction make one announcement.
CREATE TRIGGER forget_callers AFTER INSERT OR DELETE ON user_profiles
    FOR EACH ROW EXECUTE FUNCTION teamwork.forget_callers_on_change();
CREATE TRIGGER forget_callers_of_changed AFTER UPDATE ON user_profiles
    FOR EACH ROW WHEN ((OLD.id, OLD.role, OLD.admin_id, OLD.is_active) IS DISTINCT FROM (NEW.id, NEW.role, NEW.admin_id, NEW.is_active))
    EXECUTE FUNCTION teamwork.forget_callers_on_change();
CREATE TRIGGER forget_callers_of_all AFTER TRUNCATE ON user_profiles
    FOR EACH STATEMENT EXECUTE FUNCTION teamwork.forget_callers_on_change();
ALTER TABLE user_profiles ENABLE ALWAYS TRIGGER forget_callers, ENABLE ALWAYS TRIGGER forget_callers_of_changed,
    ENABLE ALWAYS TRIGGER forget_callers_of_all;

CREATE FUNCTION teamwork.keep_always() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    weakened record;
BEGIN
    FOR weakened IN
        SELECT t.tgrelid::regclass AS target, t.tgname AS name
        FROM pg_event_trigger_ddl_commands() c JOIN pg_trigger t ON c.classid = 'pg_class'::regclass AND t.tgrelid = c.objid
        WHERE t.tgfoid IN (to_regproc('teamwork.forget_callers_on_change'), to_regproc('teamwork.forget_rule'))
          AND t.tgenabled = 'O' AND NOT c.in_extension
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', weakened.target, weakened.name);
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.keep_always() IS 'Event trigger: ENABLE TRIGGER ALL, with which pg_restore --disable-triggers ends, leaves revocation as it was';
CREATE EVENT TRIGGER teamwork_keep_always ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION teamwork.keep_always();
COMMENT ON EVENT TRIGGER teamwork_keep_always IS 'Revocation reaches open sessions however a change of profiles arrives';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   revocation
--   teamwork::goes_by_token
--   teamwork::token_fault

-- Tokens: who a connection is, on a signature's word and not on its own. Where people send SQL themselves, request.jwt.claims is
-- what they like; a token is what the keeper of a key has signed. A login role in teamwork_token_only goes by it and by nothing else,
-- every other role by the claims and by nothing else. teamwork.token holds it, so that it ends with the session, the
-- transaction, DISCARD ALL or a rollback like any setting; native code looks at the signature (src/identity/token.rs).

CREATE TABLE teamwork.token_keys (
    name text PRIMARY KEY,
    -- HS256 is as strong as its key, up to 32 bytes.
    key bytea NOT NULL CHECK (octet_length(key) >= 32),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE teamwork.token_keys IS 'The keys that tokens may be signed with; nobody but the owner reads them, and pg_dump leaves them out';

CREATE TRIGGER forget_callers AFTER INSERT OR UPDATE OR DELETE ON teamwork.token_keys
    FOR EACH ROW EXECUTE FUNCTION teamwork.forget_callers_on_change();
CREATE TRIGGER forget_callers_of_all AFTER TRUNCATE ON teamwork.token_keys
    FOR EACH STATEMENT EXECUTE FUNCTION teamwork.forget_callers_on_change();
ALTER TABLE teamwork.token_keys ENABLE ALWAYS TRIGGER forget_callers, ENABLE ALWAYS TRIGGER forget_callers_of_all;

COMMENT ON FUNCTION teamwork.goes_by_token() IS 'Whether the session is somebody by a signed token only: its login role is in teamwork_token_only';
COMMENT ON FUNCTION teamwork.token_fault(text) IS 'What is wrong with a token; NULL when it can be used now';

CREATE FUNCTION teamwork.set_token_key(key text, name text DEFAULT 'default') RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF key IS NULL THEN
        DELETE FROM teamwork.token_keys k WHERE k.name = set_token_key.name;
    ELSIF octet_length(key) < 32 THEN
        -- Without the row, which an error of the constraint would show.
        RAISE EXCEPTION 'the key is too short' USING ERRCODE = 'invalid_parameter_value', DETAIL = 'HS256 wants 32 bytes or more.';
    ELSE
        INSERT INTO teamwork.token_keys AS k (name, key) VALUES (set_token_key.name, convert_to(set_token_key.key, 'UTF8'))
        ON CONFLICT ON CONSTRAINT token_keys_pkey DO UPDATE SET key = excluded.key, created_at = now();
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.set_token_key(text, text) IS 'Sets a key that signs tokens, such as the JWT secret of Supabase or PostgREST; NULL removes it; tokens of that key are valid from then on, or no longer
For: administrators
Errors: 22023 if the key has less than 32 bytes';

CREATE FUNCTION teamwork.login(token text, is_local boolean DEFAULT false) RETURNS uuid
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fault CONSTANT text := CASE WHEN token IS NULL THEN 'It is NULL.' ELSE teamwork.token_fault(token) END;
BEGIN
    IF NOT teamwork.goes_by_token() THEN
        RAISE EXCEPTION 'role % does not sign in with tokens', session_user
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'Its sessions go by request.jwt.claims.',
                  HINT = format('A database administrator changes that: GRANT teamwork_token_only TO %I;', session_user);
    ELSIF fault IS NOT NULL THEN
        RAISE EXCEPTION 'invalid token'
            USING ERRCODE = 'invalid_authorization_specification', DETAIL = fault,
                  HINT = 'Sign in with your auth service and send the access token that it gives.';
    END IF;
    PERFORM set_config('teamwork.token', token, is_local);
    -- For an auth schema of somebody else's making, which asks the settings.
    PERFORM teamwork.set_claims(teamwork.current_claims(), is_local);
    RETURN teamwork.current_user_id();
END
$$;
COMMENT ON FUNCTION teamwork.login(text, boolean) IS 'Makes the session (with is_local: the transaction) that of the user named by a signed token, until teamwork.logout() or the token''s exp
For: members with a connection of their own
Errors: 55000 if the login role is not in teamwork_token_only; 28000 if the token is invalid';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   tokens

-- What teamwork.protect_table can protect, and how it is called: statements name the schema, for they run under a search_path of
-- pg_catalog alone, and messages name it where it is not the extension's own.

CREATE FUNCTION teamwork.full_name(target regclass) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target
$$;
COMMENT ON FUNCTION teamwork.full_name(regclass) IS 'A relation''s name as any search_path understands it';

CREATE FUNCTION teamwork.name_of(target regclass) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((
        SELECT CASE WHEN c.relnamespace = '@extschema@'::regnamespace OR pg_table_is_visible(c.oid) THEN quote_ident(c.relname)
                    ELSE teamwork.full_name(target) END
        FROM pg_class c WHERE c.oid = target), target::text)
$$;
COMMENT ON FUNCTION teamwork.name_of(regclass) IS 'A relation''s name as people write it: with its schema, unless that is the extension''s';

CREATE FUNCTION teamwork.check_kind(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    relation record;
    hint text;
    extension name;
BEGIN
    SELECT c.*, CASE WHEN c.relpersistence = 't' THEN 'temporary' ELSE k.name END AS kind INTO relation
    FROM pg_class c
    LEFT JOIN (VALUES ('v', 'view'), ('m', 'materialized view'), ('f', 'foreign table'), ('S', 'sequence'),
                      ('i', 'index'), ('I', 'index'), ('c', 'composite type'), ('t', 'TOAST table')) k (code, name)
        ON k.code = c.relkind::text
    WHERE c.oid = target;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'relation with OID % does not exist', target::oid USING ERRCODE = 'undefined_table';
    ELSIF target::oid < 16384 THEN
        RAISE EXCEPTION 'permission denied: "%" is a system catalog', relation.relname USING ERRCODE = 'insufficient_privilege';
    ELSIF relation.kind IS NOT NULL OR relation.relispartition THEN
        hint := CASE
            WHEN relation.kind = 'temporary' THEN 'Nobody but this session sees a temporary table; make it a permanent one.'
            WHEN relation.relispartition
                THEN format('Protect the partitioned table: teamwork.protect_table(%L).', teamwork.name_of(pg_partition_root(target)))
            WHEN relation.kind = 'view' THEN 'Protect the tables beneath a view, and make the view WITH (security_invoker).'
            WHEN relation.kind = 'materialized view'
                THEN 'Row-level security does not reach a materialized view; use a view WITH (security_invoker).'
            WHEN relation.kind = 'foreign table'
                THEN 'Row-level security does not reach a foreign table; protect it where it is stored, or copy it into a table.'
            ELSE 'Name a table.' END;
        RAISE EXCEPTION 'cannot protect %: it is %', teamwork.name_of(target),
                        CASE WHEN relation.kind = 'temporary' THEN 'temporary'
                             WHEN relation.relispartition THEN 'a partition'
                             WHEN relation.kind = 'index' THEN 'an index'
                             ELSE 'a ' || relation.kind END
            USING ERRCODE = 'wrong_object_type', HINT = hint;
    ELSIF NOT pg_has_role(current_user, relation.relowner, 'USAGE') THEN
        RAISE EXCEPTION 'must be owner of table %', relation.relname
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('It belongs to %s.', relation.relowner::regrole);
    END IF;
    -- The extension's own script may, before it has registered its tables for pg_dump; afterwards only as a repair.
    SELECT e.extname INTO extension FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.classid = 'pg_class'::regclass AND d.objid = check_kind.target AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
      AND (e.extname <> 'teamwork' OR check_kind.target = ANY (e.extconfig))
      AND NOT EXISTS (SELECT FROM teamwork.protections p WHERE p.target = check_kind.target AND p.is_preset);
    IF FOUND THEN
        RAISE EXCEPTION 'cannot protect %: it belongs to the extension %', teamwork.name_of(target), extension
            USING ERRCODE = 'wrong_object_type',
                  HINT = 'An update of the extension, and pg_dump, would not know of the change; protect a table of your own.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_kind(regclass) IS 'Refuses what is not a table, not permanent, not the caller''s, or an extension''s';

CREATE FUNCTION teamwork.check_protectable(target regclass, key_columns text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    missing text;
    foreign_policy text;
BEGIN
    IF target IS NULL THEN
        RAISE EXCEPTION 'target must not be null'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Name a table: teamwork.protect_table(''orders'').';
    END IF;
    PERFORM teamwork.check_kind(target);
    SELECT c INTO missing FROM unnest(key_columns) c
    WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attname = c AND a.attnum > 0 AND NOT a.attisdropped);
    IF FOUND THEN
        RAISE EXCEPTION 'key column "%" does not exist in table %', missing, teamwork.name_of(target) USING ERRCODE = 'undefined_column';
    END IF;
    -- Permissive policies add up: one of somebody else's would open what ours close.
    SELECT p.polname INTO foreign_policy FROM pg_policy p
    WHERE p.polrelid = target AND p.polpermissive AND p.polname NOT IN (SELECT t.name FROM teamwork.team_policies(target) t);
    IF FOUND THEN
        RAISE EXCEPTION 'table % has the policy "%" already', teamwork.name_of(target), foreign_policy
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'A permissive policy would let rows through that the team''s policies keep back.',
                  HINT = format('DROP POLICY %I ON %s, or make it AS RESTRICTIVE.', foreign_policy, teamwork.name_of(target));
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_protectable(regclass, text[]) IS 'Refuses what protect_table cannot protect';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   protectable
--   teamwork::ids_are_generated
--   teamwork::replaces_a_row
--   teamwork::has_drawn

-- Whole rows, as ordinary clients write them: INSERT … (id, owner_id, …) … ON CONFLICT … DO UPDATE SET id = EXCLUDED.id, …, and
-- UPDATE … SET id = …, … with what the row has already. What a row has already is no change. Ids of new rows are the database's:
-- all teams draw from one sequence per table, so that an id which somebody chose is one that another team's row would get.
--
-- Tables of team data have no row trigger on INSERT. So src/ids.rs looks at the statement while it is planned: only one that
-- chooses ids, or that has ON CONFLICT, has these functions called for its rows.

CREATE FUNCTION teamwork.numbered_columns(target regclass, OUT name name, OUT sequence regclass) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.attname, pg_get_serial_sequence(teamwork.full_name(target), a.attname)::regclass
    FROM pg_attribute a WHERE a.attrelid = target AND a.attidentity <> '' AND NOT a.attisdropped ORDER BY a.attnum
$$;
COMMENT ON FUNCTION teamwork.numbered_columns(regclass) IS 'The identity columns of a table';

CREATE FUNCTION teamwork.has_row_like(target regclass, columns name[], new_row record) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    is_there boolean;
BEGIN
    -- Under the caller's row-level security: of other teams' rows it says what it says of none. Locked, so that the row is still
    -- there when the statement comes to it.
    EXECUTE format('SELECT true FROM %1$s t WHERE %2$s LIMIT 1 FOR KEY SHARE', teamwork.full_name(target),
                   (SELECT string_agg(format('t.%I = ($1::%s).%1$I', c, teamwork.full_name(target)), ' AND ') FROM unnest(columns) c))
        INTO is_there USING new_row;
    RETURN coalesce(is_there, false);
END
$$;
COMMENT ON FUNCTION teamwork.has_row_like(regclass, name[], record) IS 'Whether the caller''s team has a row that is like another one in some columns; keeps it from being deleted until the transaction ends';

CREATE FUNCTION teamwork.refuse_id(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'permission denied to choose ids in table %', (SELECT c.relname FROM pg_class c WHERE c.oid = target)
        USING ERRCODE = 'insufficient_privilege',
              DETAIL = 'All teams draw their ids from one sequence: an id that is chosen is one that another team''s row would get.',
              HINT = 'Leave the column out, or give it DEFAULT; a row that the team has keeps its id.';
END
$$;
COMMENT ON FUNCTION teamwork.refuse_id(regclass) IS 'Says that ids are the database''s to give';

CREATE FUNCTION teamwork.ids_are_own(target regclass, new_row record) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    numbered record;
BEGIN
    FOR numbered IN SELECT * FROM teamwork.numbered_columns(target) LOOP
        -- Rows of one statement can have an id, or leave it to the database.
        IF NOT teamwork.has_row_like(target, ARRAY[numbered.name], new_row)
           AND teamwork.has_drawn(numbered.sequence, (to_json(new_row) ->> numbered.name)::bigint) IS NOT TRUE THEN
            PERFORM teamwork.refuse_id(target);
        END IF;
    END LOOP;
    RETURN true;
END
$$;
COMMENT ON FUNCTION teamwork.ids_are_own(regclass, record) IS 'True when the ids of a row that is to be inserted are those of a row of the caller''s team, or were just drawn; an error otherwise, and the same one whether another team has the id or nobody';

CREATE FUNCTION teamwork.is_own_row(target regclass, key_constraint oid, attributes smallint[], new_row record) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN teamwork.has_row_like(target, ARRAY(
        SELECT a.attname FROM pg_attribute a
        WHERE a.attrelid = target AND (a.attname = 'owner_id' OR a.attnum = ANY (coalesce(
            (SELECT k.conkey FROM pg_constraint k WHERE k.oid = key_constraint), attributes)))), new_row);
END
$$;
COMMENT ON FUNCTION teamwork.is_own_row(regclass, oid, smallint[], record) IS 'Whether the caller''s team has the row that ON CONFLICT is about, with the same owner';

CREATE FUNCTION teamwork.keep_ids(target regclass, old_row json, new_row json) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    numbered record;
BEGIN
    FOR numbered IN SELECT * FROM teamwork.numbered_columns(target) LOOP
        -- SET id = DEFAULT draws one.
        IF old_row ->> numbered.name IS DISTINCT FROM new_row ->> numbered.name
           AND teamwork.has_drawn(numbered.sequence, (new_row ->> numbered.name)::bigint) IS NOT TRUE THEN
            PERFORM teamwork.refuse_id(target);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.keep_ids(regclass, json, json) IS 'Refuses a change of a row''s ids to others than those that the database gives';

COMMENT ON FUNCTION teamwork.has_drawn(oid, bigint) IS 'Whether a number is the one that this session has drawn last from a sequence';
COMMENT ON FUNCTION teamwork.ids_are_generated(uuid) IS 'Part of the policy for INSERT: true, unless the statement chooses ids; then teamwork.ids_are_own() decides. Leaves to the database what is the database''s: NULL for an id, an owner or a team is the default, and created_at, updated_at and updated_by are what the database says';
COMMENT ON FUNCTION teamwork.plan_insert(internal) IS 'Planner support of teamwork.ids_are_generated()';
COMMENT ON FUNCTION teamwork.replaces_a_row(uuid) IS 'Part of the policy for INSERT: false, unless the statement has ON CONFLICT; then teamwork.is_own_row() decides, so that a colleague''s whole row can be written back';
COMMENT ON FUNCTION teamwork.plan_upsert(internal) IS 'Planner support of teamwork.replaces_a_row()';

-- Triggers on UPDATE -------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.keep_owner() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A partition has no row-level security of its own.
    IF row_security_active(coalesce(pg_partition_root(TG_RELID), TG_RELID)) THEN
        NEW.owner_id := coalesce(NEW.owner_id, OLD.owner_id);
        NEW.admin_id := coalesce(NEW.admin_id, OLD.admin_id);
        IF (OLD.owner_id, OLD.admin_id) IS DISTINCT FROM (NEW.owner_id, NEW.admin_id) THEN
            RAISE EXCEPTION 'permission denied to change the owner or the team of a row in table %', TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege',
                      DETAIL = 'owner_id and admin_id say who made the row and whose it is.',
                      HINT = 'Leave owner_id and admin_id out of the update.';
        END IF;
        PERFORM teamwork.keep_ids(coalesce(pg_partition_root(TG_RELID), TG_RELID), row_to_json(OLD), row_to_json(NEW));
    END IF;
    NEW.owner_id := coalesce(NEW.owner_id, NEW.admin_id);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.keep_owner() IS 'Trigger: nobody under row-level security moves a row to another team or owner, or chooses its id; a row whose owner''s account is deleted becomes the admin''s';

CREATE FUNCTION teamwork.kept_columns_change(target regclass) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg(format('old.%I IS DISTINCT FROM new.%1$I', c.name), ' OR ')
    FROM (SELECT unnest('{owner_id, admin_id}'::name[]) UNION ALL SELECT n.name FROM teamwork.numbered_columns(target) n) c (name)
$$;
COMMENT ON FUNCTION teamwork.kept_columns_change(regclass) IS 'The condition under which an update changes what teamwork.keep_owner() keeps';

CREATE FUNCTION teamwork.touch_row() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    table_id CONSTANT oid := coalesce(pg_partition_root(TG_RELID), TG_RELID);
    is_member CONSTANT boolean := row_security_active(table_id);
BEGIN
    IF is_member THEN
        NEW.created_at := OLD.created_at;
        -- Who does not see a column leaves it as it is.
        IF cardinality(teamwork.hidden_columns(table_id)) > 0 THEN
            NEW := jsonb_populate_record(NEW, teamwork.hidden_values(table_id, to_jsonb(OLD), to_jsonb(NEW)));
        END IF;
    END IF;
    -- What an undo restores has the time and the author of its last change before.
    IF current_setting('teamwork.table_under_undo', true) = table_id::text THEN
        -- Only the undo can say so, once the library is loaded; until then anybody can. The call of a native function loads it.
        PERFORM teamwork.current_user_id();
        IF current_setting('teamwork.table_under_undo', true) = table_id::text THEN
            RETURN NEW;
        END IF;
    END IF;
    NEW.updated_at := now();
    -- Roles that row-level security does not bind need no right to the functions of members.
    NEW.updated_by := CASE WHEN is_member THEN teamwork.current_user_id() ELSE auth.uid() END;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.touch_row() IS 'Trigger: updated_at and updated_by say when and by whom a row was changed; created_at stays, and so does what the caller does not see';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   whole_rows

-- Keys of a protected table that end at the team: the key that other tables refer to, and foreign keys of owner and team.

CREATE FUNCTION teamwork.column_names(target regclass, numbers smallint[]) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array_agg(a.attname::text ORDER BY u.place)
    FROM unnest(numbers) WITH ORDINALITY u (number, place) JOIN pg_attribute a ON a.attrelid = target AND a.attnum = u.number
$$;
COMMENT ON FUNCTION teamwork.column_names(regclass, smallint[]) IS 'The names of a table''s columns with these numbers, in this order';

CREATE FUNCTION teamwork.name_list(names text[]) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT string_agg(quote_ident(u.name), ', ' ORDER BY u.place) FROM unnest(names) WITH ORDINALITY u (name, place) $$;
COMMENT ON FUNCTION teamwork.name_list(text[]) IS 'Names of columns as a statement lists them';

CREATE FUNCTION teamwork.team_key(target regclass) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array_prepend('admin_id', k.columns)
    FROM pg_index i, LATERAL teamwork.column_names(target, (i.indkey::smallint[])[0:i.indnkeyatts - 1]) k (columns)
    WHERE i.indrelid = target AND i.indisprimary AND 'admin_id' <> ALL (k.columns)
$$;
COMMENT ON FUNCTION teamwork.team_key(regclass) IS 'The columns of the unique key that other tables of team data refer to: the team and the primary key; NULL where the primary key says it, or there is none';

CREATE FUNCTION teamwork.is_unique_over(target regclass, columns text[]) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- A foreign key takes the columns in any order, and no index that is partial or deferred.
    SELECT EXISTS (
        SELECT FROM pg_index i, LATERAL teamwork.column_names(target, (i.indkey::smallint[])[0:i.indnkeyatts - 1]) k (columns)
        WHERE i.indrelid = target AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
          AND k.columns @> is_unique_over.columns AND k.columns <@ is_unique_over.columns)
$$;
COMMENT ON FUNCTION teamwork.is_unique_over(regclass, text[]) IS 'Whether a foreign key can refer to these columns of a table';

CREATE FUNCTION teamwork.stray_keys(target regclass, OUT name name, OUT columns text[], OUT parent regclass) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.conname, c.columns, k.confrelid::regclass
    FROM pg_constraint k, LATERAL teamwork.column_names(target, k.conkey) c (columns)
    WHERE k.conrelid = target AND k.contype = 'f' AND k.conparentid = 0 AND c.columns <@ '{owner_id,admin_id}'
      -- What becomes of rows whose owner's account is deleted, a table may say itself. No team's rows go with a profile.
      AND NOT (c.columns = '{owner_id}' AND k.confrelid = 'auth.users'::regclass)
      AND NOT (c.columns = '{admin_id}' AND k.confrelid = '@extschema@.user_profiles'::regclass AND k.confdeltype IN ('a', 'r'))
$$;
COMMENT ON FUNCTION teamwork.stray_keys(regclass) IS 'Foreign keys of a table''s owner and team that do not lead to auth.users and user_profiles, or take rows away with them';

CREATE FUNCTION teamwork.drop_stray_keys(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stray record;
BEGIN
    FOR stray IN SELECT * FROM teamwork.stray_keys(target) LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, stray.name);
        RAISE NOTICE 'table % has lost the foreign key % from % to %', teamwork.name_of(target), quote_ident(stray.name),
                     array_to_string(stray.columns, ', '), teamwork.name_of(stray.parent)
            USING DETAIL = 'The owner and the team of a protected table lead to auth.users and to user_profiles: '
                           'another key would refuse teams that it does not know, or delete rows of those that it forgets.';
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.drop_stray_keys(regclass) IS 'Drops the stray_keys() of a table, which the keys of protect_table replace';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   team_keys
--   teamwork::role_may

-- teamwork.protect_table: the one place where policies on team data are made, for the extension's tables and the user's.

CREATE TABLE teamwork.protections (
    target regclass PRIMARY KEY,
    key_columns text[] NOT NULL DEFAULT '{}',
    -- The extension's own tables are registered by its script, not by a dump.
    is_preset boolean NOT NULL DEFAULT false,
    protected_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE teamwork.protections IS 'The tables that teamwork.protect_table guards: import and export targets by their name';

CREATE FUNCTION teamwork.forget_dropped() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM teamwork.protections p WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = p.target);
END
$$;
COMMENT ON FUNCTION teamwork.forget_dropped() IS 'Event trigger: a dropped table is protected no more';
CREATE EVENT TRIGGER teamwork_forget_dropped ON sql_drop WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED', 'DROP EXTENSION')
    EXECUTE FUNCTION teamwork.forget_dropped();
COMMENT ON EVENT TRIGGER teamwork_forget_dropped IS 'Keeps teamwork.protections true';

CREATE FUNCTION teamwork.add_team_columns(target regclass, backfill_admin uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error
AS $$
DECLARE
    has_strays boolean;
    numbered record;
    misfit record;
BEGIN
    SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type INTO misfit FROM pg_attribute a
    WHERE a.attrelid = target AND a.attname IN ('owner_id', 'admin_id', 'updated_by') AND a.atttypid <> 'uuid'::regtype
      AND NOT a.attisdropped ORDER BY a.attnum LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'column % of table % is of type %, not uuid', misfit.name, teamwork.name_of(target), misfit.type
            USING ERRCODE = 'datatype_mismatch',
                  HINT = format('Give your column another name: ALTER TABLE %s RENAME COLUMN %I TO …',
                                teamwork.name_of(target), misfit.name);
    END IF;
    EXECUTE format('ALTER TABLE %s ADD COLUMN IF NOT EXISTS owner_id uuid, ADD COLUMN IF NOT EXISTS admin_id uuid,
                    ADD COLUMN IF NOT EXISTS created_at timestamptz DEFAULT now(),
                    ADD COLUMN IF NOT EXISTS updated_at timestamptz DEFAULT now(),
                    ADD COLUMN IF NOT EXISTS updated_by uuid', target);
    EXECUTE format('UPDATE %s SET owner_id = coalesce(owner_id, admin_id, $1), admin_id = coalesce(admin_id, $1),
                    created_at = coalesce(created_at, now()), updated_at = coalesce(updated_at, now())
                    WHERE num_nulls(owner_id, admin_id, created_at, updated_at) > 0', target) USING backfill_admin;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE num_nulls(owner_id, admin_id) > 0)', target) INTO has_strays;
    IF has_strays THEN
        RAISE EXCEPTION 'table % has rows that belong to no team', teamwork.name_of(target)
            USING ERRCODE = 'not_null_violation',
                  HINT = 'Name the admin they shall belong to: teamwork.protect_table(target, backfill_admin => ''…'').';
    END IF;
    EXECUTE format('ALTER TABLE %s
        ALTER owner_id SET DEFAULT auth.uid(), ALTER owner_id SET NOT NULL,
        ALTER admin_id SET DEFAULT @extschema@.get_current_user_admin_id(), ALTER admin_id SET NOT NULL,
        ALTER created_at SET DEFAULT now(), ALTER created_at SET NOT NULL,
        ALTER updated_at SET DEFAULT now(), ALTER updated_at SET NOT NULL,
        ALTER updated_by SET DEFAULT auth.uid()', target);
    -- Clients write whole rows, with the ids that the rows have: GENERATED ALWAYS refuses them. teamwork.ids_are_generated() and
    -- teamwork.keep_owner() refuse the others.
    FOR numbered IN SELECT n.name FROM teamwork.numbered_columns(target) n LOOP
        EXECUTE format('ALTER TABLE %s ALTER %I SET GENERATED BY DEFAULT', target, numbered.name);
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.add_team_columns(regclass, uuid) IS 'Gives a table owner_id, admin_id, created_at and updated_at, with defaults, filled and NOT NULL, and updated_by; identity columns become GENERATED BY DEFAULT';

CREATE FUNCTION teamwork.has_index(target regclass, columns text[], must_be_unique boolean) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM pg_index i
        WHERE i.indrelid = target AND i.indpred IS NULL AND (i.indisunique OR NOT must_be_unique)
          AND columns = (SELECT array_agg(a.attname::text ORDER BY k.place)
                         FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k (attnum, place)
                         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum))
$$;
COMMENT ON FUNCTION teamwork.has_index(regclass, text[], boolean) IS 'Whether a table has a whole index over just these columns, in this order';

CREATE FUNCTION teamwork.add_team_keys(target regclass, key_columns text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted record;
    team_key CONSTANT text[] := teamwork.team_key(target);
BEGIN
    PERFORM teamwork.drop_stray_keys(target);
    FOR wanted IN
        -- An account that goes leaves its rows without an owner, and teamwork.keep_owner gives them to the admin.
        SELECT * FROM (VALUES ('owner_id', 'auth.users', ' ON DELETE SET NULL'),
                              ('admin_id', '@extschema@.user_profiles', '')) c (name, parent, action)
        WHERE NOT EXISTS (
            SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = c.name
            WHERE k.contype = 'f' AND k.conrelid = target AND k.conkey = ARRAY[a.attnum]
              AND k.confrelid = c.parent::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s ADD FOREIGN KEY (%I) REFERENCES %s (id)%s', target, wanted.name, wanted.parent, wanted.action);
    END LOOP;
    IF NOT teamwork.has_index(target, ARRAY['owner_id'], false) THEN
        EXECUTE format('CREATE INDEX ON %s (owner_id)', target);
    END IF;
    IF cardinality(key_columns) = 0 AND NOT teamwork.has_index(target, ARRAY['admin_id', 'created_at'], false) THEN
        EXECUTE format('CREATE INDEX ON %s (admin_id, created_at DESC)', target);
    ELSIF cardinality(key_columns) > 0 AND NOT teamwork.has_index(target, array_prepend('admin_id', key_columns), true) THEN
        -- Leads with the team, so it serves the policies too.
        EXECUTE format('CREATE UNIQUE INDEX ON %s (admin_id, %s)', target,
                       (SELECT string_agg(quote_ident(u.name), ', ' ORDER BY u.place)
                        FROM unnest(key_columns) WITH ORDINALITY u (name, place)));
    END IF;
    IF team_key IS NOT NULL AND NOT teamwork.is_unique_over(target, team_key) THEN
        EXECUTE format('CREATE UNIQUE INDEX ON %s (%s)', target, teamwork.name_list(team_key));
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.add_team_keys(regclass, text[]) IS 'Gives a table its foreign keys, an index led by admin_id, unique over the key columns, where there are any, and the unique key of team and primary key';

CREATE FUNCTION teamwork.team_policies(target regclass, OUT name name, OUT command text, OUT read_rule text, OUT write_rule text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.name, p.command, CASE WHEN p.command <> 'INSERT' THEN t.own_team END,
           CASE WHEN p.command = 'INSERT'
                THEN t.own_team || ' AND (owner_id = (SELECT teamwork.current_user_id()) OR teamwork.replaces_a_row(admin_id))'
                    || ' AND teamwork.ids_are_generated(admin_id)' END
    FROM (VALUES ('team members read team rows', 'SELECT'), ('team members add rows as themselves', 'INSERT'),
                 ('team members edit team rows', 'UPDATE'), ('team members delete team rows', 'DELETE')) p (name, command),
        -- One equality: it finds the index, and (SELECT …) makes it one call a statement.
        LATERAL (SELECT format('admin_id = (SELECT CASE WHEN teamwork.role_may(%L::regclass::oid, %L::text) '
                               'THEN @extschema@.get_current_user_admin_id() ELSE NULL::uuid END AS team)',
                               teamwork.full_name(target), p.command)) t (own_team)
$$;
COMMENT ON FUNCTION teamwork.team_policies(regclass) IS 'The four policies of a table of team data';

CREATE FUNCTION teamwork.children_of(target regclass) RETURNS SETOF regclass
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE child AS (
        SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = target
        UNION SELECT i.inhrelid FROM pg_inherits i JOIN child c ON i.inhparent = c.inhrelid)
    SELECT c.inhrelid::regclass FROM child c
$$;
COMMENT ON FUNCTION teamwork.children_of(regclass) IS 'The partitions and heirs of a table, at every level';

CREATE FUNCTION teamwork.serials_of(target regclass) RETURNS SETOF regclass
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT d.objid::regclass FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = target AND d.deptype = 'a'
$$;
COMMENT ON FUNCTION teamwork.serials_of(regclass) IS 'The sequences of a table''s serial columns';

CREATE FUNCTION teamwork.add_team_policies(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error
AS $$
DECLARE
    wanted record;
    child regclass;
BEGIN
    FOR wanted IN SELECT * FROM teamwork.team_policies(target) LOOP
        EXECUTE format('DROP POLICY IF EXISTS %I ON %s', wanted.name, target);
        EXECUTE format('CREATE POLICY %I ON %s FOR %s TO authenticated %s%s', wanted.name, target, wanted.command,
                       'USING (' || wanted.read_rule || ')', 'WITH CHECK (' || wanted.write_rule || ')');
    END LOOP;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated', target);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO authenticated', target);
    EXECUTE format('GRANT ALL ON %s TO service_role', target);
    -- The default of a serial column asks for the caller's right to the sequence; that of an identity column does not.
    FOR child IN SELECT teamwork.serials_of(target) LOOP
        EXECUTE format('REVOKE ALL ON SEQUENCE %s FROM PUBLIC, anon, authenticated', child);
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO authenticated, service_role', child);
    END LOOP;
    -- A partition read by its own name knows nothing of its parent's policies.
    FOR child IN SELECT teamwork.children_of(target) LOOP
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated', child);
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.add_team_policies(regclass) IS 'Gives a table its four policies, row-level security enabled and forced, and its grants';

CREATE FUNCTION teamwork.row_changes(target regclass) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- By their bytes, as json and point have no equality. Generated columns are not computed yet when the trigger asks, and
    -- PostgreSQL does not let it: there every update stamps.
    SELECT 'old.* OPERATOR(pg_catalog.*<>) new.*'
    WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attgenerated <> '' AND NOT a.attisdropped)
$$;
COMMENT ON FUNCTION teamwork.row_changes(regclass) IS 'The condition under which an update changes a row; NULL where it cannot be asked';

CREATE FUNCTION teamwork.add_team_triggers(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- None on INSERT: a row trigger there takes the fast path away from every bulk load.
    EXECUTE format('CREATE OR REPLACE TRIGGER keep_owner BEFORE UPDATE ON %s FOR EACH ROW %s EXECUTE FUNCTION teamwork.keep_owner()',
                   target, 'WHEN (' || teamwork.kept_columns_change(target) || ')');
    EXECUTE format('CREATE OR REPLACE TRIGGER touch_row BEFORE UPDATE ON %s FOR EACH ROW %s EXECUTE FUNCTION teamwork.touch_row()',
                   target, 'WHEN (' || teamwork.row_changes(target) || ')');
END
$$;
COMMENT ON FUNCTION teamwork.add_team_triggers(regclass) IS 'Gives a table the triggers that keep owner, team and ids, and stamp updated_at and updated_by';

CREATE FUNCTION teamwork.protect_table(target regclass, key_columns text[] DEFAULT NULL, backfill_admin uuid DEFAULT NULL)
    RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    crossing record;
    keys CONSTANT text[] := coalesce(
        protect_table.key_columns, (SELECT p.key_columns FROM teamwork.protections p WHERE p.target = protect_table.target), '{}');
BEGIN
    PERFORM teamwork.check_protectable(target, keys);
    PERFORM teamwork.add_team_columns(target, backfill_admin);
    PERFORM teamwork.add_team_keys(target, keys);
    PERFORM teamwork.add_team_policies(target);
    PERFORM teamwork.add_team_triggers(target);
    INSERT INTO teamwork.protections AS p (target, key_columns) VALUES (protect_table.target, keys)
    ON CONFLICT ON CONSTRAINT protections_pkey DO UPDATE SET key_columns = excluded.key_columns;
    FOR crossing IN SELECT * FROM teamwork.crossings_of(target) LOOP
        RAISE WARNING '%', crossing.problem USING DETAIL = crossing.detail, HINT = crossing.fix;
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.protect_table(regclass, text[], uuid) IS 'Makes a table team data: columns, defaults, keys, policies and grants; from then on it is a target of imports and exports under its name; can be repeated
For: administrators
Errors: 22004 if the table is NULL; 42P01 if it does not exist; 42809 if it is not an ordinary table, or belongs to an extension; 42501 if it belongs to somebody else or is a system catalog; 42703 if a key column does not exist; 42804 if owner_id, admin_id or updated_by is there and no uuid; 55000 if it has a permissive policy of its own; 23502 if a row has no team and backfill_admin is not given';

CREATE VIEW teamwork.protected_tables WITH (security_invoker = true) AS
    SELECT p.target, n.nspname AS schema_name, c.relname AS data_type, p.key_columns,
           c.relrowsecurity AND c.relforcerowsecurity AS row_security, p.protected_at
    FROM teamwork.protections p
    JOIN pg_catalog.pg_class c ON c.oid = p.target
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace;
COMMENT ON VIEW teamwork.protected_tables IS 'The tables that teamwork.protect_table() has protected
For: administrators';
COMMENT ON COLUMN teamwork.protected_tables.data_type IS 'The name by which jobs call the table';
COMMENT ON COLUMN teamwork.protected_tables.key_columns IS 'What tells a team''s rows apart; imports find existing rows by it';
COMMENT ON COLUMN teamwork.protected_tables.row_security IS 'Whether row-level security is enabled and forced';

CREATE FUNCTION teamwork.target_of(data_type text) RETURNS regclass
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT t.target FROM teamwork.protected_tables t
            WHERE target_of.data_type IN (t.data_type, t.schema_name || '.' || t.data_type)
            -- Two tables of one name: the extension's own comes first, then the one that was protected first, so that no table takes
            -- the name of jobs that wait already; the other is reached as schema.table. The search_path of whoever asks has no part.
            ORDER BY t.schema_name <> '@extschema@', t.protected_at, t.schema_name LIMIT 1);
END
$$;
COMMENT ON FUNCTION teamwork.target_of(text) IS 'The protected table that a job''s data_type names; NULL when there is none';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   protect_table
--   teamwork::hidden_columns
--   teamwork::is_visible
--   teamwork::forget_plans

-- Rules per role: what a role may not do with a protected table, and what of it the role does not see. They are data, in the hands
-- of the database administrator. Which commands are allowed, the policies ask native code (src/rules.rs): so a table with rules has the
-- same four policies, with one equality each, and a query the same plan. Hidden columns are replaced while a statement is planned.

CREATE TABLE teamwork.table_rules (
    target regclass NOT NULL REFERENCES teamwork.protections (target) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('admin', 'manager', 'staff')),
    commands text[] NOT NULL DEFAULT '{SELECT,INSERT,UPDATE,DELETE}' CHECK (commands <@ '{SELECT,INSERT,UPDATE,DELETE}'),
    hidden_columns text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (target, role)
);
COMMENT ON TABLE teamwork.table_rules IS 'What a role may not do with a protected table, and what of it the role does not see; teamwork.set_table_rule() writes it
For: administrators';
COMMENT ON COLUMN teamwork.table_rules.commands IS 'What the role may do: SELECT, INSERT, UPDATE, DELETE';
COMMENT ON COLUMN teamwork.table_rules.hidden_columns IS 'What is NULL for the role when it reads, and what it may not write';

COMMENT ON FUNCTION teamwork.role_may(oid, text) IS 'Whether no rule of a table forbids the command to the caller''s role: what the policies ask';
COMMENT ON FUNCTION teamwork.forget_plans(oid) IS 'Makes every session plan its statements on a table anew, when the current transaction commits';

COMMENT ON FUNCTION teamwork.arm_masks(internal) IS 'Planner support of teamwork.role_may(): loads the library before the statement runs';
COMMENT ON FUNCTION teamwork.hidden_columns(oid) IS 'The columns of a table that the caller''s role does not see';
COMMENT ON FUNCTION teamwork.is_visible(oid, text) IS 'Whether the caller''s role sees a column of a table: what a statement that reads a hidden column asks for each row';

CREATE FUNCTION teamwork.check_rule(target regclass, role text, commands text[], hidden_columns text[]) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong text;
BEGIN
    IF target IS NULL OR role IS NULL THEN
        RAISE EXCEPTION '% must not be null', CASE WHEN target IS NULL THEN 'target' ELSE 'role' END
            USING ERRCODE = 'null_value_not_allowed',
                  HINT = 'Name a table and a role: teamwork.set_table_rule(''orders'', role => ''staff'', commands => ''{SELECT}'').';
    ELSIF NOT EXISTS (SELECT FROM teamwork.protections p WHERE p.target = check_rule.target) THEN
        RAISE EXCEPTION 'table % is not protected', teamwork.name_of(target)
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('SELECT teamwork.protect_table(%L);', teamwork.full_name(target));
    ELSIF role NOT IN ('admin', 'manager', 'staff') THEN
        RAISE EXCEPTION 'unrecognized role: %', quote_literal(role)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The roles are admin, manager and staff.';
    END IF;
    SELECT coalesce(quote_literal(c), 'NULL') INTO wrong FROM unnest(commands) c
    WHERE coalesce(upper(c) NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'), true);
    IF FOUND THEN
        RAISE EXCEPTION 'unrecognized command: %', wrong
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The commands are SELECT, INSERT, UPDATE and DELETE.';
    END IF;
    SELECT coalesce(h, 'NULL') INTO wrong FROM unnest(hidden_columns) h
    WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attname = h AND a.attnum > 0 AND NOT a.attisdropped);
    IF FOUND THEN
        RAISE EXCEPTION 'column "%" of table % does not exist', wrong, teamwork.name_of(target) USING ERRCODE = 'undefined_column';
    END IF;
    SELECT h INTO wrong FROM unnest(hidden_columns) h WHERE h IN (SELECT teamwork.open_columns(target));
    IF FOUND THEN
        RAISE EXCEPTION 'column "%" of table % cannot be hidden', wrong, teamwork.name_of(target)
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'Rows are found by their keys, and shared by their team.',
                  HINT = 'Close the table for the role: commands => ''{}''.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_rule(regclass, text, text[], text[]) IS 'Refuses a rule that makes no sense';

CREATE FUNCTION teamwork.open_columns(target regclass) RETURNS SETOF name
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.attname FROM pg_attribute a
    WHERE a.attrelid = target AND (
        a.attname IN ('owner_id', 'admin_id', 'created_at', 'updated_at', 'updated_by', 'import_id')
        OR a.attnum IN (SELECT k FROM pg_index i, unnest(i.indkey::smallint[]) k WHERE i.indrelid = target AND i.indisunique))
$$;
COMMENT ON FUNCTION teamwork.open_columns(regclass) IS 'The columns that no rule can hide: the team''s, and those of unique keys';

CREATE FUNCTION teamwork.set_table_rule(target regclass, role text, commands text[] DEFAULT NULL, hidden_columns text[] DEFAULT NULL)
    RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    every_command CONSTANT text[] := '{SELECT,INSERT,UPDATE,DELETE}';
    wanted record;
BEGIN
    PERFORM teamwork.check_rule(target, role, commands, hidden_columns);
    SELECT ARRAY(SELECT c FROM unnest(every_command) c WHERE c IN (SELECT upper(w) FROM unnest(
               coalesce(set_table_rule.commands, r.commands, every_command)) w)) AS commands,
           coalesce(set_table_rule.hidden_columns, r.hidden_columns, '{}') AS hidden_columns
    INTO wanted
    FROM (SELECT) once LEFT JOIN teamwork.table_rules r ON (r.target, r.role) = (set_table_rule.target, set_table_rule.role);
    IF wanted.commands = every_command AND wanted.hidden_columns = '{}' THEN
        DELETE FROM teamwork.table_rules r WHERE (r.target, r.role) = (set_table_rule.target, set_table_rule.role);
    ELSE
        INSERT INTO teamwork.table_rules AS r (target, role, commands, hidden_columns)
        VALUES (set_table_rule.target, set_table_rule.role, wanted.commands, wanted.hidden_columns)
        ON CONFLICT ON CONSTRAINT table_rules_pkey
            DO UPDATE SET commands = excluded.commands, hidden_columns = excluded.hidden_columns;
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.set_table_rule(regclass, text, text[], text[]) IS 'Says what a role of every team may do with a protected table, and which columns are NULL for it; what is not given stays as it is, and a rule that forbids and hides nothing is no rule any more
For: administrators
Errors: 22004 if the table or the role is NULL; 55000 if the table is not protected; 22023 if there is no such role or command, or the column cannot be hidden; 42703 if the column does not exist';

CREATE FUNCTION teamwork.closed_data_types() RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(n.name), '{}')
    FROM teamwork.table_rules r JOIN teamwork.protected_tables t ON t.target = r.target,
        unnest(ARRAY[t.data_type::text, t.schema_name || '.' || t.data_type]) n (name)
    WHERE r.role = @extschema@.get_current_user_role() AND (r.hidden_columns <> '{}' OR 'SELECT' <> ALL (r.commands))
$$;
COMMENT ON FUNCTION teamwork.closed_data_types() IS 'The data types of which the caller''s role does not see everything';

-- What becomes of a rule -----------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.hidden_values(target regclass, known jsonb, written jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong text;
BEGIN
    -- Clients that write whole rows send back the NULL that they have read.
    SELECT h INTO wrong FROM unnest(teamwork.hidden_columns(target)) h WHERE written -> h NOT IN ('null', known -> h);
    IF FOUND THEN
        RAISE EXCEPTION 'permission denied for column % of table %', wrong, (SELECT c.relname FROM pg_class c WHERE c.oid = target)
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('A rule of the table hides the column from the role %s.', @extschema@.get_current_user_role()),
                  HINT = 'Leave the column out of the update.';
    END IF;
    RETURN (SELECT jsonb_object_agg(h, known -> h) FROM unnest(teamwork.hidden_columns(target)) h);
END
$$;
COMMENT ON FUNCTION teamwork.hidden_values(regclass, jsonb, jsonb) IS 'What a row keeps in the columns that the caller does not see, as it was and as it is written; refuses other values';

CREATE FUNCTION teamwork.forget_rule() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.forget_callers();
    -- The table may be gone, and its rule with it.
    PERFORM teamwork.forget_plans(c.oid) FROM pg_class c WHERE c.oid = CASE TG_OP WHEN 'DELETE' THEN OLD.target ELSE NEW.target END;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.forget_rule() IS 'Trigger: a rule counts from the next statement of every session';

CREATE TRIGGER forget_rule AFTER INSERT OR UPDATE OR DELETE ON teamwork.table_rules
    FOR EACH ROW EXECUTE FUNCTION teamwork.forget_rule();
-- A rule that arrives by replication is one.
ALTER TABLE teamwork.table_rules ENABLE ALWAYS TRIGGER forget_rule;
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   rules

-- teamwork.unprotect_table: the way back from teamwork.protect_table.

CREATE FUNCTION teamwork.check_unprotectable(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    protection teamwork.protections;
BEGIN
    IF target IS NULL THEN
        RAISE EXCEPTION 'target must not be null'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Name a table: teamwork.unprotect_table(''orders'').';
    END IF;
    SELECT * INTO protection FROM teamwork.protections p WHERE p.target = check_unprotectable.target FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table % is not protected', teamwork.name_of(target)
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'SELECT target FROM teamwork.protected_tables shows those that are.';
    ELSIF protection.is_preset THEN
        RAISE EXCEPTION 'cannot unprotect %: it belongs to the extension teamwork', teamwork.name_of(target)
            USING ERRCODE = 'wrong_object_type', HINT = 'Keep data that is no team''s in a table of your own.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_unprotectable(regclass) IS 'Refuses what unprotect_table cannot let go';

CREATE FUNCTION teamwork.unprotect_table(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    gone record;
BEGIN
    PERFORM teamwork.check_unprotectable(target);
    FOR gone IN SELECT t.name FROM teamwork.team_policies(target) t LOOP
        EXECUTE format('DROP POLICY IF EXISTS %I ON %s', gone.name, target);
    END LOOP;
    FOR gone IN SELECT t.tgname AS name FROM pg_trigger t
                WHERE t.tgrelid = target AND t.tgfoid IN ('teamwork.keep_owner()'::regprocedure, 'teamwork.touch_row()'::regprocedure) LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', gone.name, target);
    END LOOP;
    -- Without claims these defaults are NULL: with NOT NULL they would refuse every row that is not a member's.
    FOR gone IN SELECT a.attname AS name, EXISTS (SELECT FROM pg_index i WHERE i.indrelid = target AND i.indisprimary
                                                  AND a.attnum = ANY (i.indkey)) AS is_key
                FROM pg_attribute a WHERE a.attrelid = target AND a.attname IN ('owner_id', 'admin_id') AND NOT a.attisdropped LOOP
        EXECUTE format('ALTER TABLE %s ALTER %I DROP DEFAULT', target, gone.name);
        IF NOT gone.is_key THEN
            EXECUTE format('ALTER TABLE %s ALTER %I DROP NOT NULL', target, gone.name);
        END IF;
    END LOOP;
    -- Closed, not open: the teams' rows are still in there. FORCE goes, so that the owner has the own table back.
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated', target);
    FOR gone IN SELECT serial FROM teamwork.serials_of(target) serial LOOP
        EXECUTE format('REVOKE ALL ON SEQUENCE %s FROM PUBLIC, anon, authenticated', gone.serial);
    END LOOP;
    DELETE FROM teamwork.protections p WHERE p.target = unprotect_table.target;
    RAISE NOTICE 'table % is now closed to anon and authenticated', teamwork.name_of(target)
        USING DETAIL = 'Its rows, columns, keys and indexes are kept; row-level security stays enabled, without the team''s policies.',
              HINT = 'Make policies and grants of your own to open it.';
END
$$;
COMMENT ON FUNCTION teamwork.unprotect_table(regclass) IS 'Removes policies, triggers, grants, the registration, and defaults and NOT NULL of owner_id and admin_id; rows, columns, keys and indexes stay, and so does row-level security: the table is closed
For: administrators
Errors: 22004 if the table is NULL; 55000 if it is not protected; 42809 if it belongs to the extension';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   unprotect_table

-- teamwork.protection_drift: every way in which tables have come away from what teamwork.protect_table made of them.
-- One question a function; each returns what is wrong, as a clause that follows the table's name.

CREATE FUNCTION teamwork.normalize_expression(expression text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT regexp_replace(replace(expression, '@extschema@.', ''), '\sAS\s+\w+|[\s()]', '', 'g') $$;
COMMENT ON FUNCTION teamwork.normalize_expression(text) IS 'An expression without what writing and reading it back may change: spaces, parentheses, names of results';

CREATE FUNCTION teamwork.policy_drift(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN p.oid IS NULL THEN format('lacks the policy "%s"', t.name)
                ELSE format('has the policy "%s" changed', t.name) END
    FROM teamwork.team_policies(target) t
    LEFT JOIN pg_policy p ON p.polrelid = target AND p.polname = t.name
    LEFT JOIN (VALUES ('r', 'SELECT'), ('a', 'INSERT'), ('w', 'UPDATE'), ('d', 'DELETE')) c (code, command) ON c.code = p.polcmd::text
    WHERE (p.polpermissive, p.polroles, c.command, teamwork.normalize_expression(pg_get_expr(p.polqual, target)),
           teamwork.normalize_expression(pg_get_expr(p.polwithcheck, target)))
        IS DISTINCT FROM (true, ARRAY['authenticated'::regrole::oid], t.command,
                          teamwork.normalize_expression(t.read_rule), teamwork.normalize_expression(t.write_rule))
    UNION ALL
    SELECT 'has row-level security ' || flag.problem
    FROM pg_class c, LATERAL (VALUES (c.relrowsecurity, 'disabled'), (c.relforcerowsecurity, 'not forced')) flag (is_set, problem)
    WHERE c.oid = target AND NOT flag.is_set
$$;
COMMENT ON FUNCTION teamwork.policy_drift(regclass) IS 'What is missing or changed of a protected table''s policies and row-level security';

CREATE FUNCTION teamwork.column_drift(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT problem.* FROM (VALUES ('owner_id', 'auth.uid()', true), ('admin_id', 'get_current_user_admin_id()', true),
                                  ('created_at', 'now()', true), ('updated_at', 'now()', true),
                                  ('updated_by', 'auth.uid()', false)) wanted (name, value, is_filled)
    LEFT JOIN pg_attribute a ON a.attrelid = target AND a.attname = wanted.name AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = target AND d.adnum = a.attnum,
    LATERAL (
        SELECT format('lacks the column %s', wanted.name) WHERE a.attname IS NULL
        UNION ALL
        SELECT format('lacks the default %s of column %s', wanted.value, wanted.name)
        WHERE a.attname IS NOT NULL
          AND teamwork.normalize_expression(pg_get_expr(d.adbin, target)) IS DISTINCT FROM teamwork.normalize_expression(wanted.value)
        UNION ALL
        SELECT format('allows NULL in column %s', wanted.name) WHERE wanted.is_filled AND NOT a.attnotnull) problem
    UNION ALL
    SELECT format('refuses whole rows of clients, as %s is GENERATED ALWAYS', a.attname)
    FROM pg_attribute a WHERE a.attrelid = target AND a.attidentity = 'a' AND NOT a.attisdropped
$$;
COMMENT ON FUNCTION teamwork.column_drift(regclass) IS 'What is missing or changed of a protected table''s columns';

CREATE FUNCTION teamwork.key_drift(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('lacks %s index on (%s)', CASE WHEN wanted.is_unique THEN 'the unique' ELSE 'the' END,
                  array_to_string(wanted.columns, ', '))
    FROM teamwork.protections p,
        LATERAL (VALUES (CASE WHEN p.key_columns = '{}' THEN '{admin_id,created_at}' ELSE array_prepend('admin_id', p.key_columns) END,
                         p.key_columns <> '{}'), ('{owner_id}', false)) wanted (columns, is_unique)
    WHERE p.target = key_drift.target AND NOT teamwork.has_index(p.target, wanted.columns, wanted.is_unique)
    UNION
    SELECT format('lacks the unique index on (%s)', array_to_string(wanted.columns, ', '))
    FROM teamwork.team_key(key_drift.target) wanted (columns)
    WHERE wanted.columns IS NOT NULL AND NOT teamwork.is_unique_over(key_drift.target, wanted.columns)
    UNION ALL
    SELECT format('has the foreign key %I from %s to %s', stray.name, array_to_string(stray.columns, ', '), teamwork.name_of(stray.parent))
    FROM teamwork.stray_keys(key_drift.target) stray
    UNION ALL
    SELECT format('lacks the foreign key from %s to %s', wanted.name, teamwork.name_of(wanted.parent::regclass))
    FROM (VALUES ('owner_id', 'auth.users'), ('admin_id', '@extschema@.user_profiles')) wanted (name, parent)
    WHERE NOT EXISTS (
        SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = wanted.name
        WHERE k.contype = 'f' AND k.conrelid = key_drift.target AND k.conkey = ARRAY[a.attnum] AND k.confrelid = wanted.parent::regclass)
$$;
COMMENT ON FUNCTION teamwork.key_drift(regclass) IS 'What is missing of a protected table''s indexes and foreign keys';

CREATE FUNCTION teamwork.trigger_drift(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN t.oid IS NULL THEN format('lacks the trigger %s', wanted.name)
                WHEN t.tgenabled NOT IN ('O', 'A') THEN format('has the trigger %s disabled', wanted.name)
                ELSE format('has the trigger %s changed', wanted.name) END
    FROM (VALUES ('keep_owner', teamwork.kept_columns_change(target)),
                 ('touch_row', replace(teamwork.row_changes(target), 'OPERATOR(pg_catalog.*<>)', '*<>'))) wanted (name, condition)
    LEFT JOIN pg_trigger t ON t.tgrelid = target AND t.tgname = wanted.name AND NOT t.tgisinternal
    WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A')
       OR teamwork.normalize_expression(pg_get_triggerdef(t.oid)) <> teamwork.normalize_expression(format(
           'CREATE TRIGGER %s BEFORE UPDATE ON %s FOR EACH ROW %s EXECUTE FUNCTION teamwork.%s()',
           wanted.name, teamwork.full_name(target), 'WHEN (' || wanted.condition || ')', wanted.name))
$$;
COMMENT ON FUNCTION teamwork.trigger_drift(regclass) IS 'What is missing, disabled or changed of a protected table''s triggers';

CREATE FUNCTION teamwork.grants_on(target regclass, OUT grantee name, OUT privilege text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(r.rolname, 'PUBLIC'), a.privilege_type
    FROM (SELECT c.relacl FROM pg_class c WHERE c.oid = target
          UNION ALL SELECT t.attacl FROM pg_attribute t WHERE t.attrelid = target AND NOT t.attisdropped) held (acl),
        LATERAL aclexplode(held.acl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE a.grantee = 0 OR r.rolname IN ('anon', 'authenticated', 'service_role')
    GROUP BY 1, 2
$$;
COMMENT ON FUNCTION teamwork.grants_on(regclass) IS 'What PUBLIC and the roles of applications hold on a relation or some of its columns';

CREATE FUNCTION teamwork.grant_drift(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('lacks the grant of %s to %s', string_agg(c.command, ', ' ORDER BY c.place), r.name)
    FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY c (command, place),
        unnest(ARRAY['authenticated', 'service_role']) r (name)
    WHERE NOT EXISTS (SELECT FROM pg_class t, aclexplode(t.relacl) a
                      WHERE t.oid = target AND (a.grantee, a.privilege_type) = (r.name::regrole, c.command)) GROUP BY r.name
    UNION ALL
    SELECT format('grants %s to %s', string_agg(g.privilege, ', ' ORDER BY g.privilege), g.grantee)
    FROM teamwork.grants_on(target) g
    WHERE g.grantee IN ('PUBLIC', 'anon') OR (g.grantee = 'authenticated' AND g.privilege NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))
    GROUP BY g.grantee
$$;
COMMENT ON FUNCTION teamwork.grant_drift(regclass) IS 'Which grants on a protected table are missing, and which are more than policies can guard';

-- All of them ---------------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.other_drift(target regclass, OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('has the permissive policy "%s" besides the team''s', p.polname),
           format('DROP POLICY %I ON %s;', p.polname, teamwork.full_name(target))
    FROM pg_policy p
    WHERE p.polrelid = target AND p.polpermissive AND p.polname NOT IN (SELECT t.name FROM teamwork.team_policies(target) t)
    UNION ALL
    SELECT format('belongs to %s, which authenticated or anon can act as', c.relowner::regrole),
           format('ALTER TABLE %s OWNER TO %I;', teamwork.full_name(target), current_user)
    FROM pg_class c
    WHERE c.oid = target AND (pg_has_role('authenticated', c.relowner, 'MEMBER') OR pg_has_role('anon', c.relowner, 'MEMBER'))
    UNION ALL
    SELECT format('has the partition %s, which grants %s to %s', teamwork.name_of(child),
                  string_agg(g.privilege, ', ' ORDER BY g.privilege), g.grantee),
           format('REVOKE ALL ON %s FROM %s;', teamwork.full_name(child), g.grantee)
    FROM teamwork.children_of(target) child, teamwork.grants_on(child) g
    WHERE g.grantee <> 'service_role' GROUP BY child, g.grantee
$$;
COMMENT ON FUNCTION teamwork.other_drift(regclass) IS 'Ways around a protected table that protecting it again would not close';

CREATE FUNCTION teamwork.drift_of(target regclass, OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('table %s %s', teamwork.name_of(target), found.problem),
           format('SELECT teamwork.protect_table(%L);', teamwork.full_name(target))
    FROM (SELECT teamwork.policy_drift(target) UNION ALL SELECT teamwork.column_drift(target) UNION ALL SELECT teamwork.key_drift(target)
          UNION ALL SELECT teamwork.trigger_drift(target) UNION ALL SELECT teamwork.grant_drift(target)) found (problem)
    UNION ALL
    SELECT format('table %s %s', teamwork.name_of(target), o.problem), o.fix FROM teamwork.other_drift(target) o
$$;
COMMENT ON FUNCTION teamwork.drift_of(regclass) IS 'The drift of one protected table';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   drift

-- Keys that cross teams: unique over the values of all teams, or from a row of one team to a row of another. PostgreSQL checks keys
-- without row-level security, so a team would learn what another has, take its values, hold its rows or lose its own.
-- Each function returns how bad it is, for teamwork.doctor(), what it is, why, and the statements that mend it.

CREATE FUNCTION teamwork.is_drawn(target regclass, attribute smallint) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.attidentity <> ''
        OR coalesce(pg_get_expr(d.adbin, d.adrelid) ~ '(nextval|gen_random_uuid|uuid_generate_v\w+|uuidv\d)\(', false)
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = target AND a.attnum = attribute
$$;
COMMENT ON FUNCTION teamwork.is_drawn(regclass, smallint) IS 'Whether the database draws the values of a column: numbers in turn, or random UUIDs';

CREATE FUNCTION teamwork.shared_uniques(target regclass, OUT index regclass, OUT holder regclass, OUT columns text[]) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT i.indexrelid::regclass, i.indrelid::regclass, coalesce(k.columns, '{}')
    FROM (SELECT target UNION SELECT teamwork.children_of(target)) own (relation)
    JOIN pg_index i ON i.indrelid = own.relation AND (i.indisunique OR i.indisexclusion)
    CROSS JOIN LATERAL (SELECT (i.indkey::smallint[])[0:i.indnkeyatts - 1]) n (numbers)
    CROSS JOIN LATERAL teamwork.column_names(i.indrelid, n.numbers) k (columns)
    LEFT JOIN pg_constraint x ON x.conindid = i.indexrelid AND x.conrelid = i.indrelid AND x.contype IN ('p', 'u', 'x')
    -- A partition's part of an index says nothing more.
    WHERE NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
      AND NOT EXISTS (SELECT FROM unnest(k.columns) WITH ORDINALITY u (name, place)
                      LEFT JOIN pg_operator o ON o.oid = x.conexclop[u.place]
                      WHERE u.name = 'admin_id' AND coalesce(o.oprname, '=') = '=')
      AND NOT EXISTS (SELECT FROM unnest(n.numbers) u (number) WHERE teamwork.is_drawn(i.indrelid, u.number))
      -- An id that clients draw is as random as one that the database draws; that of somebody else's row is not.
      AND NOT (i.indisprimary AND cardinality(k.columns) = 1
               AND EXISTS (SELECT FROM pg_attribute a
                           WHERE a.attrelid = i.indrelid AND a.attnum = n.numbers[1] AND a.atttypid = 'uuid'::regtype)
               AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = i.indrelid AND f.contype = 'f' AND f.conkey @> n.numbers))
$$;
COMMENT ON FUNCTION teamwork.shared_uniques(regclass) IS 'Unique indexes and exclusion constraints of a protected table in which values of different teams meet';

CREATE FUNCTION teamwork.foreign_key_fix(key oid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN teamwork.is_unique_over(k.confrelid, array_prepend('admin_id', c.parents)) THEN ''
                ELSE format('CREATE UNIQUE INDEX ON %s (admin_id, %s); ', teamwork.full_name(k.confrelid),
                            teamwork.name_list(c.parents)) END
        || format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I FOREIGN KEY (admin_id, %s) REFERENCES %s (admin_id, %s)',
                  teamwork.full_name(k.conrelid), k.conname, k.conname, teamwork.name_list(c.own), teamwork.full_name(k.confrelid),
                  teamwork.name_list(c.parents))
        -- Without names of columns, the row would lose its team too.
        || CASE k.confdeltype WHEN 'c' THEN ' ON DELETE CASCADE' WHEN 'r' THEN ' ON DELETE RESTRICT'
                WHEN 'n' THEN format(' ON DELETE SET NULL (%s)', teamwork.name_list(c.own))
                WHEN 'd' THEN format(' ON DELETE SET DEFAULT (%s)', teamwork.name_list(c.own)) ELSE '' END
        || CASE k.confupdtype WHEN 'c' THEN ' ON UPDATE CASCADE' WHEN 'r' THEN ' ON UPDATE RESTRICT' ELSE '' END
        || CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END || ';'
    FROM pg_constraint k,
        LATERAL (SELECT teamwork.column_names(k.conrelid, k.conkey), teamwork.column_names(k.confrelid, k.confkey)) c (own, parents)
    WHERE k.oid = key
$$;
COMMENT ON FUNCTION teamwork.foreign_key_fix(oid) IS 'The statements that make a foreign key between two tables of team data lead to rows of the same team only';

CREATE FUNCTION teamwork.unique_fix(index regclass, columns text[]) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT concat_ws(' ',
        -- Keys that lead to it have to lead elsewhere first.
        (SELECT string_agg(teamwork.foreign_key_fix(f.oid), ' ') FROM pg_constraint f
         WHERE f.conindid = index AND f.contype = 'f' AND f.conparentid = 0
           AND f.conrelid IN (SELECT p.target FROM teamwork.protections p)),
        CASE WHEN x.contype = 'p' AND NOT x.condeferrable AND spare.name IS NOT NULL
             THEN format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I PRIMARY KEY USING INDEX %I;', t.name, x.conname, x.conname,
                         spare.name)
             WHEN coalesce(x.contype, 'u') = 'u' AND i.indexprs IS NULL AND i.indpred IS NULL AND i.indnatts = i.indnkeyatts
                  AND teamwork.is_unique_over(i.indrelid, array_prepend('admin_id', unique_fix.columns))
             THEN coalesce(format('ALTER TABLE %s DROP CONSTRAINT ', t.name) || quote_ident(x.conname),
                           'DROP INDEX ' || teamwork.full_name(c.oid)) || ';'
             WHEN x.contype = 'x'
             THEN format('CREATE EXTENSION IF NOT EXISTS btree_gist; ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s;',
                         t.name, x.conname, x.conname,
                         regexp_replace(pg_get_constraintdef(x.oid), 'USING \w+ \(', 'USING gist (admin_id WITH =, '))
             WHEN x.oid IS NOT NULL
             THEN format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s;', t.name, x.conname, x.conname,
                         regexp_replace(pg_get_constraintdef(x.oid), '\(', '(admin_id, '))
             ELSE format('DROP INDEX %s; CREATE UNIQUE INDEX %I ON %s USING btree (admin_id, %s;', teamwork.full_name(c.oid),
                         c.relname, t.name,
                         substr(pg_get_indexdef(c.oid), 1 + length(format('CREATE UNIQUE INDEX %I ON %s%s USING btree (', c.relname,
                                CASE c.relkind WHEN 'I' THEN 'ONLY ' ELSE '' END, t.name)))) END)
    FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
    CROSS JOIN LATERAL teamwork.full_name(i.indrelid) t (name)
    LEFT JOIN pg_constraint x ON x.conindid = c.oid AND x.conrelid = i.indrelid AND x.contype IN ('p', 'u', 'x')
    LEFT JOIN LATERAL (
        -- An index that says it already, such as protect_table's own.
        SELECT s.relname FROM pg_index o JOIN pg_class s ON s.oid = o.indexrelid AND (s.relkind, c.relkind) = ('i', 'i')
        CROSS JOIN LATERAL teamwork.column_names(o.indrelid, o.indkey::smallint[]) k (columns)
        WHERE o.indrelid = i.indrelid AND o.indisunique AND o.indimmediate AND o.indisvalid AND o.indpred IS NULL AND o.indexprs IS NULL
          AND 0 = ALL (o.indoption::smallint[])
          AND k.columns @> array_prepend('admin_id', unique_fix.columns) AND k.columns <@ array_prepend('admin_id', unique_fix.columns)
          AND NOT EXISTS (SELECT FROM pg_constraint h WHERE h.conindid = o.indexrelid AND h.contype IN ('p', 'u', 'x'))
        ORDER BY s.relname LIMIT 1) spare (name) ON true
    WHERE c.oid = index
$$;
COMMENT ON FUNCTION teamwork.unique_fix(regclass, text[]) IS 'The statements that make a unique index or an exclusion constraint hold within each team';

CREATE FUNCTION teamwork.crossing_uniques(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'warn', format('table %s has the %s %I, in which the values of all teams meet', teamwork.name_of(s.holder),
                          CASE x.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique constraint'
                                         WHEN 'x' THEN 'exclusion constraint' ELSE 'unique index' END, c.relname),
           'A team learns which values another has, and cannot have them itself.', teamwork.unique_fix(s.index, s.columns)
    FROM teamwork.shared_uniques(target) s JOIN pg_class c ON c.oid = s.index
    LEFT JOIN pg_constraint x ON x.conindid = s.index AND x.conrelid = s.holder AND x.contype IN ('p', 'u', 'x')
$$;
COMMENT ON FUNCTION teamwork.crossing_uniques(regclass) IS 'The shared_uniques() of a protected table, as drift';

CREATE FUNCTION teamwork.crossing_foreign_keys(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'fail', format('table %s has the foreign key %I to %s, which leads to rows of other teams, too',
                          teamwork.name_of(k.conrelid), k.conname, teamwork.name_of(k.confrelid)),
           CASE WHEN k.confdeltype IN ('c', 'n', 'd') THEN 'A team that deletes its row changes rows of another that refer to it.'
                ELSE 'A team learns whether a row of another exists, and keeps it from being deleted.' END,
           teamwork.foreign_key_fix(k.oid)
    FROM pg_constraint k
    JOIN teamwork.protections own ON own.target = k.conrelid JOIN teamwork.protections other ON other.target = k.confrelid
    WHERE crossing_foreign_keys.target IN (k.conrelid, k.confrelid) AND k.contype = 'f' AND k.conparentid = 0
      AND NOT EXISTS (
          SELECT FROM unnest(teamwork.column_names(k.conrelid, k.conkey), teamwork.column_names(k.confrelid, k.confkey)) u (own, parents)
          WHERE (u.own, u.parents) = ('admin_id', 'admin_id'))
$$;
COMMENT ON FUNCTION teamwork.crossing_foreign_keys(regclass) IS 'Foreign keys between two protected tables, one of them this, that do not have the team in them';

CREATE FUNCTION teamwork.holding_keys(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'warn', format('table %s has the foreign key %I to %s, which keeps people of other teams from being removed',
                          teamwork.name_of(target), k.conname, teamwork.name_of(k.confrelid)),
           'A row may name any user, and who is named can be deleted no more.',
           format('ALTER TABLE %s %sDROP CONSTRAINT %I, ADD CONSTRAINT %I FOREIGN KEY (%s) REFERENCES %s (%s) ON DELETE %s;',
                  teamwork.full_name(target), CASE WHEN in_key.is_true THEN '' ELSE needs.text END, k.conname, k.conname,
                  teamwork.name_list(c.own), teamwork.full_name(k.confrelid), teamwork.name_list(c.parents),
                  CASE WHEN in_key.is_true THEN 'CASCADE' ELSE 'SET NULL' END)
    FROM pg_constraint k,
        LATERAL (SELECT teamwork.column_names(target, k.conkey), teamwork.column_names(k.confrelid, k.confkey)) c (own, parents),
        LATERAL (SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = target AND i.indisprimary
                                AND k.conkey && i.indkey::smallint[])) in_key (is_true),
        LATERAL (SELECT coalesce(string_agg(format('ALTER %I DROP NOT NULL, ', u.name), ''), '') FROM unnest(c.own) u (name)) needs (text)
    WHERE k.conrelid = target AND k.contype = 'f' AND k.conparentid = 0 AND k.confdeltype IN ('a', 'r')
      AND k.confrelid IN ('auth.users'::regclass, '@extschema@.user_profiles'::regclass) AND NOT c.own <@ '{owner_id,admin_id}'
$$;
COMMENT ON FUNCTION teamwork.holding_keys(regclass) IS 'Foreign keys of a protected table to people, besides those of owner and team, that keep them from leaving';

CREATE FUNCTION teamwork.outside_keys(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'fail', format('table %s, which is not protected and grants %s to %s, has the foreign key %I to %s',
                          teamwork.name_of(k.conrelid), string_agg(g.privilege, ', ' ORDER BY g.privilege), g.grantee, k.conname,
                          teamwork.name_of(target)),
           'A team learns whether a row of another exists, and keeps it from being deleted.',
           format('REVOKE INSERT, UPDATE ON %s FROM %s; -- or SELECT teamwork.protect_table(%L);', teamwork.full_name(k.conrelid),
                  g.grantee, teamwork.full_name(k.conrelid))
    FROM pg_constraint k, teamwork.grants_on(k.conrelid) g
    WHERE k.confrelid = target AND k.contype = 'f' AND k.conparentid = 0
      AND k.conrelid NOT IN (SELECT p.target FROM teamwork.protections p)
      AND g.privilege IN ('INSERT', 'UPDATE') AND g.grantee <> 'service_role'
    GROUP BY k.oid, k.conrelid, k.conname, g.grantee
$$;
COMMENT ON FUNCTION teamwork.outside_keys(regclass) IS 'Foreign keys to a protected table from tables that members can write and that are not protected';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   crossing_keys

-- Ways to a protected table that go past its policies: views with their owner's rights, copies, functions, rules, parents and
-- publications, however many of them lie between the table and whoever reads.

CREATE FUNCTION teamwork.name_pattern(schema name, name name) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('("?%s"?\s*\.\s*)?("%s"|%s\M)', escaped.schema, escaped.name, escaped.name)
    FROM (SELECT regexp_replace(schema, '(\W)', '\\\1', 'g'), regexp_replace(name, '(\W)', '\\\1', 'g')) escaped (schema, name)
$$;
COMMENT ON FUNCTION teamwork.name_pattern(name, name) IS 'A regular expression for the name of an object in the text of a function, with or without its schema';

CREATE FUNCTION teamwork.readable_bodies(OUT oid oid, OUT body text, OUT as_caller boolean) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.oid, p.prosrc, NOT p.prosecdef
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prokind IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
$$;
COMMENT ON FUNCTION teamwork.readable_bodies() IS 'The functions and procedures of this database that no extension has made, with their texts';

CREATE FUNCTION teamwork.is_invokers_view(target regclass) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM pg_class c, pg_options_to_table(c.reloptions) o
                   WHERE c.oid = target AND c.relkind = 'v' AND o.option_name = 'security_invoker' AND o.option_value::boolean)
$$;
COMMENT ON FUNCTION teamwork.is_invokers_view(regclass) IS 'Whether a view reads with the rights of whoever asks it';

CREATE FUNCTION teamwork.readers_of(sources regclass[], OUT class regclass, OUT object oid, OUT as_caller boolean) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- What reads with the rights of whoever starts the query meets the policies, however many owner's views are on the way. A copy is
    -- filled by its owner, and a function of its owner's is the caller of what it calls.
    WITH RECURSIVE body AS MATERIALIZED (SELECT b.oid, b.body, b.as_caller, lower(b.body) AS lowered FROM teamwork.readable_bodies() b),
    reader (class, object, as_caller) AS (
        SELECT 'pg_class'::regclass, s::oid, false FROM unnest(sources) s
        UNION
        SELECT found.class, found.object, found.as_caller FROM reader r, LATERAL (
            SELECT 'pg_class'::regclass, v.oid,
                   v.relkind = 'v' AND (r.as_caller OR r.class = 'pg_proc'::regclass OR teamwork.is_invokers_view(v.oid))
            FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_type = '1' JOIN pg_class v ON v.oid = w.ev_class
            WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = r.class AND d.refobjid = r.object
            UNION ALL
            SELECT 'pg_proc'::regclass, b.oid, b.as_caller FROM pg_depend d JOIN body b ON b.oid = d.objid
            WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = r.class AND d.refobjid = r.object
            UNION ALL
            -- Of what a text names, PostgreSQL keeps no record.
            SELECT 'pg_proc'::regclass, b.oid, b.as_caller
            FROM (SELECT n.nspname, c.relname, '(\m(from|join|into|update|table|only)\s+|\mfrom\s[^;()]*,\s*)%s' FROM pg_class c
                  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.class = 'pg_class'::regclass AND c.oid = r.object
                  UNION ALL
                  SELECT n.nspname, p.proname, '(^|[^\w".])%s\s*\(' FROM pg_proc p
                  JOIN pg_namespace n ON n.oid = p.pronamespace WHERE r.class = 'pg_proc'::regclass AND p.oid = r.object)
                named (schema, name, pattern)
            JOIN body b ON strpos(b.lowered, lower(named.name)) > 0
                AND b.body ~* format(named.pattern, teamwork.name_pattern(named.schema, named.name))) found (class, object, as_caller))
    SELECT r.class, r.object, bool_and(r.as_caller) FROM reader r GROUP BY r.class, r.object
$$;
COMMENT ON FUNCTION teamwork.readers_of(regclass[]) IS 'Tables, and all views, materialized views and functions that read them, at every depth, functions by what their texts say; as_caller: with the rights of whoever starts the query, so under the policies';

CREATE FUNCTION teamwork.is_of_extension(class regclass, object oid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM pg_depend d WHERE d.classid = class AND d.objid = object AND d.deptype = 'e') $$;
COMMENT ON FUNCTION teamwork.is_of_extension(regclass, oid) IS 'Whether an extension has made an object';

CREATE FUNCTION teamwork.open_views(sources regclass[], OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'fail',
           format(CASE c.relkind WHEN 'v' THEN 'view %s grants %s to %s and shows rows of team data with its owner''s rights'
                                 ELSE 'materialized view %s grants %s to %s and has no row-level security' END,
                  teamwork.name_of(c.oid), string_agg(g.privilege, ', ' ORDER BY g.privilege), g.grantee),
           'Whoever reads it sees the rows of all teams.',
           CASE c.relkind WHEN 'v' THEN format('ALTER VIEW %s SET (security_invoker = true);', teamwork.full_name(c.oid))
                          ELSE format('REVOKE ALL ON %s FROM %s;', teamwork.full_name(c.oid), g.grantee) END
    FROM teamwork.readers_of(sources) r JOIN pg_class c ON r.class = 'pg_class'::regclass AND c.oid = r.object, teamwork.grants_on(c.oid) g
    WHERE c.relkind IN ('v', 'm') AND NOT r.as_caller AND g.grantee <> 'service_role' AND NOT teamwork.is_of_extension('pg_class', c.oid)
    GROUP BY c.oid, c.relkind, g.grantee
$$;
COMMENT ON FUNCTION teamwork.open_views(regclass[]) IS 'Views and materialized views, at every depth, through which members or visitors read all rows of these tables';

CREATE FUNCTION teamwork.open_functions(sources regclass[], OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'warn', format('%s may execute the function %s, which reads team data with its owner''s rights',
                          string_agg(w.role, ' and ' ORDER BY w.role), p.oid::regprocedure),
           'Policies do not hold in there. A function that asks get_current_user_admin_id() itself is not named.',
           format('ALTER ROUTINE %s SECURITY INVOKER;', p.oid::regprocedure)
    FROM teamwork.readers_of(sources) r JOIN pg_proc p ON r.class = 'pg_proc'::regclass AND p.oid = r.object
    JOIN pg_roles o ON o.oid = p.proowner AND (o.rolsuper OR o.rolbypassrls),
        unnest(ARRAY['anon', 'authenticated']) w (role)
    WHERE p.prosecdef AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
      AND p.prosrc !~* '\mget_current_user_admin_id\s*\('
      AND has_function_privilege(w.role, p.oid, 'EXECUTE') AND has_schema_privilege(w.role, p.pronamespace, 'USAGE')
    GROUP BY p.oid
$$;
COMMENT ON FUNCTION teamwork.open_functions(regclass[]) IS 'SECURITY DEFINER functions that members or visitors may execute, and that read these tables past their policies';

CREATE FUNCTION teamwork.open_rules(sources regclass[], OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT DISTINCT 'fail', format('%s has the rule %I, which acts with its owner''s rights', teamwork.name_of(c.oid), w.rulename),
           'Policies do not hold in a rule''s action, whoever''s statement starts it.',
           format('DROP RULE %I ON %s;', w.rulename, teamwork.full_name(c.oid))
    FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class
    WHERE w.ev_type <> '1' AND NOT teamwork.is_of_extension('pg_rewrite', w.oid)
      AND (c.oid = ANY (sources)
           OR EXISTS (SELECT FROM teamwork.grants_on(c.oid) g WHERE g.grantee <> 'service_role')
              AND EXISTS (SELECT FROM pg_depend d
                          JOIN teamwork.readers_of(sources) r ON d.refclassid = r.class AND d.refobjid = r.object AND NOT r.as_caller
                          WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refobjid <> c.oid))
$$;
COMMENT ON FUNCTION teamwork.open_rules(regclass[]) IS 'Rules on these tables, and rules by which other relations that members reach act on them';

CREATE FUNCTION teamwork.open_parents(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE parent (relation, nearest) AS (
        SELECT i.inhparent, i.inhparent FROM pg_inherits i WHERE i.inhrelid = target
        UNION SELECT i.inhparent, p.nearest FROM parent p JOIN pg_inherits i ON i.inhrelid = p.relation)
    SELECT 'fail', format('table %s inherits from %s, which grants %s to %s', teamwork.name_of(target), teamwork.name_of(p.relation),
                          string_agg(DISTINCT g.privilege, ', '), g.grantee),
           'A statement on the parent reads and writes its children, under the parent''s policies alone.',
           format('ALTER TABLE %s NO INHERIT %s;', teamwork.full_name(target), teamwork.full_name(p.nearest))
    FROM parent p, teamwork.grants_on(p.relation) g
    WHERE g.grantee <> 'service_role' AND p.relation NOT IN (SELECT o.target FROM teamwork.protections o)
    GROUP BY p.relation, p.nearest, g.grantee
$$;
COMMENT ON FUNCTION teamwork.open_parents(regclass) IS 'Tables from which a protected table inherits, at every level, and that members or visitors reach';

CREATE FUNCTION teamwork.open_publications(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT DISTINCT 'warn', format('table %s is in the publication %I, which hands the rows of all teams to its subscribers',
                                   teamwork.name_of(target), p.pubname),
           'Subscribers are no members: no policy holds for what a publication sends.',
           CASE WHEN p.puballtables THEN format('DROP PUBLICATION %I; -- unless every subscriber may see all teams', p.pubname)
                WHEN l.prrelid IS NOT NULL THEN format('ALTER PUBLICATION %I DROP TABLE %s; -- unless every subscriber may see all teams',
                                                       p.pubname, teamwork.full_name(l.prrelid))
                ELSE format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %I; -- unless every subscriber may see all teams', p.pubname,
                            (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = r.relid)) END
    FROM pg_publication p CROSS JOIN LATERAL pg_get_publication_tables(p.pubname) r
    LEFT JOIN pg_publication_rel l ON l.prpubid = p.oid AND l.prrelid IN (r.relid, target)
    WHERE (r.relid = target OR r.relid IN (SELECT teamwork.children_of(target)))
      -- Supabase's service asks the policies for each listener. Of rows that are deleted it tells the primary key to all.
      AND NOT (p.pubname = 'supabase_realtime' AND coalesce(
          (SELECT bool_or(teamwork.is_drawn(target, k)) FROM pg_index i, unnest(i.indkey::smallint[]) k
           WHERE i.indrelid = target AND i.indisprimary), false))
$$;
COMMENT ON FUNCTION teamwork.open_publications(regclass) IS 'Publications by which the rows of a protected table leave the database';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   readers

-- teamwork.protection_drift: all drift, of one table or of all, and what else is open.

CREATE FUNCTION teamwork.own_tables() RETURNS SETOF regclass
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.oid::regclass
    FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
    JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind = 'r'
    WHERE e.extname = 'teamwork'
$$;
COMMENT ON FUNCTION teamwork.own_tables() IS 'The tables of the extension itself';

CREATE FUNCTION teamwork.crossings_of(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
    WITH own AS (SELECT array_agg(o.relation) AS tables FROM (SELECT target UNION SELECT teamwork.children_of(target)) o (relation))
    SELECT c.* FROM teamwork.crossing_uniques(target) c
    UNION ALL SELECT c.* FROM teamwork.crossing_foreign_keys(target) c
    UNION ALL SELECT c.* FROM teamwork.holding_keys(target) c
    UNION ALL SELECT c.* FROM teamwork.outside_keys(target) c
    UNION ALL SELECT c.* FROM teamwork.open_parents(target) c
    UNION ALL SELECT c.* FROM teamwork.open_publications(target) c
    UNION ALL SELECT c.* FROM own o, teamwork.open_views(o.tables) c
    UNION ALL SELECT c.* FROM own o, teamwork.open_functions(o.tables) c
    UNION ALL SELECT c.* FROM own o, teamwork.open_rules(o.tables) c
    ORDER BY 2
$$;
COMMENT ON FUNCTION teamwork.crossings_of(regclass) IS 'Where a protected table, or what was built around it, crosses teams, with what mends it';

CREATE FUNCTION teamwork.guarded_tables() RETURNS SETOF regclass
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.target FROM teamwork.protections p UNION SELECT teamwork.children_of(p.target) FROM teamwork.protections p
    UNION SELECT teamwork.own_tables()
    -- In the extension's schema, also tables of the user's that have policies of their own.
    UNION SELECT c.oid FROM pg_class c WHERE c.relnamespace = to_regnamespace('@extschema@') AND c.relrowsecurity
$$;
COMMENT ON FUNCTION teamwork.guarded_tables() IS 'The tables whose rows nobody may reach past their policies';

CREATE FUNCTION teamwork.all_crossings(OUT status text, OUT problem text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
    WITH guarded AS (SELECT ARRAY(SELECT teamwork.guarded_tables()) AS tables)
    SELECT c.* FROM teamwork.protections p, LATERAL (
        SELECT * FROM teamwork.crossing_uniques(p.target) UNION ALL SELECT * FROM teamwork.crossing_foreign_keys(p.target)
        UNION ALL SELECT * FROM teamwork.holding_keys(p.target) UNION ALL SELECT * FROM teamwork.outside_keys(p.target)
        UNION ALL SELECT * FROM teamwork.open_parents(p.target) UNION ALL SELECT * FROM teamwork.open_publications(p.target)) c
    UNION SELECT c.* FROM guarded g, teamwork.open_views(g.tables) c
    UNION SELECT c.* FROM guarded g, teamwork.open_functions(g.tables) c
    UNION SELECT c.* FROM guarded g, teamwork.open_rules(g.tables) c
    ORDER BY 2
$$;
COMMENT ON FUNCTION teamwork.all_crossings() IS 'The crossings_of() all protected tables, each once, and of the extension''s other tables';

CREATE FUNCTION teamwork.exposed_relations(OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('%s %s grants %s to %s and has no row-level security', k.name, teamwork.name_of(c.oid), g.privileges, g.grantee),
           CASE WHEN c.relkind IN ('r', 'p') THEN format('SELECT teamwork.protect_table(%L);', teamwork.full_name(c.oid))
                ELSE format('REVOKE ALL ON %s FROM %s;', teamwork.full_name(c.oid), g.grantee) END
    FROM pg_class c
    JOIN (VALUES ('r', 'table'), ('p', 'table'), ('f', 'foreign table'), ('m', 'materialized view')) k (code, name)
        ON k.code = c.relkind::text,
    LATERAL (SELECT h.grantee, string_agg(h.privilege, ', ' ORDER BY h.privilege) FROM teamwork.grants_on(c.oid) h
             WHERE h.grantee <> 'service_role' GROUP BY 1) g (grantee, privileges)
    WHERE c.relnamespace = to_regnamespace('@extschema@') AND NOT c.relrowsecurity AND NOT teamwork.is_of_extension('pg_class', c.oid)
      -- Copies of team data are among the crossings.
      AND (c.relkind <> 'm' OR c.oid NOT IN (SELECT r.object FROM teamwork.readers_of(ARRAY(SELECT teamwork.guarded_tables())) r))
      -- Those of protected tables, and protected tables themselves, are looked at one by one.
      AND NOT EXISTS (SELECT FROM teamwork.protections p
                      WHERE p.target = c.oid OR c.oid IN (SELECT teamwork.children_of(p.target)))
$$;
COMMENT ON FUNCTION teamwork.exposed_relations() IS 'What members and anonymous users can reach in the extension''s schema without row-level security';

CREATE FUNCTION teamwork.protection_drift(target regclass DEFAULT NULL, OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
    SELECT found.* FROM (
        SELECT d.* FROM teamwork.protections p, LATERAL teamwork.drift_of(p.target) d
        WHERE p.target = coalesce(protection_drift.target, p.target)
        UNION ALL
        SELECT c.problem, c.fix FROM teamwork.protections p, LATERAL teamwork.crossings_of(p.target) c
        WHERE p.target = protection_drift.target
        UNION ALL
        SELECT c.problem, c.fix FROM teamwork.all_crossings() c WHERE protection_drift.target IS NULL
        UNION ALL
        SELECT e.* FROM teamwork.exposed_relations() e WHERE protection_drift.target IS NULL
        UNION ALL
        SELECT format('table %s is not protected', teamwork.name_of(protection_drift.target)),
               format('SELECT teamwork.protect_table(%L);', teamwork.full_name(protection_drift.target))
        WHERE protection_drift.target IS NOT NULL
          AND NOT EXISTS (SELECT FROM teamwork.protections p WHERE p.target = protection_drift.target)
    ) found (problem, fix)
    -- Protecting again comes last: it is refused while a stranger's policy is there.
    ORDER BY starts_with(found.fix, 'SELECT teamwork.protect_table'), found.problem
$$;
COMMENT ON FUNCTION teamwork.protection_drift(regclass) IS 'What somebody changed by hand on a protected table, and what crosses teams, each with a statement that corrects it; without an argument on all of them, and what else in the extension''s schema is open
For: administrators
Errors: none';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   protection_drift

-- Team data: what a shop keeps. teamwork.protect_table adds owner_id, admin_id, created_at, updated_at, updated_by, keys and
-- policies. The ids are shared by all teams, so nobody chooses one: it would collide with what another team gets next. That they are
-- GENERATED BY DEFAULT lets clients write whole rows, with the ids that the rows have (whole_rows.sql).

CREATE TABLE transactions (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    type text,
    category text,
    amount numeric(14, 2) NOT NULL,
    description text,
    occurred_on date DEFAULT current_date
);
COMMENT ON TABLE transactions IS 'Money in and out of the team';

CREATE TABLE inventory (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    sku text NOT NULL,
    name text NOT NULL,
    description text,
    category text,
    quantity integer DEFAULT 0 CHECK (quantity >= 0),
    quantity_on_order integer DEFAULT 0 CHECK (quantity_on_order >= 0),
    unit_price numeric(12, 2) CHECK (unit_price >= 0),
    cost numeric(12, 2) CHECK (cost >= 0),
    price_tier_1 numeric(12, 2) CHECK (price_tier_1 >= 0),
    price_tier_2 numeric(12, 2) CHECK (price_tier_2 >= 0),
    price_tier_3 numeric(12, 2) CHECK (price_tier_3 >= 0),
    price_tier_4 numeric(12, 2) CHECK (price_tier_4 >= 0),
    price_tier_5 numeric(12, 2) CHECK (price_tier_5 >= 0),
    department_code text,
    unit_of_measure text,
    barcode text,
    location text,
    supplier text,
    reorder_level integer CHECK (reorder_level >= 0),
    attributes jsonb,
    import_id uuid
);
COMMENT ON TABLE inventory IS 'What the team has in stock, one row per SKU';
COMMENT ON COLUMN inventory.sku IS 'The article number: the key by which imports find the row';
COMMENT ON COLUMN inventory.quantity IS 'In stock';
COMMENT ON COLUMN inventory.quantity_on_order IS 'Ordered from the supplier';
COMMENT ON COLUMN inventory.reorder_level IS 'At which quantity to order again';
COMMENT ON COLUMN inventory.attributes IS 'What a file held beyond these columns, by its own headers';
COMMENT ON COLUMN inventory.import_id IS 'The job that inserted the row, if an import did';

CREATE TABLE staff (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    full_name text NOT NULL,
    position text,
    email text,
    phone text,
    salary numeric(12, 2) CHECK (salary >= 0),
    hired_on date,
    is_active boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE staff IS 'The people who work for the team, whether or not they can sign in';

SELECT teamwork.protect_table('transactions');
SELECT teamwork.protect_table('inventory', key_columns => ARRAY['sku']);
SELECT teamwork.protect_table('staff');
COMMENT ON COLUMN transactions.owner_id IS 'Who made the row; the admin, once that account is deleted';
COMMENT ON COLUMN transactions.admin_id IS 'Whose row it is: the team, as the id of its admin';
COMMENT ON COLUMN transactions.updated_by IS 'Who changed the row last, or made it; NULL for an administrator or a service';
COMMENT ON COLUMN inventory.owner_id IS 'Who made the row; the admin, once that account is deleted';
COMMENT ON COLUMN inventory.admin_id IS 'Whose row it is: the team, as the id of its admin';
COMMENT ON COLUMN inventory.updated_by IS 'Who changed the row last, or made it; NULL for an administrator or a service';
COMMENT ON COLUMN staff.owner_id IS 'Who made the row; the admin, once that account is deleted';
COMMENT ON COLUMN staff.admin_id IS 'Whose row it is: the team, as the id of its admin';
COMMENT ON COLUMN staff.updated_by IS 'Who changed the row last, or made it; NULL for an administrator or a service';
UPDATE teamwork.protections SET is_preset = true;
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   team_data

-- Transfers: a team gets another admin. A team's id is its admin's, so everything of the team gets another id; the two people
-- change places, seats and all, and no quota is touched. Rows change hands and are not changed: updated_at and owner_id stay.

CREATE FUNCTION teamwork.team_columns(OUT target regclass, OUT name name) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.conrelid::regclass, a.attname
    FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum] AND a.attname IN ('admin_id', 'organization_id')
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = k.conrelid AND d.deptype = 'e'
    JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid AND e.extname = 'teamwork'
    WHERE k.contype = 'f' AND k.confrelid = '@extschema@.user_profiles'::regclass AND k.conrelid <> k.confrelid
    UNION
    SELECT p.target, 'admin_id' FROM teamwork.protections p JOIN pg_class c ON c.oid = p.target
    ORDER BY 1
$$;
COMMENT ON FUNCTION teamwork.team_columns() IS 'Where a team''s id stands: tables of the extension and protected tables, profiles apart';

CREATE FUNCTION teamwork.hand_over(admin uuid, successor uuid) RETURNS void
    -- No trigger fires but those of revocation: nobody's row is changed, keys (admin_id, …) between tables hold at the end and not
    -- in between, and what refers to the profile of the admin keeps it.
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET session_replication_role = replica
AS $$
DECLARE
    place record;
    leader @extschema@.user_profiles;
    role CONSTANT text := (SELECT p.role FROM @extschema@.user_profiles p WHERE p.id = successor);
BEGIN
    -- A limit that was set for the successor is no limit of this team.
    DELETE FROM teamwork.role_limits l WHERE l.admin_id = successor;
    FOR place IN SELECT * FROM teamwork.team_columns() LOOP
        EXECUTE format('UPDATE %s SET %I = $2 WHERE %2$I = $1', place.target, place.name) USING admin, successor;
    END LOOP;
    UPDATE teamwork.seats s SET member_id = admin WHERE s.member_id = successor;
    -- Deleted and made anew: whoever is adding a row to the team at this moment finds its key gone, and adds nothing to a team that
    -- is no more.
    DELETE FROM @extschema@.user_profiles p WHERE p.id = admin RETURNING * INTO leader;
    UPDATE @extschema@.user_profiles p SET role = 'admin', admin_id = NULL, updated_at = now() WHERE p.id = successor;
    UPDATE @extschema@.user_profiles p SET admin_id = successor WHERE p.admin_id = admin;
    leader.role := role;
    leader.admin_id := successor;
    leader.updated_at := now();
    INSERT INTO @extschema@.user_profiles SELECT leader.*;
END
$$;
COMMENT ON FUNCTION teamwork.hand_over(uuid, uuid) IS 'Gives everything of a team to a member, who becomes its admin; the admin takes the member''s role and seat. The caller has locked the team';

CREATE FUNCTION teamwork.check_keys_to_teams() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stranger record;
BEGIN
    SELECT k.conrelid::regclass AS target, k.confrelid::regclass AS parent INTO stranger
    FROM pg_constraint k JOIN teamwork.protections p ON p.target = k.confrelid
    JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attname = 'admin_id' AND a.attnum = ANY (k.confkey)
    JOIN pg_attribute r ON r.attrelid = k.conrelid AND r.attnum = k.conkey[array_position(k.confkey, a.attnum)]
    WHERE k.contype = 'f' AND k.conparentid = 0
      AND NOT (r.attname = 'admin_id' AND EXISTS (SELECT FROM teamwork.protections o WHERE o.target = k.conrelid));
    IF FOUND THEN
        RAISE EXCEPTION 'the team cannot be transferred: table % would lose its rows of %', teamwork.name_of(stranger.target),
                        teamwork.name_of(stranger.parent)
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'It refers to them by their team, in a column that does not follow the team.',
                  HINT = format('A database administrator protects it, and lets its key refer from admin_id: '
                                'SELECT teamwork.protect_table(%L);', teamwork.full_name(stranger.target));
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_keys_to_teams() IS 'Refuses a transfer that would tear rows of some table from those of a protected one';

CREATE FUNCTION teamwork.hold_jobs(organization uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM @extschema@.scheduled_jobs j WHERE j.organization_id = organization AND j.status = 'pending' ORDER BY j.id FOR UPDATE;
    IF EXISTS (SELECT FROM @extschema@.scheduled_jobs j WHERE j.organization_id = organization AND j.status = 'processing') THEN
        RAISE EXCEPTION 'the team cannot be transferred while one of its jobs runs'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'A job works for the team under the id that it began with.', HINT = 'Wait for the job, or cancel it.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.hold_jobs(uuid) IS 'Keeps the waiting jobs of a team from being claimed, until the transaction ends; refuses where one runs';

CREATE FUNCTION teamwork.lock_for_transfer(admin uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- In the order in which everybody else takes them: members before their admin, as whoever changes a member does, and jobs before the
    -- admin, as the worker that ends them does. Stronger than teamwork.lock_teams(): the rows that others are adding are waited for.
    PERFORM FROM @extschema@.user_profiles p WHERE p.admin_id = admin ORDER BY p.id FOR UPDATE;
    PERFORM teamwork.hold_jobs(admin);
    PERFORM FROM @extschema@.user_profiles p WHERE p.id = admin FOR UPDATE;
    -- Those that were submitted in between.
    PERFORM teamwork.hold_jobs(admin);
END
$$;
COMMENT ON FUNCTION teamwork.lock_for_transfer(uuid) IS 'Locks a team against everything that adds to it';

CREATE FUNCTION transfer_team(new_admin uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin CONSTANT uuid := teamwork.require_admin();
    successor record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a team can be transferred in a READ COMMITTED transaction only'
            USING ERRCODE = 'invalid_transaction_state', DETAIL = 'An older snapshot would not see every row of the team.';
    END IF;
    PERFORM teamwork.lock_for_transfer(admin);
    -- The lock may have been waited for.
    PERFORM teamwork.require_admin();
    SELECT p.role, p.is_active INTO successor FROM @extschema@.user_profiles p WHERE p.id = new_admin AND p.admin_id = admin;
    IF NOT FOUND THEN
        PERFORM teamwork.raise_no_such_member(new_admin);
    ELSIF NOT successor.is_active THEN
        RAISE EXCEPTION 'user % is not active', new_admin
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Use reactivate_team_member() first.';
    END IF;
    PERFORM teamwork.check_keys_to_teams();
    PERFORM teamwork.hand_over(admin, new_admin);
    PERFORM teamwork.audit('team_transferred', new_admin, new_admin,
                           jsonb_build_object('from_organization', admin, 'role', successor.role));
END
$$;
COMMENT ON FUNCTION transfer_team(uuid) IS 'Makes an active member the admin of the caller''s team; the caller gets that member''s role and seat. Everything of the team gets the new id, and stays as it is otherwise
Errors: 42501 unless the caller is an active admin; 25000 if the transaction is not READ COMMITTED; P0002 if the user is not a member of the caller''s team; 55000 if the member is not active, a job of the team runs, or a table that is not protected refers to the team''s rows by their team';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   transfer

-- Restoring: while pg_dump's script fills the tables, the engine waits. The script commits table by table, so a job would
-- find its upload missing, or draw ids that rows to come already have. The session that restores holds an advisory lock
-- until it ends; teamwork.restoring(), in teams/quotas.sql, keeps the triggers out of its way.

CREATE FUNCTION teamwork.hold_engine() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Waits for a claim that is being committed. Taken again and again under pg_dump --inserts, which costs nothing.
    PERFORM pg_advisory_lock(1952939891, 1);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.hold_engine() IS 'Trigger: no job starts in this database until the session that restores it has ended';

CREATE FUNCTION teamwork.restore_is_running() RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The first question costs next to nothing, and is the only one when nobody restores. The second one is about the
    -- holder: the lock is anybody's to take, the engine is not anybody's to stop.
    RETURN NOT pg_try_advisory_xact_lock_shared(1952939891, 1) AND EXISTS (
        SELECT FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.mode = 'ExclusiveLock'
          AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
          AND (l.classid, l.objid, l.objsubid) = (1952939891, 1, 2)
          AND pg_has_role(a.usesysid, (SELECT e.extowner FROM pg_extension e WHERE e.extname = 'teamwork'), 'USAGE'));
END
$$;
COMMENT ON FUNCTION teamwork.restore_is_running() IS 'Whether a session that restores a dump of this database is still connected';

CREATE FUNCTION teamwork.replace_protection() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM teamwork.protections p WHERE p.target = NEW.target;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.replace_protection() IS 'Trigger: rows restored into a table that was protected anew bring their registration';

CREATE TRIGGER replace_protection BEFORE INSERT ON teamwork.protections
    FOR EACH ROW WHEN (teamwork.restoring()) EXECUTE FUNCTION teamwork.replace_protection();
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   restore
--   teamwork::header_signature
--   teamwork::match_columns

-- Mappings: which column of a file goes where. What a team has decided for the files of one header is kept and used again;
-- for everything else there are suggestions. src/import/mapping.rs is the other half.

CREATE TABLE teamwork.saved_mappings (
    organization_id uuid NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE,
    data_type text NOT NULL,
    signature text NOT NULL,
    header text[] NOT NULL,
    mapping jsonb NOT NULL,
    -- No foreign key: what was saved stays with the team when the account goes.
    saved_by uuid NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    uses bigint NOT NULL DEFAULT 0,
    used_at timestamptz,
    PRIMARY KEY (organization_id, data_type, signature)
);
COMMENT ON TABLE teamwork.saved_mappings IS 'The mappings of completed imports, for the next file of the same header; a team keeps the last hundred per data type
For: members';
COMMENT ON COLUMN teamwork.saved_mappings.signature IS 'teamwork.header_signature() of the header';
COMMENT ON COLUMN teamwork.saved_mappings.header IS 'As it was in the file that the mapping was saved with';
COMMENT ON COLUMN teamwork.saved_mappings.mapping IS '{"CSV column": "table_column" | "+table_column" | "-table_column" | "attributes.key" | null}, of the columns that somebody has decided on';
COMMENT ON COLUMN teamwork.saved_mappings.uses IS 'How many imports it has been used for; those that run at the same time may count as one';

COMMENT ON FUNCTION teamwork.header_signature(text[]) IS 'What tells a header apart from others: a hash of its names in their order, however they are spelled; NULL when they are numbers only, as in a file without a header';

ALTER TABLE teamwork.saved_mappings ENABLE ROW LEVEL SECURITY;
CREATE POLICY "team members see the team's saved mappings" ON teamwork.saved_mappings FOR SELECT TO authenticated
    USING (organization_id = (SELECT get_current_user_admin_id()));
CREATE POLICY "team members forget the team's saved mappings" ON teamwork.saved_mappings FOR DELETE TO authenticated
    USING (organization_id = (SELECT get_current_user_admin_id()));

CREATE FUNCTION forget_column_mapping(data_type text, header text[]) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM teamwork.saved_mappings s
    WHERE s.organization_id = (SELECT @extschema@.get_current_user_admin_id()) AND s.data_type = forget_column_mapping.data_type
      AND s.signature = teamwork.header_signature(forget_column_mapping.header);
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION forget_column_mapping(text, text[]) IS 'Forgets the mapping that the caller''s team has saved for files of that header; false when there is none
Errors: none';

-- Jobs ----------------------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.saved_mappings_of(team uuid, data_type text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT jsonb_object_agg(s.signature, s.mapping) FROM teamwork.saved_mappings s
            WHERE s.organization_id = team AND s.data_type = saved_mappings_of.data_type);
END
$$;
COMMENT ON FUNCTION teamwork.saved_mappings_of(uuid, text) IS '{"signature": {mapping}} of what a team has saved for a data type; NULL when that is nothing';

CREATE FUNCTION teamwork.save_mapping(team uuid, data_type text, header text[], mapping jsonb, saved_by uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kept CONSTANT integer := 100;
    -- Every import loads what is kept.
    max_bytes CONSTANT integer := 65536;
    own_signature CONSTANT text := teamwork.header_signature(header);
BEGIN
    -- Clients send the same mapping again and again: then nothing is written, and nobody waits.
    IF own_signature IS NULL OR octet_length(save_mapping.mapping::text) > max_bytes OR EXISTS (
            SELECT FROM teamwork.saved_mappings s
            WHERE (s.organization_id, s.data_type, s.signature, s.mapping)
                = (team, save_mapping.data_type, own_signature, save_mapping.mapping)) THEN
        RETURN;
    END IF;
    INSERT INTO teamwork.saved_mappings (organization_id, data_type, signature, header, mapping, saved_by)
    VALUES (team, save_mapping.data_type, own_signature, save_mapping.header, save_mapping.mapping, save_mapping.saved_by)
    ON CONFLICT ON CONSTRAINT saved_mappings_pkey DO UPDATE
    SET header = excluded.header, mapping = excluded.mapping, saved_by = excluded.saved_by, saved_at = excluded.saved_at;
    DELETE FROM teamwork.saved_mappings s
    WHERE s.organization_id = team AND s.data_type = save_mapping.data_type AND s.signature IN (
        SELECT o.signature FROM teamwork.saved_mappings o WHERE o.organization_id = team AND o.data_type = save_mapping.data_type
        ORDER BY greatest(o.saved_at, o.used_at) DESC, o.signature OFFSET kept);
END
$$;
COMMENT ON FUNCTION teamwork.save_mapping(uuid, text, text[], jsonb, uuid) IS 'Keeps what a completed import was told about the columns of its file, in place of what was kept for that header before';

CREATE FUNCTION teamwork.count_use(team uuid, data_type text, header text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    used CONSTANT text := teamwork.header_signature(header);
BEGIN
    UPDATE teamwork.saved_mappings s SET uses = s.uses + 1, used_at = clock_timestamp()
    WHERE (s.organization_id, s.data_type, s.signature) IN (
        SELECT o.organization_id, o.data_type, o.signature FROM teamwork.saved_mappings o
        WHERE o.organization_id = team AND o.data_type = count_use.data_type AND o.signature = used
        -- A count is not worth waiting for another import.
        FOR NO KEY UPDATE SKIP LOCKED);
END
$$;
COMMENT ON FUNCTION teamwork.count_use(uuid, text, text[]) IS 'Notes that an import has used a saved mapping';

-- Suggestions ---------------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.fillable_columns(target regclass, OUT names text[], OUT types text[], OUT modifiers integer[]) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT array_agg(c.name), array_agg(c.type), array_agg(c.modifier) INTO names, types, modifiers FROM teamwork.import_columns(target) c;
END
$$;
COMMENT ON FUNCTION teamwork.fillable_columns(regclass) IS 'The columns of a protected table that a file may fill, with their types';

COMMENT ON FUNCTION teamwork.match_columns(text, text[], text[], integer[], jsonb) IS 'Where the columns of a CSV may go, from its beginning, in a table of such columns and types, with the mappings saved for other files by their signatures';

CREATE FUNCTION suggest_column_mapping(data_type text, csv text)
    RETURNS TABLE (csv_column text, target_column text, confidence real, reason text, samples text[])
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target CONSTANT regclass := teamwork.check_data_type(data_type);
    -- Characters: the header, and rows enough to see what kind of values there are.
    head CONSTANT integer := 65536;
BEGIN
    RETURN QUERY SELECT m.* FROM teamwork.fillable_columns(target) c
    CROSS JOIN LATERAL teamwork.match_columns(coalesce(left(csv, head), ''), c.names, c.types, c.modifiers, coalesce(
        teamwork.saved_mappings_of(@extschema@.get_current_user_admin_id(), data_type), '{}')) m;
END
$$;
COMMENT ON FUNCTION suggest_column_mapping(text, text) IS 'Where each column of a CSV may go in a protected table, how sure that is (0 to 1), and why; reads the first 64 KiB; an import without a mapping takes suggestions of 0.8 and more
Errors: 22023 if the data type does not exist; 22P04 if the text is not CSV';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   mappings

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
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   jobs
--   teamwork::wake
--   teamwork::engine_time
--   teamwork::option_fault
--   teamwork::job_options

-- Submission: from a client's INSERT or function call to a job that may run. What cannot run is refused here, at once.

CREATE FUNCTION teamwork.require_member() RETURNS uuid
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    team CONSTANT uuid := @extschema@.get_current_user_admin_id();
BEGIN
    IF team IS NULL THEN
        RAISE EXCEPTION 'the caller is not an active member of any team'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('The caller is %s.',
                                  coalesce('user ' || teamwork.current_user_id(), 'nobody: the request has no valid claims')),
                  HINT = 'Sign in with an active profile; an admin can reactivate a member with reactivate_team_member().';
    END IF;
    RETURN team;
END
$$;
COMMENT ON FUNCTION teamwork.require_member() IS 'The caller''s team, or an error for who is an active member of none';

CREATE FUNCTION teamwork.check_data_type(data_type text) RETURNS regclass
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target CONSTANT regclass := teamwork.target_of(data_type);
BEGIN
    IF target IS NULL THEN
        RAISE EXCEPTION 'data type % does not exist', coalesce(quote_ident(data_type), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('The data types are: %s.',
                                  (SELECT string_agg(t.data_type, ', ' ORDER BY t.data_type) FROM teamwork.protected_tables t)),
                  HINT = 'A data type is the name of a table that teamwork.protect_table has protected.';
    END IF;
    RETURN target;
END
$$;
COMMENT ON FUNCTION teamwork.check_data_type(text) IS 'The protected table of that name, or an error that lists the names there are';

COMMENT ON FUNCTION teamwork.option_fault(text, jsonb) IS 'The first of the options that such a job does not have, or that has a value which it cannot have, with what to give instead';
COMMENT ON FUNCTION teamwork.job_options() IS 'The options of imports, of exports and of read_csv() (kind), each with its values and its meaning
For: members
Errors: none';

CREATE FUNCTION teamwork.check_options(job_type text, options jsonb) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    IF jsonb_typeof(options) <> 'object' THEN
        RAISE EXCEPTION '% options must be a JSON object', job_type USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO fault FROM teamwork.option_fault(job_type, options);
    IF fault.is_known THEN
        RAISE EXCEPTION 'invalid value for % option "%": %', job_type, fault.option, options -> fault.option
            USING ERRCODE = 'invalid_parameter_value', HINT = fault.hint;
    ELSIF FOUND THEN
        RAISE EXCEPTION 'unrecognized % option "%"', job_type, fault.option
            USING ERRCODE = 'invalid_parameter_value', HINT = fault.hint;
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_options(text, jsonb) IS 'Refuses options that such jobs do not have, and values that an option does not take';

CREATE FUNCTION teamwork.check_mapping(target regclass, mapping jsonb) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unknown text;
BEGIN
    IF jsonb_typeof(mapping) <> 'object' THEN
        RAISE EXCEPTION 'mapping must be a JSON object' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Write {"CSV column": "table_column"}, or null for a column to leave out.';
    END IF;
    SELECT m.value INTO unknown FROM jsonb_each_text(mapping) m
    -- {"location": "Main St"} is no column of the file.
    WHERE m.value IS NOT NULL AND m.key <> 'location' AND NOT EXISTS (
        SELECT FROM teamwork.import_columns(target) c
        -- A report shows attributes as attributes.key; what it shows can be sent back.
        -- Several columns fill one together: +column is added, -column is taken off.
        WHERE m.value IN (c.name, '+' || c.name, '-' || c.name)
           OR (c.name, c.type) = ('attributes', 'jsonb') AND starts_with(m.value, 'attributes.'))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'mapping names column "%", which does not exist in table % or cannot be imported', unknown,
                        (SELECT c.relname FROM pg_class c WHERE c.oid = target)
            USING ERRCODE = 'undefined_column',
                  DETAIL = format('The columns are: %s.', (SELECT string_agg(c.name, ', ') FROM teamwork.import_columns(target) c));
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_mapping(regclass, jsonb) IS 'Refuses a mapping to columns that the table does not have';

CREATE FUNCTION teamwork.check_source(file_data jsonb, organization uuid) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    records CONSTANT jsonb := nullif(file_data -> 'records', 'null');
    upload CONSTANT text := file_data ->> 'upload_id';
BEGIN
    IF num_nonnulls(records, upload) <> 1 THEN
        RAISE EXCEPTION 'an import needs exactly one source'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = CASE num_nonnulls(records, upload) WHEN 0 THEN 'None was given.' ELSE 'Two were given.' END,
                  HINT = 'Give file_data as {"records": […]} or {"upload_id": "…"}, or call create_background_import_job().';
    ELSIF records IS NOT NULL AND jsonb_typeof(records) <> 'array' THEN
        RAISE EXCEPTION 'records must be a JSON array of objects' USING ERRCODE = 'invalid_parameter_value';
    ELSIF records = '[]' THEN
        RAISE EXCEPTION 'records is empty' USING ERRCODE = 'invalid_parameter_value', HINT = 'There is nothing to import.';
    ELSIF upload IS NOT NULL AND NOT EXISTS (
            SELECT FROM teamwork.uploads u WHERE u.id::text = lower(upload) AND u.organization_id = organization) THEN
        RAISE EXCEPTION 'upload % does not exist', upload
            USING ERRCODE = 'no_data_found', HINT = 'create_upload() and append_upload() make one.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_source(jsonb, uuid) IS 'Refuses an import without exactly one source that the team owns';

CREATE FUNCTION teamwork.check_rules(job scheduled_jobs, target regclass) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted CONSTANT text[] := CASE job.job_type WHEN 'export' THEN '{SELECT}' ELSE '{INSERT,UPDATE}' END;
BEGIN
    -- A service submits for somebody: the job itself is refused what its creator may not do.
    IF job.created_by = teamwork.current_user_id()
       AND NOT EXISTS (SELECT FROM unnest(wanted) w WHERE teamwork.role_may(target, w)) THEN
        RAISE EXCEPTION 'permission denied to % %', job.job_type, job.data_type
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('A rule of the table forbids %s to the role %s.', array_to_string(wanted, ' and '),
                                  @extschema@.get_current_user_role());
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_rules(scheduled_jobs, regclass) IS 'Refuses a job that the rules of its table forbid to the caller';

CREATE FUNCTION teamwork.check_job(job scheduled_jobs) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target CONSTANT regclass := teamwork.check_data_type(job.data_type);
    options CONSTANT jsonb := coalesce(nullif(job.file_data -> 'options', 'null'), '{}');
BEGIN
    PERFORM teamwork.check_rules(job, target);
    IF job.job_type = 'export' THEN
        PERFORM teamwork.check_options('export', options);
        PERFORM teamwork.check_export(target, job.file_data);
        RETURN;
    END IF;
    PERFORM teamwork.check_source(job.file_data, job.organization_id);
    PERFORM teamwork.check_options('import', options);
    PERFORM teamwork.check_mapping(target, coalesce(nullif(job.file_data -> 'mapping', 'null'), '{}'));
END
$$;
COMMENT ON FUNCTION teamwork.check_job(scheduled_jobs) IS 'Refuses a job that cannot run';

CREATE FUNCTION teamwork.reset_engine_columns(job scheduled_jobs) RETURNS scheduled_jobs
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    job.submitted_as := current_user;
    job.status := 'pending';
    job.created_at := now();
    job.attempts := 0;
    job.crashes := 0;
    job.started_at := NULL;
    job.completed_at := NULL;
    job.error_message := NULL;
    job.record_count := NULL;
    job.progress := NULL;
    job.report := NULL;
    job.checkpoint := NULL;
    job.lease := NULL;
    RETURN job;
END
$$;
COMMENT ON FUNCTION teamwork.reset_engine_columns(scheduled_jobs) IS 'The job with everything that only the engine writes set to what is true of a new job';

CREATE FUNCTION teamwork.admit_job() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF row_security_active(TG_RELID) THEN
        PERFORM teamwork.require_member();
        NEW.created_by := teamwork.current_user_id();
    END IF;
    -- Services name the creator and the team of a job. What became of it nobody makes up but a superuser.
    IF NOT current_setting('is_superuser')::boolean THEN
        NEW := teamwork.reset_engine_columns(NEW);
    END IF;
    NEW.file_data := coalesce(NEW.file_data, '{}');
    PERFORM teamwork.check_job(NEW);
    NEW.creator_name := coalesce(NEW.creator_name, (SELECT p.full_name FROM @extschema@.user_profiles p WHERE p.id = NEW.created_by));
    NEW.upload_id := (NEW.file_data ->> 'upload_id')::uuid;
    NEW.waits_until := CASE WHEN NEW.scheduled_time > teamwork.engine_time() THEN NEW.scheduled_time END;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.admit_job() IS 'Trigger: a new job belongs to its caller, starts from the beginning, and can run';

CREATE FUNCTION teamwork.reschedule_job() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.waits_until := CASE WHEN NEW.scheduled_time > teamwork.engine_time() THEN NEW.scheduled_time END;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.reschedule_job() IS 'Trigger: a pending job becomes due at its new time';

CREATE TRIGGER admit_job BEFORE INSERT ON scheduled_jobs
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.admit_job();

CREATE TRIGGER reschedule_job BEFORE UPDATE OF scheduled_time ON scheduled_jobs
    FOR EACH ROW WHEN (NEW.status = 'pending' AND OLD.scheduled_time <> NEW.scheduled_time) EXECUTE FUNCTION teamwork.reschedule_job();

CREATE FUNCTION teamwork.wake_on_job() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.wake();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.wake() IS 'Wakes the engine when the current transaction commits';
COMMENT ON FUNCTION teamwork.engine_time() IS 'The engine''s clock: clock_timestamp() moved by teamwork.clock_offset';
COMMENT ON FUNCTION teamwork.wake_on_job() IS 'Trigger: the commit of new or changed jobs wakes the scheduler';

CREATE TRIGGER wake_on_job AFTER INSERT OR UPDATE OF scheduled_time ON scheduled_jobs
    FOR EACH STATEMENT EXECUTE FUNCTION teamwork.wake_on_job();

CREATE TRIGGER hold_engine BEFORE INSERT ON scheduled_jobs
    FOR EACH STATEMENT WHEN (teamwork.restoring()) EXECUTE FUNCTION teamwork.hold_engine();
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   submission
--   sniff_csv
--   sniff_file
--   read_csv

-- Reading: what src/reading gives to SQL.

COMMENT ON FUNCTION sniff_csv(bytea) IS 'How a CSV file is written, judged by its first 64 KiB: encoding, delimiter, quote, escape, newline, header, skipped lines, columns and types
Errors: 22P04 if the bytes are not CSV';
COMMENT ON FUNCTION read_csv(bytea, jsonb) IS 'The rows of a CSV file as text, each with the line on which it starts; a header comes first; the options encoding, delimiter and header override what the reader finds out
Errors: 22023 if an option is invalid; 22P04 if the bytes are not CSV';
COMMENT ON FUNCTION sniff_file(bytea, text) IS 'What a file is: its format and, as far as its table is read, what sniff_csv says; the archive that it is in, the sheet of a workbook and all its sheets; named, if its name says that it is of another format
Errors: 22P04 if the file is empty, damaged or protected with a password; 54000 if it is too large for memory or unpacks to far more than a table would';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   reading

-- Sources: files sent in parts, and the functions that make jobs of them.

CREATE FUNCTION create_upload(file_name text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    upload uuid;
BEGIN
    INSERT INTO teamwork.uploads (organization_id, created_by, file_name)
    VALUES (teamwork.require_member(), teamwork.current_user_id(), create_upload.file_name) RETURNING uploads.id INTO upload;
    RETURN upload;
END
$$;
COMMENT ON FUNCTION create_upload(text) IS 'Begins a file: append_upload() adds its bytes, create_background_import_job() imports it
Errors: 42501 unless the caller is an active member of a team';

CREATE FUNCTION append_upload(upload_id uuid, chunk bytea) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part_size CONSTANT integer := 256 * 1024;
    bytes_before bigint;
BEGIN
    -- The row lock gives concurrent appends an order.
    SELECT u.bytes INTO bytes_before FROM teamwork.uploads u
    WHERE u.id = upload_id AND u.created_by = teamwork.current_user_id()
      AND u.organization_id = @extschema@.get_current_user_admin_id() FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'upload % does not exist', upload_id
            USING ERRCODE = 'no_data_found', HINT = 'Only the member who began an upload adds to it; create_upload() begins one.';
    END IF;
    INSERT INTO teamwork.upload_chunks (upload_id, byte_offset, data)
    SELECT append_upload.upload_id, bytes_before + part, substr(chunk, part + 1, part_size)
    FROM generate_series(0, coalesce(length(chunk), 0) - 1, part_size) part;
    UPDATE teamwork.uploads u SET bytes = u.bytes + coalesce(length(chunk), 0) WHERE u.id = upload_id;
    RETURN bytes_before + coalesce(length(chunk), 0);
END
$$;
COMMENT ON FUNCTION append_upload(uuid, bytea) IS 'Adds bytes to an upload that the caller began; returns the number of bytes so far
Errors: P0002 unless the caller began this upload';

CREATE FUNCTION create_scheduled_job(job_type text, data_type text, scheduled_time timestamptz DEFAULT now(),
                                     file_name text DEFAULT NULL, file_data jsonb DEFAULT NULL, options jsonb DEFAULT '{}')
    RETURNS uuid
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO @extschema@.scheduled_jobs (job_type, data_type, scheduled_time, file_name, file_data)
    VALUES (create_scheduled_job.job_type, create_scheduled_job.data_type, coalesce(create_scheduled_job.scheduled_time, now()),
            create_scheduled_job.file_name,
            coalesce(create_scheduled_job.file_data, '{}') || jsonb_build_object('options',
                coalesce(create_scheduled_job.file_data -> 'options', '{}') || coalesce(options, '{}')))
    RETURNING scheduled_jobs.id
$$;
COMMENT ON FUNCTION create_scheduled_job(text, text, timestamptz, text, jsonb, jsonb) IS 'Submits an import or an export, for now or for later; returns the job''s id
Errors: 42501 unless the caller is an active member of a team; 22023 if the data type, an option or the source is invalid; 42703 if a column does not exist; P0002 if the upload does not exist; 23514 if job_type or scheduled_time is not allowed';

CREATE FUNCTION create_background_import_job(data_type text, csv text DEFAULT NULL, records jsonb DEFAULT NULL,
                                             upload_id uuid DEFAULT NULL, mapping jsonb DEFAULT NULL,
                                             file_name text DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS uuid
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    upload uuid := upload_id;
BEGIN
    IF num_nonnulls(csv, records, upload_id) <> 1 THEN
        RAISE EXCEPTION 'an import needs exactly one source'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = CASE num_nonnulls(csv, records, upload_id) WHEN 0 THEN 'None was given.' ELSE 'Several were given.' END,
                  HINT = 'Give csv, records or upload_id.';
    END IF;
    PERFORM teamwork.check_data_type(data_type);
    IF csv IS NOT NULL THEN
        upload := @extschema@.create_upload(file_name);
        PERFORM @extschema@.append_upload(upload, convert_to(csv, 'UTF8'));
        -- Text has been decoded, whatever its file was in.
        IF options ? 'encoding' THEN
            PERFORM teamwork.check_options('import', options);
            options := options || '{"encoding": "utf-8"}';
        END IF;
    END IF;
    RETURN @extschema@.create_scheduled_job('import', data_type, now(), file_name,
        jsonb_strip_nulls(jsonb_build_object('upload_id', upload)) || jsonb_build_object('mapping', coalesce(mapping, '{}'))
            || CASE WHEN records IS NULL THEN '{}' ELSE jsonb_build_object('records', records) END,
        options);
END
$$;
COMMENT ON FUNCTION create_background_import_job(text, text, jsonb, uuid, jsonb, text, jsonb) IS 'Imports CSV text, records or an upload into a protected table, in the background; returns the job''s id
Errors: 42501 unless the caller is an active member of a team; 22023 unless there is exactly one source, or if the data type or an option is invalid; 42703 if the mapping names a column that a file cannot fill; P0002 if the upload does not exist';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   sources

-- Channels: where a team's listeners hear of its jobs. NOTIFY knows no permissions, so a channel's name is the secret: it is
-- drawn at random when a member first asks for it, and another one is drawn after a member has left.

CREATE TABLE teamwork.channels (
    organization_id uuid PRIMARY KEY REFERENCES user_profiles (id) ON DELETE CASCADE,
    name name NOT NULL DEFAULT 'teamwork_' || replace(gen_random_uuid()::text, '-', '')
);
COMMENT ON TABLE teamwork.channels IS 'The NOTIFY channel of each team that has asked for one; whoever knows the name can listen';

CREATE FUNCTION job_channel() RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    team CONSTANT uuid := @extschema@.get_current_user_admin_id();
    channel name;
BEGIN
    -- Mostly it is there, and then this works in a read-only transaction as well.
    SELECT c.name INTO channel FROM teamwork.channels c WHERE c.organization_id = team;
    IF NOT FOUND AND team IS NOT NULL THEN
        INSERT INTO teamwork.channels (organization_id) VALUES (team) ON CONFLICT DO NOTHING;
        SELECT c.name INTO channel FROM teamwork.channels c WHERE c.organization_id = team;
    END IF;
    RETURN channel;
END
$$;
COMMENT ON FUNCTION job_channel() IS 'The channel to LISTEN on for the jobs of the caller''s team; the payload is {"job_id", "status", "progress"}; after the status channel_renewed, ask again; NULL for a caller without a team
Errors: 25006 if the team has no channel yet and the transaction is read-only';

CREATE FUNCTION teamwork.notify_team(organization uuid, job_id uuid, status text, progress jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A team that never asked for its channel has no listeners, and a notification makes commits of the whole server queue.
    PERFORM pg_notify(c.name, jsonb_build_object('job_id', job_id, 'status', status, 'progress', progress)::text)
    FROM teamwork.channels c WHERE c.organization_id = organization;
END
$$;
COMMENT ON FUNCTION teamwork.notify_team(uuid, uuid, text, jsonb) IS 'Tells the team''s listeners about a job, when the transaction commits';

CREATE FUNCTION teamwork.renew_channel() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.notify_team(coalesce(OLD.admin_id, OLD.id), NULL, 'channel_renewed', NULL);
    DELETE FROM teamwork.channels c WHERE c.organization_id = coalesce(OLD.admin_id, OLD.id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.renew_channel() IS 'Trigger: who has left the team does not hear of its jobs any more';

CREATE TRIGGER renew_channel AFTER DELETE ON user_profiles
    FOR EACH ROW EXECUTE FUNCTION teamwork.renew_channel();
CREATE TRIGGER renew_channel_of_changed AFTER UPDATE OF admin_id, is_active ON user_profiles
    FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active OR OLD.admin_id IS DISTINCT FROM NEW.admin_id)
    EXECUTE FUNCTION teamwork.renew_channel();
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   channels
--   teamwork::try_lock_team

-- Claims: which job is next, and that it is taken. A claim commits before the work begins. src/job.rs is the only caller.

CREATE FUNCTION teamwork.suspect_is_running() RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM @extschema@.scheduled_jobs j
                   WHERE j.crashes > 0 AND (j.status = 'processing' OR j.status = 'pending' AND j.waits_until IS NULL));
END
$$;
COMMENT ON FUNCTION teamwork.suspect_is_running() IS 'Whether a job that was running when the server crashed is running again, or about to';

CREATE FUNCTION teamwork.promote_jobs() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    at_once CONSTANT integer := 1000;
BEGIN
    UPDATE @extschema@.scheduled_jobs d SET waits_until = NULL
    WHERE d.id IN (SELECT j.id FROM @extschema@.scheduled_jobs j
                 WHERE j.status = 'pending' AND j.waits_until <= teamwork.engine_time() AND j.crashes = 0
                 ORDER BY j.waits_until LIMIT at_once FOR NO KEY UPDATE SKIP LOCKED);
    -- One suspect at a time, so that the job that crashes the server takes the blame, and not those that ran beside it.
    IF NOT teamwork.suspect_is_running() THEN
        UPDATE @extschema@.scheduled_jobs d SET waits_until = NULL
        WHERE d.id = (SELECT j.id FROM @extschema@.scheduled_jobs j
                    WHERE j.crashes > 0 AND j.status = 'pending' AND j.waits_until <= teamwork.engine_time()
                    ORDER BY j.waits_until LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.promote_jobs() IS 'Makes jobs due whose time has come';

-- What every claim calls is PL/pgSQL, which keeps its plans; an SQL function is planned anew at each call.

CREATE FUNCTION teamwork.next_team(after uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT j.organization_id FROM @extschema@.scheduled_jobs j
            WHERE j.status = 'pending' AND j.waits_until IS NULL AND j.organization_id > after
            ORDER BY j.organization_id LIMIT 1);
END
$$;
COMMENT ON FUNCTION teamwork.next_team(uuid) IS 'The next team, by its id, that has a job due; NULL after the last';

CREATE FUNCTION teamwork.next_candidates(last_team uuid, max_jobs integer) RETURNS uuid[]
    -- To plan the query for each number of teams would take longer than to run it.
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    lowest CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    teams uuid[] := '{}';
    team uuid := last_team;
    has_wrapped boolean := false;
BEGIN
    IF teamwork.restore_is_running() THEN
        RETURN '{}';
    END IF;
    WHILE cardinality(teams) < max_jobs LOOP
        team := teamwork.next_team(team);
        EXIT WHEN has_wrapped AND (team IS NULL OR team > last_team);
        IF team IS NULL THEN
            has_wrapped := true;
            team := lowest;
        ELSE
            teams := teams || team;
        END IF;
    END LOOP;
    RETURN ARRAY(
        SELECT candidate.id FROM unnest(teams) WITH ORDINALITY t (id, place)
        CROSS JOIN LATERAL (
            SELECT j.id, row_number() OVER (ORDER BY j.priority DESC, j.scheduled_time, j.id) AS round
            FROM @extschema@.scheduled_jobs j
            WHERE j.status = 'pending' AND j.waits_until IS NULL AND j.organization_id = t.id
            ORDER BY j.priority DESC, j.scheduled_time, j.id
            LIMIT max_jobs / greatest(cardinality(teams), 1) + 1) candidate
        ORDER BY candidate.round, t.place LIMIT max_jobs);
END
$$;
COMMENT ON FUNCTION teamwork.next_candidates(uuid, integer) IS 'Due jobs in the order of their turns, up to that many: round after round one of each team, beginning after the team whose turn was last; within a team the most urgent, then the oldest';

CREATE FUNCTION teamwork.has_room(team uuid, per_team integer) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Two claims at once would both see the last place free. Whoever comes second looks again when the first has committed.
    IF NOT teamwork.try_lock_team(team) THEN
        RETURN false;
    END IF;
    RETURN per_team > (SELECT count(*) FROM @extschema@.scheduled_jobs j WHERE j.status = 'processing' AND j.organization_id = team);
END
$$;
COMMENT ON FUNCTION teamwork.has_room(uuid, integer) IS 'Whether a team runs fewer jobs than a team may at the same time';
COMMENT ON FUNCTION teamwork.try_lock_team(uuid) IS 'Locks the places of a team until the transaction ends; false when somebody else has';

CREATE FUNCTION teamwork.claim_job(candidates uuid[], per_team integer,
                                   OUT tried integer, OUT job_id uuid, OUT lease bigint, OUT organization_id uuid, OUT created_by uuid,
                                   OUT submitted_as text, OUT job_type text, OUT data_type text, OUT upload_id uuid,
                                   OUT mapping text, OUT options text, OUT bytes bigint, OUT checkpoint text)
    RETURNS record
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    candidate uuid;
    team uuid;
BEGIN
    tried := 0;
    FOREACH candidate IN ARRAY candidates LOOP
        tried := tried + 1;
        -- CASE: with a condition that is that of scheduled_jobs_due_idx, and statistics from before the queue was filled, the
        -- planner would look through the whole of that index for an id.
        SELECT j.organization_id INTO team FROM @extschema@.scheduled_jobs j
        WHERE j.id = candidate AND CASE j.status WHEN 'pending' THEN j.waits_until IS NULL END FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND OR per_team > 0 AND NOT teamwork.has_room(team, per_team);
        UPDATE @extschema@.scheduled_jobs j
        SET status = 'processing', attempts = j.attempts + 1, lease = nextval('teamwork.lease'),
            started_at = clock_timestamp(), completed_at = NULL, error_message = NULL, progress = NULL
        WHERE j.id = candidate
        RETURNING j.id, j.lease, j.organization_id, j.created_by, j.submitted_as, j.job_type, j.data_type, j.upload_id,
                  j.file_data ->> 'mapping', coalesce(j.file_data ->> 'options', '{}'), pg_column_size(j.file_data), j.checkpoint::text
        INTO job_id, lease, organization_id, created_by, submitted_as, job_type, data_type, upload_id, mapping, options, bytes, checkpoint;
        IF upload_id IS NOT NULL THEN
            bytes := teamwork.upload_bytes(upload_id);
        END IF;
        PERFORM teamwork.notify_team(team, candidate, 'processing', NULL);
        RETURN;
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.claim_job(uuid[], integer) IS 'Takes the first of the jobs that is still to be had: processing, one attempt more, a new lease. tried: how many of them are not to be had any more, the one taken included; bytes: about how large its source is';

CREATE FUNCTION teamwork.begin_job(job_id uuid, lease bigint) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The job ends in these tables: whoever would drop them waits for it, before the two can deadlock.
    LOCK TABLE @extschema@.scheduled_jobs, @extschema@.scheduled_job_errors, teamwork.export_chunks, teamwork.saved_mappings,
        teamwork.import_changes IN ROW EXCLUSIVE MODE;
    RETURN EXISTS (SELECT FROM @extschema@.scheduled_jobs j
                   WHERE j.id = job_id AND j.lease = begin_job.lease AND j.status = 'processing');
END
$$;
COMMENT ON FUNCTION teamwork.begin_job(uuid, bigint) IS 'Whether the claim still holds when the work begins';

CREATE FUNCTION teamwork.checkpoint_job(job_id uuid, lease bigint, checkpoint jsonb) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- An attempt that has come further than the one before is not one of those that lead nowhere.
    UPDATE @extschema@.scheduled_jobs j SET checkpoint = checkpoint_job.checkpoint, attempts = 1, crashes = 0
    WHERE j.id = job_id AND j.lease = checkpoint_job.lease AND j.status = 'processing';
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION teamwork.checkpoint_job(uuid, bigint, jsonb) IS 'Keeps how far a job has come, in the commit of what it has done; false when the lease is not the caller''s any more, and the caller must roll back';

CREATE FUNCTION teamwork.publish_progress(job_id uuid, lease bigint, progress jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    organization uuid;
BEGIN
    UPDATE @extschema@.scheduled_jobs j SET progress = publish_progress.progress
    WHERE j.id = job_id AND j.lease = publish_progress.lease AND j.status = 'processing'
    RETURNING j.organization_id INTO organization;
    IF FOUND THEN
        PERFORM teamwork.notify_team(organization, job_id, 'processing', progress);
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.publish_progress(uuid, bigint, jsonb) IS 'Copies the progress of a running job to its row, for clients that watch the row';

CREATE FUNCTION teamwork.processing_jobs(OUT job_id uuid, OUT lease bigint, OUT started_at timestamptz) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT j.id, j.lease, j.started_at FROM @extschema@.scheduled_jobs j WHERE j.status = 'processing' $$;
COMMENT ON FUNCTION teamwork.processing_jobs() IS 'The jobs that some process claims to run';

CREATE FUNCTION teamwork.count_due(per_team integer, max_jobs integer) RETURNS bigint
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE teams (id) AS (
        SELECT teamwork.next_team('00000000-0000-0000-0000-000000000000')
        UNION ALL
        SELECT teamwork.next_team(t.id) FROM teams t WHERE t.id IS NOT NULL)
    SELECT count(*) FROM (
        SELECT FROM teams, LATERAL (
            SELECT FROM @extschema@.scheduled_jobs j
            WHERE j.status = 'pending' AND j.waits_until IS NULL AND j.organization_id = teams.id
            LIMIT CASE WHEN per_team > 0 THEN greatest(0, per_team - (
                SELECT count(*) FROM @extschema@.scheduled_jobs r WHERE r.status = 'processing' AND r.organization_id = teams.id)) END) due
        LIMIT max_jobs) counted
$$;
COMMENT ON FUNCTION teamwork.count_due(integer, integer) IS 'How many jobs could run now, counted up to a number';

CREATE FUNCTION teamwork.queue_state(per_team integer, max_jobs integer, OUT due bigint, OUT next_due timestamptz) RETURNS record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN restoring.now THEN 0 ELSE teamwork.count_due(per_team, max_jobs) END,
           -- Nobody rings when a restore is over: look again in a moment.
           CASE WHEN restoring.now THEN teamwork.engine_time() + interval '1 s'
                ELSE (SELECT min(j.waits_until) FROM @extschema@.scheduled_jobs j
                      WHERE j.status = 'pending' AND j.waits_until IS NOT NULL
                        AND (j.crashes = 0 OR NOT (SELECT teamwork.suspect_is_running())))
           END
    FROM (SELECT teamwork.restore_is_running() AS now) restoring
$$;
COMMENT ON FUNCTION teamwork.queue_state(integer, integer) IS 'How many jobs are due, counted up to a number, and when the next one becomes due';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   claims

-- Endings: completed, failed, to be tried again, given back; and how ended jobs are forgotten. What a job has done commits
-- together with its end, which the lease guards: a late or doubled end finds no row and does nothing.

CREATE FUNCTION teamwork.next_time(scheduled_time timestamptz, repeat_every interval) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    now CONSTANT timestamptz := teamwork.engine_time();
    -- Missed times are not caught up on.
    past CONSTANT timestamptz := greatest(now, scheduled_time);
    few bigint := 0;
    -- Days and months have no fixed length, but none is as short as half of what epoch takes it for.
    many bigint := 1 + ceil(2 * extract(epoch FROM past - scheduled_time) / extract(epoch FROM repeat_every));
    middle bigint;
BEGIN
    -- The least number of repetitions that leads past now, by halves: it lies above few, and is not above many.
    WHILE many - few > 1 LOOP
        middle := (few + many) / 2;
        IF scheduled_time + repeat_every * middle > past THEN
            many := middle;
        ELSE
            few := middle;
        END IF;
    END LOOP;
    RETURN scheduled_time + repeat_every * many;
END
$$;
COMMENT ON FUNCTION teamwork.next_time(timestamptz, interval) IS 'The next time of a repeated job that is still to come; repeat_every leads forward';

CREATE FUNCTION teamwork.repeat_job(job_id uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO @extschema@.scheduled_jobs (organization_id, created_by, creator_name, job_type, data_type, scheduled_time, priority,
                                            max_attempts, file_name, file_data, repeat_every, submitted_as)
    SELECT j.organization_id, j.created_by, j.creator_name, j.job_type, j.data_type, teamwork.next_time(j.scheduled_time, j.repeat_every),
           j.priority, j.max_attempts, j.file_name, j.file_data, j.repeat_every, j.submitted_as
    FROM @extschema@.scheduled_jobs j WHERE j.id = job_id;
EXCEPTION WHEN OTHERS THEN
    -- The job itself has ended as it has; that it cannot be repeated is no reason to undo its work.
    UPDATE @extschema@.scheduled_jobs j
    SET error_message = concat_ws(E'\n', j.error_message, format('the job is not repeated: %s', SQLERRM)) WHERE j.id = job_id;
END
$$;
COMMENT ON FUNCTION teamwork.repeat_job(uuid) IS 'Submits an ended job again, for its next time';

CREATE FUNCTION teamwork.count_committed(checkpoint jsonb) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ BEGIN RETURN (checkpoint ->> 'inserted')::integer + (checkpoint ->> 'updated')::integer; END $$;
COMMENT ON FUNCTION teamwork.count_committed(jsonb) IS 'How many rows a job has committed that has not come to its end; NULL when it was not to commit before';

CREATE FUNCTION teamwork.committed_message(checkpoint jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE WHEN checkpoint IS NOT NULL THEN
        format(E'%s rows were committed before\nHINT: retry_job() goes on from there.', teamwork.count_committed(checkpoint)) END;
END
$$;
COMMENT ON FUNCTION teamwork.committed_message(jsonb) IS 'The same in words, for error_message';

CREATE FUNCTION teamwork.end_job(job_id uuid, lease bigint, status text, error_message text DEFAULT NULL,
                                 record_count integer DEFAULT NULL, progress jsonb DEFAULT NULL, report jsonb DEFAULT NULL)
    RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    organization uuid;
    is_repeated boolean;
BEGIN
    UPDATE @extschema@.scheduled_jobs j
    SET status = end_job.status, progress = coalesce(end_job.progress, j.progress), report = end_job.report,
        -- What a job that does not end well has committed stays, and a retry goes on from there.
        checkpoint = CASE WHEN end_job.status <> 'completed' THEN j.checkpoint END,
        record_count = coalesce(end_job.record_count, teamwork.count_committed(j.checkpoint)),
        error_message = CASE WHEN end_job.status = 'completed' THEN end_job.error_message
                             ELSE nullif(concat_ws(E'\n', end_job.error_message, teamwork.committed_message(j.checkpoint)), '') END,
        completed_at = clock_timestamp()
    WHERE j.id = job_id AND j.lease = end_job.lease AND j.status = 'processing'
    RETURNING j.organization_id, j.repeat_every IS NOT NULL INTO organization, is_repeated;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM teamwork.notify_team(organization, job_id, status, progress);
    IF is_repeated AND status <> 'cancelled' THEN
        PERFORM teamwork.repeat_job(job_id);
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION teamwork.end_job(uuid, bigint, text, text, integer, jsonb, jsonb) IS 'Ends a job as completed, failed or cancelled; false when the lease is not the caller''s any more, and the caller must roll back';

CREATE FUNCTION teamwork.backoff(attempt integer) RETURNS interval
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    -- 1 s, 4 s, 16 s, … up to five minutes, a quarter more or less, so that jobs which failed together do not meet again.
    SELECT make_interval(secs => least(4 ^ (attempt - 1), 300) * (0.75 + random() / 2))
$$;
COMMENT ON FUNCTION teamwork.backoff(integer) IS 'How long to wait after that attempt';

CREATE FUNCTION teamwork.max_crashes() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT 3 $$;
COMMENT ON FUNCTION teamwork.max_crashes() IS 'After how many crashes of the server a job that was running is in quarantine
For: administrators
Errors: none';

CREATE FUNCTION teamwork.retry_later(job_id uuid, lease bigint, error_message text, crashed boolean) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job @extschema@.scheduled_jobs;
BEGIN
    SELECT * INTO job FROM @extschema@.scheduled_jobs j
    WHERE j.id = job_id AND j.lease = retry_later.lease AND j.status = 'processing' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE @extschema@.scheduled_jobs j SET crashes = j.crashes + crashed::integer WHERE j.id = job.id
    RETURNING j.crashes INTO job.crashes;
    IF crashed AND job.crashes >= teamwork.max_crashes() THEN
        PERFORM teamwork.end_job(job.id, job.lease, 'failed', format(
            E'the job is quarantined: the server crashed %s times while it ran\n'
            'HINT: Look at the server''s log. An administrator lets it be retried: UPDATE scheduled_jobs SET crashes = 0 WHERE id = %L;',
            job.crashes, job.id));
        RETURN 'failed';
    ELSIF job.attempts >= job.max_attempts THEN
        PERFORM teamwork.end_job(job.id, job.lease, 'failed',
                                 format(E'%s\nDETAIL: It was the last of %s attempts.', error_message, job.max_attempts));
        RETURN 'failed';
    END IF;
    UPDATE @extschema@.scheduled_jobs j
    SET status = 'pending', error_message = retry_later.error_message, progress = NULL,
        waits_until = teamwork.engine_time() + teamwork.backoff(job.attempts)
    WHERE j.id = job.id;
    PERFORM teamwork.notify_team(job.organization_id, job.id, 'pending', NULL);
    RETURN 'pending';
END
$$;
COMMENT ON FUNCTION teamwork.retry_later(uuid, bigint, text, boolean) IS 'Lets a job that did not end be tried again after a while; after the last attempt, or the third crash of the server, it has failed. Returns the new status; NULL when the lease is not the job''s any more';

CREATE FUNCTION teamwork.release_job(job_id uuid, lease bigint) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job uuid;
BEGIN
    -- Waits for nobody: its caller may be about to exit.
    SELECT j.id INTO job FROM @extschema@.scheduled_jobs j
    WHERE j.id = job_id AND j.lease = release_job.lease AND j.status = 'processing' FOR NO KEY UPDATE SKIP LOCKED;
    UPDATE @extschema@.scheduled_jobs j SET status = 'pending', attempts = j.attempts - 1, started_at = NULL, progress = NULL
    WHERE j.id = job;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION teamwork.release_job(uuid, bigint) IS 'Undoes a claim, attempt included, when it is not the job''s doing that it cannot run';

CREATE FUNCTION teamwork.forget_ended_jobs(before timestamptz, max_jobs integer) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    forgotten integer;
    files integer;
BEGIN
    DELETE FROM @extschema@.scheduled_jobs d
    WHERE d.id IN (SELECT j.id FROM @extschema@.scheduled_jobs j
                 WHERE j.status IN ('completed', 'failed', 'cancelled') AND j.completed_at < before
                 ORDER BY j.completed_at LIMIT max_jobs FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    DELETE FROM teamwork.uploads d
    WHERE d.id IN (SELECT u.id FROM teamwork.uploads u
                 WHERE u.created_at < before AND NOT EXISTS (SELECT FROM @extschema@.scheduled_jobs j WHERE j.upload_id = u.id)
                 ORDER BY u.created_at LIMIT max_jobs FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS files = ROW_COUNT;
    RETURN greatest(forgotten, files);
END
$$;
COMMENT ON FUNCTION teamwork.forget_ended_jobs(timestamptz, integer) IS 'Deletes jobs that ended before that time, with what they refused, and uploads that no job needs any more, at most so many of each; returns the greater number
For: administrators
Errors: none';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   endings

-- Batches: a worker locks small jobs, runs them and completes them in one transaction. Nobody sees them between
-- pending and completed, so their rows are written once, for all of them together. src/job.rs is the only caller.

CREATE FUNCTION teamwork.lock_batch(candidates uuid[], max_jobs integer, max_bytes bigint,
                                   OUT place bigint, OUT job_id uuid, OUT lease bigint, OUT organization_id uuid, OUT created_by uuid,
                                   OUT submitted_as text, OUT job_type text, OUT data_type text, OUT upload_id uuid,
                                   OUT mapping text, OUT options text, OUT bytes bigint, OUT checkpoint text, OUT records text)
    RETURNS SETOF record
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    SELECT c.place, j.id, nextval('teamwork.lease'), j.organization_id, j.created_by, j.submitted_as::text,
           j.job_type, j.data_type, j.upload_id,
           j.small_data ->> 'mapping', coalesce(j.small_data ->> 'options', '{}'),
           CASE WHEN j.upload_id IS NULL THEN j.stored_bytes ELSE teamwork.upload_bytes(j.upload_id) END, j.checkpoint::text,
           j.small_data ->> 'records'
    FROM unnest(candidates) WITH ORDINALITY c (id, place)
    CROSS JOIN LATERAL (
        -- One after the other, in their order: a lock on a job that is not taken would keep it from others. The source of a large
        -- job is not read in vain. CASE, here and below, as in teamwork.claim_job().
        SELECT d.*, pg_column_size(d.file_data)::bigint AS stored_bytes,
               CASE WHEN pg_column_size(d.file_data) <= max_bytes THEN d.file_data END AS small_data
        FROM @extschema@.scheduled_jobs d
        WHERE d.id = c.id AND CASE d.status WHEN 'pending' THEN d.waits_until IS NULL END FOR NO KEY UPDATE SKIP LOCKED) j
    LIMIT max_jobs;
END
$$;
COMMENT ON FUNCTION teamwork.lock_batch(uuid[], integer, bigint) IS 'Locks those of the jobs that are still to be had, up to so many, until the transaction ends. Of a job that is larger than max_bytes mapping, options and records are not told';

CREATE FUNCTION teamwork.complete_jobs(jobs uuid[], leases bigint[], starts timestamptz[], ends timestamptz[], counts integer[],
                                       progresses jsonb[], reports jsonb[]) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
    -- By their ids, however few jobs there were when the plan was made.
    SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    job record;
    completed bigint := 0;
BEGIN
    FOR job IN
        UPDATE @extschema@.scheduled_jobs j
        SET status = 'completed', attempts = j.attempts + 1, lease = e.lease, started_at = e.started_at, completed_at = e.completed_at,
            error_message = NULL, record_count = e.record_count, progress = e.progress, report = e.report, checkpoint = NULL
        FROM unnest(jobs, leases, starts, ends, counts, progresses, reports)
             AS e (id, lease, started_at, completed_at, record_count, progress, report)
        WHERE j.id = e.id AND CASE j.status WHEN 'pending' THEN true END
        RETURNING j.id, j.organization_id, j.progress, j.repeat_every IS NOT NULL AS is_repeated,
                  EXISTS (SELECT FROM teamwork.channels c WHERE c.organization_id = j.organization_id) AS is_heard
    LOOP
        completed := completed + 1;
        IF job.is_heard THEN
            PERFORM teamwork.notify_team(job.organization_id, job.id, 'processing', NULL);
            PERFORM teamwork.notify_team(job.organization_id, job.id, 'completed', job.progress);
        END IF;
        IF job.is_repeated THEN
            PERFORM teamwork.repeat_job(job.id);
        END IF;
    END LOOP;
    RETURN completed;
END
$$;
COMMENT ON FUNCTION teamwork.complete_jobs(uuid[], bigint[], timestamptz[], timestamptz[], integer[], jsonb[], jsonb[]) IS 'Ends jobs that the transaction has taken as completed; returns how many of them were still as they were taken';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   batch
--   teamwork::interrupt
--   teamwork::run_pending_jobs

-- Control: what the creator of a job and the admin of its team may do to it.

CREATE FUNCTION teamwork.controlled_job(job_id uuid) RETURNS scheduled_jobs
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT j FROM @extschema@.scheduled_jobs j
    WHERE j.id = job_id AND j.organization_id = @extschema@.get_current_user_admin_id()
      AND teamwork.current_user_id() IN (j.created_by, j.organization_id)
    FOR NO KEY UPDATE
$$;
COMMENT ON FUNCTION teamwork.controlled_job(uuid) IS 'The job, locked, if the caller is its creator or the admin of its team';

CREATE FUNCTION cancel_job(job_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job CONSTANT @extschema@.scheduled_jobs := teamwork.controlled_job(job_id);
BEGIN
    IF job.status IS NULL OR job.status NOT IN ('pending', 'processing') THEN
        RETURN false;
    END IF;
    -- A worker that runs the job finds it cancelled when it wants to commit; the interrupt only spares it the rest.
    UPDATE @extschema@.scheduled_jobs j
    SET status = 'cancelled', completed_at = clock_timestamp(), error_message = teamwork.committed_message(j.checkpoint),
        record_count = teamwork.count_committed(j.checkpoint)
    WHERE j.id = job.id;
    IF job.status = 'processing' THEN
        PERFORM teamwork.interrupt(job.lease);
    END IF;
    PERFORM teamwork.notify_team(job.organization_id, job.id, 'cancelled', NULL);
    RETURN true;
END
$$;
COMMENT ON FUNCTION cancel_job(uuid) IS 'Cancels a pending or running job; a running one leaves no rows but those that commit_every has committed; false when there is nothing to cancel, or the caller is neither its creator nor the admin
Errors: none';
COMMENT ON FUNCTION teamwork.interrupt(bigint) IS 'Interrupts the worker that holds the lease, when the current transaction commits';

CREATE FUNCTION teamwork.interrupt_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.interrupt(OLD.lease);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.interrupt_deleted() IS 'Trigger: a job that is deleted while it runs stops';
CREATE TRIGGER interrupt_deleted AFTER DELETE ON scheduled_jobs
    FOR EACH ROW WHEN (OLD.status = 'processing') EXECUTE FUNCTION teamwork.interrupt_deleted();

CREATE FUNCTION retry_job(job_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job CONSTANT @extschema@.scheduled_jobs := teamwork.controlled_job(job_id);
BEGIN
    IF job.status IS NULL OR job.status NOT IN ('failed', 'cancelled') THEN
        RETURN false;
    ELSIF job.crashes >= teamwork.max_crashes() THEN
        RAISE EXCEPTION 'job % is quarantined', job_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The server crashed %s times while it ran.', job.crashes),
                  HINT = 'An administrator lets it run again: UPDATE scheduled_jobs SET crashes = 0 WHERE id = ….';
    END IF;
    -- It goes on from its checkpoint, if it has one.
    DELETE FROM @extschema@.scheduled_job_errors e
    WHERE e.job_id = job.id AND (job.checkpoint IS NULL OR e.line > (job.checkpoint ->> 'line')::bigint);
    UPDATE @extschema@.scheduled_jobs j
    SET status = 'pending', attempts = 0, started_at = NULL, completed_at = NULL, error_message = NULL, record_count = NULL,
        progress = NULL, report = NULL, scheduled_time = teamwork.engine_time(), waits_until = NULL,
        -- A failed job has submitted its repetition already; a cancelled one has not.
        repeat_every = CASE WHEN job.status = 'cancelled' THEN j.repeat_every END
    WHERE j.id = job.id;
    PERFORM teamwork.notify_team(job.organization_id, job.id, 'pending', NULL);
    RETURN true;
END
$$;
COMMENT ON FUNCTION retry_job(uuid) IS 'Runs a failed or cancelled job again, from its beginning or its checkpoint; false when there is nothing to retry, or the caller is neither its creator nor the admin
Errors: 55000 if the job is in quarantine';

COMMENT ON FUNCTION teamwork.run_pending_jobs(integer) IS 'Runs due jobs in the calling session and transaction, up to that many; returns how many it ran; for servers that cannot preload the library
For: administrators
Errors: 25000 if the transaction is not READ COMMITTED; 55000 if the login role is in teamwork_token_only';

CREATE FUNCTION teamwork.require_job(job_id uuid, kind text) RETURNS scheduled_jobs
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job @extschema@.scheduled_jobs;
BEGIN
    SELECT * INTO job FROM @extschema@.scheduled_jobs j WHERE j.id = job_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'job % does not exist', job_id USING ERRCODE = 'no_data_found';
    ELSIF job.job_type <> kind THEN
        RAISE EXCEPTION 'job % is no %', job_id, kind
            USING ERRCODE = 'wrong_object_type',
                  HINT = format('create_%s_job() submits one.', CASE kind WHEN 'import' THEN 'background_import' ELSE 'export' END);
    END IF;
    RETURN job;
END
$$;
COMMENT ON FUNCTION teamwork.require_job(uuid, text) IS 'The job, if the caller sees it, and it is an import or an export as is asked for';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   control
--   teamwork::live_progress
--   teamwork::engine_processes

-- Watching: what members see of their jobs.

CREATE FUNCTION teamwork.progress_bar(percent numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT repeat('█', filled.blocks) || repeat('░', 20 - filled.blocks) || to_char(floor(percent), '990') || ' %'
    FROM (SELECT floor(percent / 5)::integer AS blocks) filled
$$;
COMMENT ON FUNCTION teamwork.progress_bar(numeric) IS 'A percentage as twenty blocks and a number';

COMMENT ON FUNCTION teamwork.live_progress(uuid) IS 'The progress of a running job, from shared memory; no row when no worker runs it';

COMMENT ON FUNCTION teamwork.engine_processes() IS 'The engine''s processes in all databases, from shared memory; no row without shared_preload_libraries';

CREATE VIEW teamwork.workers WITH (security_invoker = true) AS
    SELECT p.kind, p.pid, d.datname AS database,
           CASE WHEN p.job_id IS NOT NULL THEN 'running' ELSE 'waiting' END AS state,
           p.job_id, p.organization_id, j.job_type, j.data_type, j.creator_name,
           p.current AS rows_done, p.total AS rows_total, teamwork.progress_bar(p.percent) AS progress, p.failed AS refused,
           p.started_at, clock_timestamp() - p.started_at AS running_for
    FROM teamwork.engine_processes() p
    LEFT JOIN pg_catalog.pg_database d ON d.oid = p.database
    -- Jobs of other databases cannot be looked at from here.
    LEFT JOIN scheduled_jobs j ON j.id = p.job_id AND d.datname = current_database()
    ORDER BY p.kind, d.datname, p.pid;
COMMENT ON VIEW teamwork.workers IS 'The engine''s processes in all databases, and the jobs they run at this moment
For: administrators';
COMMENT ON COLUMN teamwork.workers.kind IS 'launcher, scheduler or worker';
COMMENT ON COLUMN teamwork.workers.state IS 'running or waiting';
COMMENT ON COLUMN teamwork.workers.job_id IS 'The job that a worker runs';

CREATE VIEW background_imports WITH (security_invoker = true) AS
    SELECT j.id AS job_id, j.file_name, j.data_type, j.status,
           teamwork.progress_bar(now_at.percent) AS progress,
           now_at.done AS rows_done, now_at.failed AS refused,
           CASE WHEN timing.seconds > 0 THEN round(now_at.done / timing.seconds)::bigint END AS rows_per_second,
           CASE WHEN j.status = 'processing' AND now_at.percent > 0
                THEN make_interval(secs => ceil(timing.seconds * (100 - now_at.percent) / now_at.percent)::integer) END AS time_left,
           j.creator_name, j.created_by, j.scheduled_time, j.started_at, j.completed_at, j.error_message,
           -- The source, which may be large, is not looked at where the report tells.
           coalesce(CASE j.status WHEN 'completed' THEN j.report ELSE j.file_data -> 'options' END @> '{"dry_run": true}', false) AS dry_run
    FROM scheduled_jobs j
    -- Shared memory while a worker runs the job, for its rows are not visible yet; the row itself otherwise.
    LEFT JOIN LATERAL teamwork.live_progress(j.id) live ON j.status = 'processing'
    CROSS JOIN LATERAL (
        SELECT coalesce(live.current, (j.progress ->> 'current')::bigint, 0) AS done,
               coalesce(live.failed, (j.progress ->> 'failed')::bigint, 0) AS failed,
               coalesce(live.percent, (j.progress ->> 'percent')::numeric, 0) AS percent) now_at
    CROSS JOIN LATERAL (
        SELECT extract(epoch FROM coalesce(j.completed_at, clock_timestamp()) - j.started_at)::numeric AS seconds) timing
    WHERE j.job_type = 'import'
    ORDER BY j.created_at DESC, j.id;
COMMENT ON VIEW background_imports IS 'The Background Imports screen: the team''s imports, newest first, live while they run';
COMMENT ON COLUMN background_imports.progress IS 'A bar of twenty blocks, and the percentage';
COMMENT ON COLUMN background_imports.refused IS 'Rows refused so far; scheduled_job_errors says why';
COMMENT ON COLUMN background_imports.rows_per_second IS 'Since the job started';
COMMENT ON COLUMN background_imports.created_by IS 'The member who submitted the import';
COMMENT ON COLUMN background_imports.rows_done IS 'Rows read so far, refused ones among them';
COMMENT ON COLUMN background_imports.time_left IS 'At the speed so far';
COMMENT ON COLUMN background_imports.dry_run IS 'Whether the import is taken back at its end';

CREATE FUNCTION wait_for_job(job_id uuid, timeout interval DEFAULT '60 s') RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    deadline CONSTANT timestamptz := clock_timestamp() + timeout;
    job record;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'wait_for_job() cannot see changes in a transaction of isolation level %',
                        current_setting('transaction_isolation')
            USING ERRCODE = 'invalid_transaction_state', HINT = 'Call it in a READ COMMITTED transaction.';
    END IF;
    LOOP
        SELECT j.status, j.xmin = pg_current_xact_id_if_assigned()::xid AS uncommitted INTO job
        FROM @extschema@.scheduled_jobs j WHERE j.id = job_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'job % does not exist', job_id USING ERRCODE = 'no_data_found';
        ELSIF job.uncommitted THEN
            RAISE EXCEPTION 'job % is not committed yet', job_id
                USING ERRCODE = 'invalid_transaction_state', HINT = 'Commit first: a worker cannot see the job before.';
        END IF;
        EXIT WHEN job.status IN ('completed', 'failed', 'cancelled') OR clock_timestamp() >= deadline;
        PERFORM pg_sleep(0.005);
    END LOOP;
    RETURN job.status;
END
$$;
COMMENT ON FUNCTION wait_for_job(uuid, interval) IS 'Waits until a job has ended or the time is up; returns its status
Errors: P0002 if the caller''s team has no such job; 25000 if the job is not committed yet, or the transaction is not READ COMMITTED';

-- Supabase's Realtime sends the changes of the tables in its publication to the browsers that watch them.

CREATE FUNCTION teamwork.join_realtime() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_publication p WHERE p.pubname = 'supabase_realtime' AND NOT p.puballtables)
       AND NOT EXISTS (SELECT FROM pg_publication_tables t WHERE t.pubname = 'supabase_realtime'
                       AND (t.schemaname, t.tablename) = ('@extschema@', 'scheduled_jobs')) THEN
        ALTER PUBLICATION supabase_realtime ADD TABLE @extschema@.scheduled_jobs;
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.join_realtime() IS 'Adds scheduled_jobs to the publication supabase_realtime, where that exists';

CREATE FUNCTION teamwork.join_new_realtime() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.join_realtime();
END
$$;
COMMENT ON FUNCTION teamwork.join_new_realtime() IS 'Event trigger: scheduled_jobs joins supabase_realtime when that is made, by a restored dump too, which leaves extensions'' tables out';
CREATE EVENT TRIGGER teamwork_join_realtime ON ddl_command_end WHEN TAG IN ('CREATE PUBLICATION')
    EXECUTE FUNCTION teamwork.join_new_realtime();
COMMENT ON EVENT TRIGGER teamwork_join_realtime IS 'Lets browsers watch jobs through Supabase''s Realtime';
SELECT teamwork.join_realtime();
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   monitoring

-- Imports: what a running import asks of the catalog and of its source, and how it keeps what it refused. src/import is the
-- only caller.

-- The one place that takes pg_trigger.tgtype apart, by the names that trigger.h gives its bits.
CREATE VIEW teamwork.enabled_triggers WITH (security_invoker = true) AS
    SELECT t.tgrelid AS relation, t.oid, t.tgname AS name, t.tgfoid AS function, t.tgconstraint AS constraint_id,
           t.tgisinternal AS is_internal,
           CASE WHEN t.tgtype & 64 <> 0 THEN 'instead of' WHEN t.tgtype & 2 <> 0 THEN 'before' ELSE 'after' END AS timing,
           CASE WHEN t.tgtype & 1 <> 0 THEN 'row' ELSE 'statement' END AS level,
           t.tgtype & 4 <> 0 AS on_insert, t.tgtype & 16 <> 0 AS on_update,
           t.tgnewtable IS NOT NULL AS has_new_table
    FROM pg_catalog.pg_trigger t WHERE t.tgenabled <> 'D';
COMMENT ON VIEW teamwork.enabled_triggers IS 'The triggers of all tables that are not disabled, with when they fire';

CREATE FUNCTION teamwork.trigger_modified_columns(target regclass) RETURNS SETOF name
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    WITH trigger_functions AS (
        SELECT CASE l.lanname WHEN 'plpgsql' THEN lower(p.prosrc) END AS body
        FROM teamwork.enabled_triggers t JOIN pg_proc p ON p.oid = t.function JOIN pg_language l ON l.oid = p.prolang
        WHERE t.relation IN (SELECT target UNION SELECT r.relid FROM pg_partition_tree(target) r)
          AND t.timing = 'before' AND t.level = 'row' AND t.on_insert
    ), named AS (
        -- PL/pgSQL changes a column where it is written NEW.column, and in no other way unless NEW as a whole goes somewhere, or
        -- something else is returned.
        SELECT replace(trim('"' FROM m.name[1]), '""', '"') AS name
        FROM trigger_functions f CROSS JOIN regexp_matches(f.body, '\mnew\s*\.\s*("(?:[^"]|"")+"|[\w$]+)', 'g') m (name)
    )
    SELECT a.attname FROM pg_attribute a
    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped
      AND (lower(a.attname) IN (SELECT n.name FROM named n)
           OR EXISTS (SELECT FROM trigger_functions f
                      WHERE f.body IS NULL OR f.body LIKE '%u&"%'
                         OR regexp_replace(f.body, '\mnew\s*\.\s*("|[\w$])|\mreturn\s+new\s*;', '', 'g') ~ '\m(new|return)\M')
           OR EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = target));
END
$$;
COMMENT ON FUNCTION teamwork.trigger_modified_columns(regclass) IS 'The columns that a trigger or a rule may change before a row is inserted; all of them where that cannot be told';

CREATE FUNCTION teamwork.primary_key(target regclass) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array_agg(a.attname::text ORDER BY k.place)
    FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY k (number, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE i.indrelid = target AND i.indisprimary AND k.place <= i.indnkeyatts
$$;
COMMENT ON FUNCTION teamwork.primary_key(regclass) IS 'The columns of a table''s primary key; NULL when it has none';

CREATE FUNCTION teamwork.not_null_key(target regclass) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.key_columns FROM teamwork.protections p
    WHERE p.target = not_null_key.target AND p.key_columns <> '{}' AND NOT EXISTS (
        SELECT FROM unnest(p.key_columns) k LEFT JOIN pg_attribute a ON a.attrelid = p.target AND a.attname = k
        WHERE a.attnotnull IS NOT TRUE)
$$;
COMMENT ON FUNCTION teamwork.not_null_key(regclass) IS 'The columns of a table''s key, if it tells a team''s rows apart, as it does where it has no NULL; else NULL';

CREATE FUNCTION teamwork.row_identity(target regclass) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT coalesce(teamwork.primary_key(target), teamwork.not_null_key(target), '{}') $$;
COMMENT ON FUNCTION teamwork.row_identity(regclass) IS 'The columns by which a row is found again: the primary key''s, else the key''s, else none';

CREATE FUNCTION teamwork.describe_target(target regclass, OUT name text, OUT is_partitioned boolean, OUT has_import_id boolean,
                                         OUT identity text[])
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('%I.%I', n.nspname, c.relname), c.relkind = 'p',
           EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attname = 'import_id' AND a.atttypid = 'uuid'::regtype),
           teamwork.row_identity(target)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = target
$$;
COMMENT ON FUNCTION teamwork.describe_target(regclass) IS 'A table''s name as any search_path understands it, and what an import has to know of it';

-- Functions that every job calls are PL/pgSQL, which keeps its plans.

CREATE FUNCTION teamwork.upload_bytes(upload_id uuid) RETURNS bigint
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT u.bytes FROM teamwork.uploads u WHERE u.id = upload_id);
END
$$;
COMMENT ON FUNCTION teamwork.upload_bytes(uuid) IS 'The size of an upload; NULL when there is none';

CREATE FUNCTION teamwork.upload_chunk(upload_id uuid, byte_offset bigint) RETURNS bytea
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT c.data FROM teamwork.upload_chunks c
            WHERE c.upload_id = upload_chunk.upload_id AND c.byte_offset = upload_chunk.byte_offset);
END
$$;
COMMENT ON FUNCTION teamwork.upload_chunk(uuid, bigint) IS 'The chunk of an upload that starts at the offset; NULL at the end';

CREATE FUNCTION teamwork.job_records(job_id uuid) RETURNS SETOF text
    -- SQL, whose rows a cursor fetches as they come.
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r.value::text FROM @extschema@.scheduled_jobs j CROSS JOIN LATERAL jsonb_array_elements(j.file_data -> 'records') r
    WHERE j.id = job_id
$$;
COMMENT ON FUNCTION teamwork.job_records(uuid) IS 'The records of a job, as JSON texts in their order';

CREATE FUNCTION teamwork.outline_records(job_id uuid, max_bytes integer, OUT keys text[], OUT bytes bigint, OUT records text) RETURNS record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    source CONSTANT jsonb := (SELECT j.file_data -> 'records' FROM @extschema@.scheduled_jobs j WHERE j.id = job_id);
BEGIN
    -- As text they are shorter: a number of one digit takes ten times as much.
    IF pg_column_size(source) <= 16 * max_bytes THEN
        records := source::text;
    END IF;
    IF coalesce(octet_length(records) > max_bytes, true) THEN
        SELECT sum(octet_length(r.value::text)) INTO bytes FROM jsonb_array_elements(source) r;
        keys := ARRAY(
            SELECT k.key FROM jsonb_array_elements(source) WITH ORDINALITY r (record, place)
            CROSS JOIN LATERAL jsonb_object_keys(CASE jsonb_typeof(r.record) WHEN 'object' THEN r.record ELSE '{}' END)
                WITH ORDINALITY k (key, place)
            GROUP BY k.key ORDER BY min(r.place), min(k.place));
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.outline_records(uuid, integer) IS 'The records of a job, as JSON, if they may be not larger than that as text; if they may be larger, every key that some record has and their size as text';

CREATE FUNCTION teamwork.record_refusals(job_id uuid, lines bigint[], byte_offsets bigint[], column_names text[], cell_values text[],
                                         codes text[], messages text[], suggestions text[], raws text[]) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO @extschema@.scheduled_job_errors (job_id, line, byte_offset, column_name, value, code, message, suggestion, raw)
    SELECT record_refusals.job_id, r.* FROM unnest(lines, byte_offsets, column_names, cell_values, codes, messages, suggestions, raws) r
$$;
COMMENT ON FUNCTION teamwork.record_refusals(uuid, bigint[], bigint[], text[], text[], text[], text[], text[], text[]) IS 'Keeps the reasons for refused rows, one per cell';

CREATE FUNCTION teamwork.imported_before(organization uuid, data_type text, file_hash text, OUT imported_by text, OUT imported_on text,
                                         OUT file_name text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT j.creator_name, to_char(j.completed_at, 'YYYY-MM-DD'), j.file_name FROM @extschema@.scheduled_jobs j
    WHERE j.organization_id = organization AND j.report ->> 'file_hash' = imported_before.file_hash AND j.status = 'completed'
      AND j.data_type = imported_before.data_type AND NOT j.report ?| '{undo, dry_run}'
    ORDER BY j.completed_at DESC LIMIT 1
$$;
COMMENT ON FUNCTION teamwork.imported_before(uuid, text, text) IS 'The latest import of a file of that hash into a table by a team, if it was not undone';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   imports

-- What an import has to know of its table, in one call: teamwork.table_description(). src/import is the only caller. Each part is a
-- function that can be looked at by itself. They are PL/pgSQL, which keeps its plans: to plan these queries takes longer than to run them.

CREATE FUNCTION teamwork.table_columns(target regclass, OUT name text, OUT type text, OUT stored_type text, OUT modifier integer,
                                       OUT is_plain_varlena boolean, OUT is_fillable boolean, OUT is_required boolean,
                                       OUT is_not_null boolean, OUT is_key boolean, OUT is_primary_key boolean,
                                       OUT identity_kind text, OUT default_expression text, OUT default_text text,
                                       OUT default_node text, OUT sequence bigint, OUT is_now boolean, OUT is_random boolean,
                                       OUT labels text[], OUT label_ids bigint[])
    RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    modified CONSTANT name[] := ARRAY(SELECT teamwork.trigger_modified_columns(target));
    key_columns CONSTANT text[] := (SELECT p.key_columns FROM teamwork.protections p WHERE p.target = table_columns.target);
    primary_key CONSTANT smallint[] := (SELECT i.indkey::smallint[] FROM pg_index i WHERE i.indrelid = target AND i.indisprimary);
    -- What the team's own columns hold, the engine says.
    team_columns CONSTANT name[] := '{owner_id, admin_id, created_at, updated_at, updated_by, import_id}';
BEGIN
    RETURN QUERY
    -- A dropped column keeps its place.
    SELECT CASE WHEN NOT a.attisdropped THEN a.attname::text END,
           CASE WHEN NOT a.attisdropped THEN format_type(a.atttypid, -1) END,
           format_type(a.atttypid, a.atttypmod)
               || CASE WHEN a.attcollation <> t.typcollation THEN format(' COLLATE %s', a.attcollation::regcollation) ELSE '' END,
           a.atttypmod,
           a.attlen < 0 AND a.attstorage = 'p',
           NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = '' AND a.attname <> ALL (team_columns),
           a.attnotnull AND NOT a.attisdropped AND NOT a.atthasdef AND a.attidentity = '' AND a.attname <> ALL (modified),
           a.attnotnull AND NOT a.attisdropped,
           coalesce(a.attname = ANY (key_columns), false),
           coalesce(a.attnum = ANY (primary_key), false),
           CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
           e.default_expression,
           -- In a form that no setting changes. What is cast to a varchar is not cut: pack sees what is too long.
           CASE WHEN e.default_expression IS NOT NULL THEN CASE a.atttypid
               WHEN 'timestamptz'::regtype
                   THEN format('to_jsonb(timezone(''UTC'', (%s)::timestamptz)) #>> ''{}'' || ''Z''', e.default_expression)
               WHEN 'timestamp'::regtype THEN format('to_jsonb((%s)::timestamp) #>> ''{}''', e.default_expression)
               WHEN 'date'::regtype THEN format('to_jsonb((%s)::date) #>> ''{}''', e.default_expression)
               WHEN 'varchar'::regtype THEN format('(%s)::text', e.default_expression)
               WHEN 'bpchar'::regtype THEN format('(%s)::text', e.default_expression)
               ELSE format('((%s)::%s)::text', e.default_expression, format_type(a.atttypid, a.atttypmod)) END END,
           d.adbin::text,
           s.sequence::oid::bigint,
           a.atttypid = 'timestamptz'::regtype AND a.atttypmod < 0
               AND coalesce(e.default_expression IN ('now()', 'CURRENT_TIMESTAMP'), false),
           CASE WHEN a.atttypid = 'uuid'::regtype AND e.default_expression ~ '(gen_random_uuid|uuid_generate_v4)\(\)$'
                THEN e.default_expression IN (SELECT teamwork.random_uuids()) ELSE false END,
           l.labels, l.ids
    FROM pg_attribute a
    LEFT JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
    LEFT JOIN LATERAL pg_get_expr(d.adbin, d.adrelid) e (default_expression) ON d.adbin IS NOT NULL
    LEFT JOIN LATERAL (SELECT CASE WHEN a.attidentity <> '' OR e.default_expression LIKE 'nextval(%'
                                   THEN pg_get_serial_sequence(target::text, a.attname)::regclass END) s (sequence)
        -- Of a default it is the whole.
        ON a.attidentity <> '' OR e.default_expression = format('nextval(%L::regclass)', s.sequence)
    LEFT JOIN LATERAL (SELECT array_agg(m.enumlabel::text ORDER BY m.enumsortorder), array_agg(m.oid::bigint ORDER BY m.enumsortorder)
                       FROM pg_enum m WHERE m.enumtypid = a.atttypid) l (labels, ids) ON t.typtype = 'e'
    WHERE a.attrelid = target AND a.attnum > 0 ORDER BY a.attnum;
END
$$;
COMMENT ON FUNCTION teamwork.table_columns(regclass) IS 'The columns of a table in their physical order, with what fills them when a file does not; a dropped one has no name';

CREATE FUNCTION teamwork.import_columns(target regclass, OUT name text, OUT type text, OUT modifier integer) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.name, c.type, c.modifier FROM teamwork.table_columns(target) c
    WHERE c.is_fillable AND c.name <> ALL (teamwork.hidden_columns(target))
$$;
COMMENT ON FUNCTION teamwork.import_columns(regclass) IS 'The columns of a table that a file of the caller''s may fill: not the team''s, nor generated ones, nor hidden ones';

CREATE FUNCTION teamwork.table_checks(target regclass, OUT name text, OUT expression text, OUT columns text[], OUT is_deterministic boolean,
                                      OUT is_unmodified boolean)
    RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    modified CONSTANT name[] := ARRAY(SELECT teamwork.trigger_modified_columns(target));
BEGIN
    RETURN QUERY
    SELECT c.conname::text, pg_get_expr(c.conbin, c.conrelid), k.columns, k.is_deterministic, k.is_unmodified
    FROM pg_constraint c
    CROSS JOIN LATERAL (SELECT coalesce(array_agg(a.attname::text), '{}'), coalesce(bool_and(coalesce(l.collisdeterministic, true)), true),
                               coalesce(bool_and(a.attname <> ALL (modified)), true)
                        FROM pg_attribute a LEFT JOIN pg_collation l ON l.oid = a.attcollation
                        WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)) k (columns, is_deterministic, is_unmodified)
    WHERE c.conrelid = target AND c.contype = 'c'
    ORDER BY c.conname;
END
$$;
COMMENT ON FUNCTION teamwork.table_checks(regclass) IS 'The CHECK constraints of a table; is_deterministic: texts of its columns are equal only if their bytes are; is_unmodified: nothing changes its columns before a row is inserted, so that it can be asked of a row before';

CREATE FUNCTION teamwork.table_indexes(target regclass, OUT oid bigint, OUT attributes smallint[], OUT is_unique boolean,
                                       OUT key_columns text[])
    RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    SELECT i.indexrelid::bigint, i.indkey::smallint[], i.indisunique,
           CASE WHEN i.indexprs IS NULL AND i.indpred IS NULL THEN
               ARRAY(SELECT a.attname::text FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k (number, place)
                     JOIN pg_attribute a ON a.attrelid = target AND a.attnum = k.number
                     WHERE k.place <= i.indnkeyatts ORDER BY k.place) END
    FROM pg_index i WHERE i.indrelid = target AND i.indislive
    -- As the executor does: by their ids, so that two sessions meet in the same order.
    ORDER BY i.indexrelid;
END
$$;
COMMENT ON FUNCTION teamwork.table_indexes(regclass) IS 'The indexes of a table with the numbers of their columns, included ones too, 0 for an expression; key_columns, if the index looks at columns only, and at all rows';

CREATE FUNCTION teamwork.table_constraints(target regclass, OUT name text, OUT columns text[]) RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    -- A partition's indexes have names of their own, its other constraints have not.
    SELECT n.name::text, ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = n.relation AND a.attnum = ANY (n.numbers))
    FROM (SELECT c.conname, c.conrelid, c.conkey FROM pg_constraint c WHERE c.conrelid = target AND c.contype IN ('c', 'f')
          UNION ALL
          SELECT x.relname, i.indrelid, i.indkey::smallint[] FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
          WHERE i.indrelid IN (SELECT target UNION SELECT p.relid FROM pg_partition_tree(target) p)
            AND (i.indisunique OR i.indisexclusion)) n (name, relation, numbers);
END
$$;
COMMENT ON FUNCTION teamwork.table_constraints(regclass) IS 'What errors about a table''s rows call by name, with the columns that it is about';

CREATE FUNCTION teamwork.table_foreign_keys(target regclass, OUT oid bigint, OUT column_name text, OUT lock_parents_sql text,
                                            OUT missing_parents_sql text, OUT parent_owner bigint)
    RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    SELECT k.oid::bigint, min(m.own)::text,
           format('SELECT pg_catalog.count(*) FROM (SELECT FROM ONLY %s p WHERE %s FOR KEY SHARE) held',
                  k.confrelid::regclass, string_agg(format(m.condition, format('ANY ($1::%s[])', m.type)), ' AND ')),
           format('SELECT pg_catalog.array_agg(v.value) FROM pg_catalog.unnest($1::pg_catalog.text[]) v (value) '
                  'WHERE NOT EXISTS (SELECT FROM ONLY %s p WHERE %s)',
                  k.confrelid::regclass, string_agg(format(m.condition, format('v.value::%s', m.type)), ' AND ')),
           c.relowner::bigint
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.confrelid AND c.relkind = 'r'
    CROSS JOIN LATERAL (
        SELECT CASE WHEN s.place IS NULL THEN a.attname END,
               format_type(a.atttypid, a.atttypmod),
               -- A format of its own, for what stands for the value.
               format('p.%s OPERATOR(pg_catalog.%s) %s', replace(quote_ident(p.attname), '%', '%%'),
                      replace(o.oprname, '%', '%%'), coalesce(s.place, '%s')),
               -- A cast or an operator of somebody's own may do anything, here as the parents' owner.
               y.typnamespace = 'pg_catalog'::regnamespace AND o.oprnamespace = 'pg_catalog'::regnamespace
               -- A NULL in the file stays one.
               AND (s.place IS NOT NULL OR NOT (a.attnotnull AND a.atthasdef))
        FROM unnest(k.conkey, k.confkey, k.conpfeqop) u (own, parents, operator)
        JOIN pg_attribute a ON a.attrelid = target AND a.attnum = u.own
        JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = u.parents
        JOIN pg_operator o ON o.oid = u.operator
        JOIN pg_type y ON y.oid = a.atttypid
        LEFT JOIN (VALUES ('owner_id', '$2'), ('admin_id', '$3'), ('import_id', '$4')) s (name, place) ON s.name = a.attname
    ) m (own, type, condition, is_plain)
    -- A row may be the parent of another one of the same batch. With MATCH FULL a NULL in one column is no match.
    WHERE k.conrelid = target AND k.contype = 'f' AND k.confrelid <> target AND (cardinality(k.conkey) = 1 OR k.confmatchtype = 's')
    GROUP BY k.oid, k.confrelid, c.relowner HAVING count(m.own) = 1 AND bool_and(m.is_plain);
END
$$;
COMMENT ON FUNCTION teamwork.table_foreign_keys(regclass) IS 'The foreign keys of a table that have one column besides those of the owner, the team and the job, with two statements for the parents'' owner about the values $1 (text[]), of the owner $2, the team $3 and the job $4: one locks the parents and counts them, the other lists the values that have none';

CREATE FUNCTION teamwork.table_row_triggers(target regclass, OUT oid bigint, OUT foreign_key bigint) RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    SELECT t.oid::bigint, k.oid::bigint
    FROM teamwork.enabled_triggers t LEFT JOIN pg_constraint k ON k.oid = t.constraint_id AND k.contype = 'f'
    WHERE t.relation = target AND t.timing = 'after' AND t.level = 'row' AND t.on_insert
      AND t.constraint_id NOT IN (SELECT c.id FROM teamwork.common_keys(target) c)
    ORDER BY t.oid;
END
$$;
COMMENT ON FUNCTION teamwork.table_row_triggers(regclass) IS 'The triggers of a table that fire after each row of an import in bulk, but for those of common_keys(); with the foreign key that they check, if they do';

CREATE FUNCTION teamwork.table_description(target regclass) RETURNS json
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN (
        SELECT json_build_object(
            'name', format('%I.%I', n.nspname, c.relname),
            'is_partitioned', c.relkind = 'p',
            'has_import_id', EXISTS (SELECT FROM pg_attribute a
                                     WHERE a.attrelid = target AND a.attname = 'import_id' AND a.atttypid = 'uuid'::regtype),
            'row_identity', teamwork.row_identity(target),
            'columns', ARRAY(SELECT d FROM teamwork.table_columns(target) d),
            'checks', ARRAY(SELECT d FROM teamwork.table_checks(target) d),
            'indexes', ARRAY(SELECT d FROM teamwork.table_indexes(target) d),
            'constraints', ARRAY(SELECT d FROM teamwork.table_constraints(target) d),
            'foreign_keys', ARRAY(SELECT d FROM teamwork.table_foreign_keys(target) d),
            'row_triggers', ARRAY(SELECT d FROM teamwork.table_row_triggers(target) d))
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target);
END
$$;
COMMENT ON FUNCTION teamwork.table_description(regclass) IS 'What an import has to know of a table: its name as any search_path understands it, the columns by which a row is found again, and table_columns(), table_checks(), table_indexes(), table_constraints(), table_foreign_keys() and table_row_triggers(); NULL when it is gone';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   table_description

-- The bulk path: what has to be true of a table so that rows may go into it past the executor, and what such rows hold.
-- src/import/bulk.rs is the only caller, but for what src/import/suspects.rs asks.

CREATE FUNCTION teamwork.bulk_obstacles(target regclass, role name) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'is no plain table' FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam
    WHERE c.oid = target AND (c.relkind <> 'r' OR c.relispartition OR c.relhassubclass OR a.amname IS DISTINCT FROM 'heap')
    UNION ALL
    SELECT format('has the rule %s', r.rulename) FROM pg_rewrite r WHERE r.ev_class = target
    UNION ALL
    -- What fires after each row, table_row_triggers() has fired. What fires on UPDATE, once a statement, does so also on an INSERT ...
    -- ON CONFLICT DO UPDATE that updates nothing. The internal ones are those of keys.
    SELECT format('has the trigger %s', t.name) FROM teamwork.enabled_triggers t
    WHERE t.relation = target AND NOT t.is_internal
      AND (t.on_insert AND ((t.timing, t.level) <> ('after', 'row') OR t.has_new_table) OR t.on_update AND t.level = 'statement')
    UNION ALL
    SELECT format('has the constraint %s', k.conname) FROM pg_constraint k
    WHERE k.conrelid = target AND (k.contype = 'x' OR k.contype IN ('p', 'u') AND k.condeferrable)
    UNION ALL
    SELECT format('has the index %s', i.indexrelid::regclass) FROM pg_index i
    -- Invalid ones take entries as any, as soon as they are ready; to those that are not, they come when this transaction has ended.
    WHERE i.indrelid = target AND i.indislive
      AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR NOT i.indimmediate OR i.indisexclusion)
    UNION ALL
    SELECT format('has the generated column %s', a.attname) FROM pg_attribute a
    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> ''
    UNION ALL
    -- A domain has constraints and a default of its own, for NULL too.
    SELECT format('has the column %s of type %s, which has rules of its own', a.attname, a.atttypid::regtype)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped AND (t.typtype = 'd' OR t.typdefault IS NOT NULL)
    UNION ALL
    SELECT teamwork.policy_drift(target)
    UNION ALL
    SELECT format('has the policy "%s"', p.polname) FROM pg_policy p
    WHERE p.polrelid = target AND p.polname NOT IN (SELECT t.name FROM teamwork.team_policies(target) t)
    UNION ALL
    SELECT format('refuses %s to %s', w.privilege, role) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) w (privilege)
    WHERE NOT has_table_privilege(role, target, w.privilege)
    UNION ALL
    SELECT format('is in the schema %s, which %s may not use', n.nspname, role)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = target AND NOT has_schema_privilege(role, n.oid, 'USAGE')
    UNION ALL
    SELECT format('has no policy for %s', role) WHERE NOT pg_has_role(role, 'authenticated', 'USAGE')
$$;
COMMENT ON FUNCTION teamwork.bulk_obstacles(regclass, name) IS 'Why rows cannot go into a table past the executor: what an INSERT by that role would do that the bulk path does not';

CREATE FUNCTION teamwork.random_uuids() RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('%s()', p.oid::regproc) FROM pg_proc p
    LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    LEFT JOIN pg_extension e ON e.oid = d.refobjid
    WHERE (p.proname = 'gen_random_uuid' AND (p.pronamespace = 'pg_catalog'::regnamespace OR e.extname = 'pgcrypto')
           OR p.proname = 'uuid_generate_v4' AND e.extname = 'uuid-ossp')
      AND p.pronargs = 0 AND has_function_privilege('public', p.oid, 'EXECUTE')
$$;
COMMENT ON FUNCTION teamwork.random_uuids() IS 'The calls, as a default is printed, that make a random UUID of version 4 and that everybody may make';

CREATE FUNCTION teamwork.common_keys(target regclass, OUT id oid, OUT attribute name) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.oid, a.attname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = target AND k.conkey = ARRAY[a.attnum]
    WHERE k.conrelid = target AND k.contype = 'f' AND a.attname IN ('owner_id', 'admin_id', 'import_id')
$$;
COMMENT ON FUNCTION teamwork.common_keys(regclass) IS 'The foreign keys of a table in which every row of an import has the same value: owner, team or job';

CREATE FUNCTION teamwork.lock_parents(target regclass, owner uuid, team uuid, job uuid) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent record;
    is_there boolean;
BEGIN
    FOR parent IN
        SELECT k.confrelid::regclass AS name, p.attname AS key,
               CASE c.attribute WHEN 'owner_id' THEN owner WHEN 'admin_id' THEN team ELSE job END AS value
        FROM teamwork.common_keys(target) c
        JOIN pg_constraint k ON k.oid = c.id
        JOIN pg_attribute p ON p.attrelid = k.confrelid AND k.confkey = ARRAY[p.attnum]
    LOOP
        EXECUTE format('SELECT true FROM ONLY %s p WHERE p.%I = $1 FOR KEY SHARE', parent.name, parent.key)
            INTO is_there USING parent.value;
        IF is_there IS NULL THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$$;
COMMENT ON FUNCTION teamwork.lock_parents(regclass, uuid, uuid, uuid) IS 'Proves the common_keys() of every row of an import at once: locks their parents, as each row''s own check would; false when one is not there';

CREATE FUNCTION teamwork.unneeded_triggers(target regclass, owner uuid, team uuid, job uuid) RETURNS oid[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A trigger before the row may give it another owner, team or job, and a rule another table.
    IF EXISTS (SELECT FROM teamwork.enabled_triggers t
               WHERE t.relation = target AND t.timing = 'before' AND t.level = 'row' AND t.on_insert)
       OR EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = target)
       OR NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = target AND c.relkind = 'r')
       OR NOT teamwork.lock_parents(target, owner, team, job) THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(SELECT t.oid FROM teamwork.enabled_triggers t JOIN teamwork.common_keys(target) k ON k.id = t.constraint_id
                 WHERE t.relation = target AND t.timing = 'after' AND t.level = 'row' AND t.on_insert);
END
$$;
COMMENT ON FUNCTION teamwork.unneeded_triggers(regclass, uuid, uuid, uuid) IS 'The triggers that would check the common_keys() of each row that an import inserts by statements, if lock_parents() has proved them all at once';

CREATE FUNCTION teamwork.update_obstacles(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- keep_owner has nothing to do as long as nobody changes a row's owner, team or id, and what touch_row does,
    -- the bulk path does. Foreign keys to the table have nothing to do either: they want a unique index, whose columns no update in
    -- bulk changes.
    SELECT format('has the trigger %s', t.name) FROM teamwork.enabled_triggers t
    WHERE t.relation = target AND NOT t.is_internal AND t.on_update AND t.name NOT IN ('keep_owner', 'touch_row')
    UNION ALL
    SELECT format('has the foreign key %s', k.conname) FROM pg_constraint k
    WHERE k.conrelid = target AND k.contype = 'f' AND k.oid NOT IN (SELECT c.id FROM teamwork.common_keys(target) c)
    UNION ALL
    SELECT teamwork.trigger_drift(target)
    UNION ALL
    SELECT 'is written to without its triggers' WHERE current_setting('session_replication_role') = 'replica'
    UNION ALL
    SELECT 'has no updated_at of type timestamptz' WHERE NOT EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = target AND a.attname = 'updated_at' AND a.atttypid = 'timestamptz'::regtype AND a.atttypmod < 0)
    UNION ALL
    SELECT 'has no updated_by of type uuid' WHERE NOT EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attname = 'updated_by' AND a.atttypid = 'uuid'::regtype)
    UNION ALL
    -- Others are true of what an update leaves as it is.
    SELECT format('has the constraint %s, which nobody has proved of its rows', k.conname) FROM pg_constraint k
    WHERE k.conrelid = target AND k.contype IN ('c', 'n') AND NOT k.convalidated
    UNION ALL
    -- An UPDATE proves that subscribers can find the row.
    SELECT format('is published by %s', p.pubname) FROM pg_publication_tables p
    JOIN pg_class c ON c.relname = p.tablename JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = p.schemaname
    WHERE c.oid = target
$$;
COMMENT ON FUNCTION teamwork.update_obstacles(regclass) IS 'Why rows that the table has already cannot be updated on the bulk path: what an UPDATE would do that the bulk path does not; no rows when nothing is in the way
For: administrators
Errors: none';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   bulk
--   teamwork::run_preview

-- The preview: an import that is run in the caller's session and taken back. src/import/preview.rs is the other half.

COMMENT ON FUNCTION teamwork.run_preview(text, text, text, text) IS 'What an import of a CSV by the caller would do: does it under row-level security, takes it back, and tells, as JSON; NULL for who is an active member of no team';

CREATE FUNCTION preview_import(data_type text, csv text, mapping jsonb DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target regclass;
BEGIN
    PERFORM teamwork.require_member();
    IF current_setting('transaction_read_only')::boolean THEN
        RAISE EXCEPTION 'cannot execute preview_import() in a read-only transaction'
            USING ERRCODE = 'read_only_sql_transaction',
                  DETAIL = 'A preview writes the rows and takes them back: the table itself says what would become of them.',
                  HINT = CASE WHEN pg_is_in_recovery() THEN 'Ask the primary server.' ELSE 'With PostgREST, call it by POST.' END;
    END IF;
    target := teamwork.check_data_type(data_type);
    mapping := coalesce(nullif(mapping, 'null'), '{}');
    options := coalesce(nullif(options, 'null'), '{}');
    PERFORM teamwork.check_options('import', options);
    PERFORM teamwork.check_mapping(target, mapping);
    RETURN teamwork.run_preview(data_type, coalesce(csv, ''), mapping::text, options::text)::jsonb;
END
$$;
COMMENT ON FUNCTION preview_import(text, text, jsonb, jsonb) IS 'What an import of the CSV would do: dialect, mapping, the first rows as they would be stored, and the counts; writes nothing
Errors: 42501 unless the caller is an active member of a team; 22023 if the data type or an option is invalid; 42703 if the mapping names a column that a file cannot fill; 22P04 if the text is not CSV; 25006 in a read-only transaction';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   preview

-- Exports: how they are submitted, what a running one asks of the catalog, the file it leaves, and how members get it. The
-- functions without a word on who calls them are src/export's.

-- Submission ----------------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.export_columns(target regclass, OUT name text, OUT is_text boolean, OUT is_importable boolean)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.attname::text,
           -- By category, which domains have from their base types: not numbers, booleans, dates and times. JSON is no text
           -- for a spreadsheet either: it begins with a brace, a bracket, a quote or a number.
           t.typcategory NOT IN ('N', 'B', 'D', 'T') AND a.atttypid NOT IN ('json'::regtype, 'jsonb'::regtype),
           a.attname IN (SELECT c.name FROM teamwork.import_columns(target) c)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
$$;
COMMENT ON FUNCTION teamwork.export_columns(regclass) IS 'The columns that a file may have; is_text: what people write, and could be a formula; is_importable: exported without being asked for, as an import could fill it';

CREATE FUNCTION teamwork.check_export(target regclass, file_data jsonb) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    chosen CONSTANT jsonb := nullif(file_data -> 'options' -> 'columns', 'null');
    table_name CONSTANT name := (SELECT c.relname FROM pg_class c WHERE c.oid = target);
    stray text;
    problem text;
BEGIN
    IF jsonb_typeof(file_data) <> 'object' THEN
        RAISE EXCEPTION 'file_data must be a JSON object' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT d.key INTO stray FROM jsonb_each(file_data) d
    WHERE d.key IN ('records', 'upload_id', 'mapping') AND d.value <> 'null' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an export takes no %', stray
            USING ERRCODE = 'invalid_parameter_value', HINT = 'It reads the table. Give options only, or submit an import.';
    END IF;
    IF chosen IS NULL THEN
        IF NOT EXISTS (SELECT FROM teamwork.export_columns(target) c WHERE c.is_importable) THEN
            problem := format('table %s has no column that an import could fill', table_name);
        END IF;
    ELSE
        SELECT CASE WHEN e.name IS NULL THEN format('column "%s" does not exist in table %s', n.name, table_name)
                    ELSE format('column "%s" is named twice', n.name) END INTO problem
        FROM jsonb_array_elements_text(chosen) n (name) LEFT JOIN teamwork.export_columns(target) e ON e.name = n.name
        GROUP BY n.name, e.name HAVING e.name IS NULL OR count(*) > 1 LIMIT 1;
    END IF;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem
            USING ERRCODE = 'undefined_column',
                  DETAIL = format('The columns are: %s.', (SELECT string_agg(c.name, ', ') FROM teamwork.export_columns(target) c)),
                  HINT = 'Name columns of the table with the option "columns", each once.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_export(regclass, jsonb) IS 'Refuses an export with a source, or of columns that the table does not have';

CREATE FUNCTION create_export_job(data_type text, file_name text DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS uuid
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    SELECT @extschema@.create_scheduled_job('export', data_type, now(), file_name, NULL, options)
$$;
COMMENT ON FUNCTION create_export_job(text, text, jsonb) IS 'Exports the rows of a protected table that the caller sees as CSV, in the background; returns the job''s id, for download_export()
Errors: 42501 unless the caller is an active member of a team; 22023 if the data type or an option is invalid; 42703 if a column does not exist';

-- The file ------------------------------------------------------------------------------------------------------------

CREATE TABLE teamwork.export_chunks (
    -- Checked at commit, as that of scheduled_job_errors: the job can be deleted while it runs.
    job_id uuid NOT NULL REFERENCES scheduled_jobs (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    data text NOT NULL,
    PRIMARY KEY (job_id, ordinal)
);
COMMENT ON TABLE teamwork.export_chunks IS 'The files that exports have made, in parts; they go with their jobs; download_export() and export_chunk() read them
For: members';
COMMENT ON COLUMN teamwork.export_chunks.ordinal IS 'From 1; the parts in their order are the file, and may end in the middle of a row';

-- Compressed, for files are kept as long as their jobs: to two fifths, measured on a stock list. LZ4 does it without making
-- an export slower; pglz, which is what a server built without LZ4 has, doubles its time.
DO $$
BEGIN
    ALTER TABLE teamwork.export_chunks ALTER COLUMN data SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END
$$;

ALTER TABLE teamwork.export_chunks ENABLE ROW LEVEL SECURITY;
CREATE POLICY "team members read the team's exports" ON teamwork.export_chunks FOR SELECT TO authenticated
    USING (EXISTS (SELECT FROM scheduled_jobs j
                   WHERE j.id = job_id AND j.organization_id = (SELECT get_current_user_admin_id())));

CREATE FUNCTION teamwork.export_order(target regclass) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(teamwork.not_null_key(target), teamwork.primary_key(target), '{}')
$$;
COMMENT ON FUNCTION teamwork.export_order(regclass) IS 'The columns that an export is sorted by: the table''s key, else its primary key, else none';

CREATE FUNCTION teamwork.forget_export(job_id uuid) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    AS $$ DELETE FROM teamwork.export_chunks c WHERE c.job_id = forget_export.job_id $$;
COMMENT ON FUNCTION teamwork.forget_export(uuid) IS 'Deletes the file of an export that is run again';

CREATE FUNCTION teamwork.add_export_chunk(job_id uuid, ordinal integer, data text) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO teamwork.export_chunks (job_id, ordinal, data)
    VALUES (add_export_chunk.job_id, add_export_chunk.ordinal, add_export_chunk.data)
$$;
COMMENT ON FUNCTION teamwork.add_export_chunk(uuid, integer, text) IS 'Adds to the file of an export';

-- Download: with the caller's rights, under the row-level security of jobs and chunks -------------------------------------

CREATE FUNCTION teamwork.require_export(job_id uuid) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job CONSTANT @extschema@.scheduled_jobs := teamwork.require_job(job_id, 'export');
BEGIN
    IF job.status <> 'completed' THEN
        RAISE EXCEPTION 'export % has no file', job_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('Its status is %s.', job.status),
                  HINT = CASE WHEN job.status IN ('pending', 'processing') THEN 'Wait for its end with wait_for_job().'
                              ELSE 'Look at error_message in scheduled_jobs; retry_job() runs it again.' END;
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.require_export(uuid) IS 'An error unless the caller sees such a job, and it is an export that has completed';

CREATE FUNCTION download_export(job_id uuid) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- PostgreSQL's limit for a value is 1 GiB less a byte, with the message that takes it to the client.
    max_bytes CONSTANT bigint := 1000000000;
    bytes bigint;
BEGIN
    PERFORM teamwork.require_export(job_id);
    -- Known without reading the text.
    SELECT sum(octet_length(c.data)) INTO bytes FROM teamwork.export_chunks c WHERE c.job_id = download_export.job_id;
    IF bytes > max_bytes THEN
        RAISE EXCEPTION 'export % is too large for one value', job_id
            USING ERRCODE = 'program_limit_exceeded', DETAIL = format('It has %s bytes; a value may have %s.', bytes, max_bytes),
                  HINT = 'Read it in parts: export_chunk(job_id, 1), export_chunk(job_id, 2) and so on, until NULL.';
    END IF;
    RETURN (SELECT string_agg(c.data, '' ORDER BY c.ordinal) FROM teamwork.export_chunks c WHERE c.job_id = download_export.job_id);
END
$$;
COMMENT ON FUNCTION download_export(uuid) IS 'The CSV file that an export of the caller''s team has made
Errors: P0002 if the caller''s team has no such job; 42809 if the job is not an export; 55000 if it has not completed; 54000 if the file has more than 1 GB';

CREATE FUNCTION export_chunk(job_id uuid, ordinal integer) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.require_export(job_id);
    RETURN (SELECT c.data FROM teamwork.export_chunks c WHERE c.job_id = export_chunk.job_id AND c.ordinal = export_chunk.ordinal);
END
$$;
COMMENT ON FUNCTION export_chunk(uuid, integer) IS 'One part of the file of an export, counted from 1; NULL after the last; joined in their order the parts are the file
Errors: P0002 if the caller''s team has no such job; 42809 if the job is not an export; 55000 if it has not completed';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   exports

-- Acting as a user in psql, and asking why a user may or may not do something. For database administrators.

CREATE FUNCTION teamwork.login_as(user_id uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF user_id IS NULL THEN
        RAISE EXCEPTION 'user_id must not be null'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'teamwork.logout() makes the session nobody''s.';
    ELSIF NOT EXISTS (SELECT FROM auth.users u WHERE u.id = user_id) THEN
        RAISE EXCEPTION 'user % does not exist', user_id
            USING ERRCODE = 'no_data_found', HINT = 'SELECT id, email, role FROM user_profiles shows the members of teams.';
    END IF;
    PERFORM teamwork.set_claims(jsonb_strip_nulls(jsonb_build_object(
        'sub', user_id, 'role', 'authenticated',
        -- An auth schema of somebody else's making may have no such column.
        'email', (SELECT to_jsonb(u) ->> 'email' FROM auth.users u WHERE u.id = user_id))), false);
    PERFORM set_config('role', 'authenticated', false);
END
$$;
COMMENT ON FUNCTION teamwork.login_as(uuid) IS 'Makes the session act as a user, under the role authenticated, until teamwork.logout()
For: administrators
Errors: 22004 if the user is NULL; P0002 if the user does not exist';

-- Not SECURITY DEFINER: the role cannot be changed in there. The role authenticated may execute it, for that is what the
-- session is after login_as; who could not have called login_as is refused.
CREATE FUNCTION teamwork.logout() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT (teamwork.goes_by_token() OR has_function_privilege(session_user, 'teamwork.login_as(uuid)', 'EXECUTE')) THEN
        RAISE EXCEPTION 'permission denied to log out'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'The session was logged in neither by teamwork.login() nor by teamwork.login_as().';
    END IF;
    PERFORM teamwork.set_claims(NULL, false);
    IF teamwork.goes_by_token() THEN
        PERFORM set_config('teamwork.token', '', false);
    ELSE
        EXECUTE 'RESET ROLE';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.logout() IS 'Ends teamwork.login() or teamwork.login_as(): the session has no claims any more, and after login_as() its own role again
For: administrators and members
Errors: 42501 if the login role may call neither';

-- explain_access: one fact a function, put together at the end ---------------------------------------------------------

CREATE FUNCTION teamwork.team_of(user_id uuid) RETURNS uuid
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.id FROM @extschema@.user_profiles p JOIN @extschema@.user_profiles a ON a.id = coalesce(p.admin_id, p.id)
    WHERE p.id = user_id AND p.is_active AND a.is_active
$$;
COMMENT ON FUNCTION teamwork.team_of(uuid) IS 'What get_current_user_admin_id() answers when the user calls it';

CREATE FUNCTION teamwork.why_no_team(user_id uuid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN user_id IS NULL THEN 'nobody is asking: the user is NULL'
        WHEN u.id IS NULL THEN format('user %s does not exist in auth.users', user_id)
        WHEN p.id IS NULL THEN format('user %s has no row in user_profiles', user_id)
        WHEN NOT p.is_active THEN format('user %s is deactivated since their profile has is_active = false', user_id)
        WHEN NOT a.is_active
            THEN format('the admin of user %s, %s, is deactivated since their profile has is_active = false', user_id, a.id)
        END
    FROM (SELECT) once
    LEFT JOIN auth.users u ON u.id = user_id
    LEFT JOIN @extschema@.user_profiles p ON p.id = user_id
    LEFT JOIN @extschema@.user_profiles a ON a.id = p.admin_id
$$;
COMMENT ON FUNCTION teamwork.why_no_team(uuid) IS 'Why a user is an active member of no team; NULL for one who is';

CREATE FUNCTION teamwork.describe_user(user_id uuid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((
        SELECT concat_ws(', ', coalesce(p.full_name, p.email, 'no name'), p.role,
                         CASE WHEN p.is_active THEN 'active' ELSE 'deactivated' END,
                         CASE WHEN p.admin_id IS NULL THEN 'the admin of team ' || p.id
                              ELSE format('team %s (%s, %s)', a.id, coalesce(a.full_name, a.email, 'no name'),
                                          CASE WHEN a.is_active THEN 'active' ELSE 'deactivated' END) END)
        FROM @extschema@.user_profiles p LEFT JOIN @extschema@.user_profiles a ON a.id = p.admin_id WHERE p.id = user_id), 'no profile')
$$;
COMMENT ON FUNCTION teamwork.describe_user(uuid) IS 'Name, role, activity and team of a user, in a line';

CREATE FUNCTION teamwork.granted_columns(target regclass, command text) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN has_table_privilege('authenticated', target, command) THEN '' ELSE (
        SELECT ' of ' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped
          -- There is no DELETE of a column.
          AND CASE WHEN command <> 'DELETE' THEN has_column_privilege('authenticated', target, a.attnum, command) END) END
$$;
COMMENT ON FUNCTION teamwork.granted_columns(regclass, text) IS 'Of which columns authenticated holds a privilege: empty for the whole table, NULL for none';

CREATE FUNCTION teamwork.applicable_policies(target regclass, command text, OUT name name, OUT permissive boolean, OUT rule text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.polname, p.polpermissive,
           -- As people write it, like name_of(), and on one line.
           regexp_replace(replace(
               pg_get_expr(CASE command WHEN 'INSERT' THEN coalesce(p.polwithcheck, p.polqual) ELSE p.polqual END, p.polrelid),
               '@extschema@.', ''), '\s+', ' ', 'g')
    FROM pg_policy p
    WHERE p.polrelid = target
      AND p.polcmd = ANY (CASE command WHEN 'SELECT' THEN '{*,r}' WHEN 'INSERT' THEN '{*,a}' WHEN 'UPDATE' THEN '{*,w}'
                                       ELSE '{*,d}' END::"char"[])
      AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role('authenticated', r, 'USAGE'))
    ORDER BY NOT p.polpermissive, p.polname
$$;
COMMENT ON FUNCTION teamwork.applicable_policies(regclass, text) IS 'The policies that PostgreSQL applies to a command of authenticated';

CREATE FUNCTION teamwork.allowed_commands(user_id uuid, target regclass) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((SELECT r.commands FROM teamwork.table_rules r JOIN @extschema@.user_profiles p ON p.role = r.role
                     WHERE r.target = allowed_commands.target AND p.id = user_id), '{SELECT,INSERT,UPDATE,DELETE}')
$$;
COMMENT ON FUNCTION teamwork.allowed_commands(uuid, regclass) IS 'What the rules of a table let a user do';

CREATE FUNCTION teamwork.access_verdict(user_id uuid, target regclass, command text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    team CONSTANT uuid := teamwork.team_of(user_id);
    relation pg_class;
    is_team_data CONSTANT boolean := EXISTS (SELECT FROM teamwork.protections p WHERE p.target = access_verdict.target)
        AND NOT EXISTS (SELECT FROM teamwork.policy_drift(access_verdict.target))
        AND (SELECT count(*) FROM teamwork.applicable_policies(access_verdict.target, command)) = 1;
BEGIN
    SELECT * INTO relation FROM pg_class c WHERE c.oid = target;
    RETURN CASE
        WHEN pg_has_role('authenticated', relation.relowner, 'USAGE') AND NOT relation.relforcerowsecurity
            THEN 'not protected: authenticated has the rights of the owner of ' || teamwork.name_of(target)
        WHEN teamwork.granted_columns(target, command) IS NULL
            THEN format('denied: authenticated has no %s privilege on %s', command, teamwork.name_of(target))
        WHEN relation.relkind NOT IN ('r', 'p') THEN format('%s is not a table: ask about the tables beneath it', teamwork.name_of(target))
        WHEN NOT relation.relrowsecurity
            THEN format('not protected: %s has no row-level security, every row is open', teamwork.name_of(target))
        WHEN NOT EXISTS (SELECT FROM teamwork.applicable_policies(target, command) p WHERE p.permissive)
            THEN 'denied: no policy for ' || command
        -- Who is in no team may read and, to register, insert the own profile.
        WHEN team IS NULL AND target = '@extschema@.user_profiles'::regclass AND command = 'SELECT'
             AND EXISTS (SELECT FROM @extschema@.user_profiles p WHERE p.id = user_id)
            THEN 'allowed for the own profile only: ' || teamwork.why_no_team(user_id)
        WHEN team IS NULL AND target = '@extschema@.user_profiles'::regclass AND command = 'INSERT'
             AND NOT EXISTS (SELECT FROM @extschema@.user_profiles p WHERE p.id = user_id)
             AND EXISTS (SELECT FROM auth.users u WHERE u.id = user_id)
            THEN 'allowed for the own profile as admin: ' || teamwork.why_no_team(user_id)
        WHEN team IS NULL AND NOT EXISTS (SELECT FROM teamwork.applicable_policies(target, command) p
                                          WHERE p.permissive AND p.rule !~ 'get_current_user_admin_id')
            THEN 'denied: ' || teamwork.why_no_team(user_id)
        WHEN is_team_data AND NOT command = ANY (teamwork.allowed_commands(user_id, target))
            THEN format('denied: a rule of %s forbids %s to the role %s', teamwork.name_of(target), command,
                        (SELECT p.role FROM @extschema@.user_profiles p WHERE p.id = user_id))
        WHEN is_team_data AND command = 'INSERT'
            THEN format('allowed for rows whose admin_id is %s and whose owner_id is %s, which are the defaults', team, user_id)
        WHEN is_team_data THEN 'allowed for rows whose admin_id is ' || team
        ELSE format('allowed for rows that pass, where get_current_user_admin_id() is %s and current_user_id() is %s',
                    coalesce(team::text, 'NULL'), coalesce(user_id::text, 'NULL'))
        END;
END
$$;
COMMENT ON FUNCTION teamwork.access_verdict(uuid, regclass, text) IS 'Whether a user may do something with a table, for which rows, and the fact that decides';

CREATE FUNCTION teamwork.explain_access(user_id uuid, target regclass, command text DEFAULT 'SELECT') RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted CONSTANT text := upper(command);
    relation pg_class;
BEGIN
    SELECT * INTO relation FROM pg_class c WHERE c.oid = target;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'relation % does not exist', coalesce(target::text, 'NULL') USING ERRCODE = 'undefined_table';
    ELSIF coalesce(wanted NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'), true) THEN
        RAISE EXCEPTION 'unrecognized command: %', coalesce(quote_literal(command), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The commands are SELECT, INSERT, UPDATE and DELETE.';
    END IF;
    RETURN concat_ws(E'\n',
        format('%s on %s by user %s', wanted, teamwork.name_of(target), coalesce(user_id::text, 'NULL')),
        'user: ' || teamwork.describe_user(user_id),
        'grant: authenticated may ' || coalesce(wanted || teamwork.granted_columns(target, wanted), 'not ' || wanted),
        format('row-level security: %s, %s', CASE WHEN relation.relrowsecurity THEN 'enabled' ELSE 'disabled' END,
               CASE WHEN relation.relforcerowsecurity THEN 'forced' ELSE 'not forced' END),
        (SELECT string_agg(format('%s policy: "%s": %s', CASE WHEN p.permissive THEN 'permissive' ELSE 'restrictive' END,
                                  p.name, coalesce(p.rule, 'true')), E'\n')
         FROM teamwork.applicable_policies(target, wanted) p),
        (SELECT format('hidden columns: %s, NULL for the role %s', array_to_string(r.hidden_columns, ', '), r.role)
         FROM teamwork.table_rules r JOIN @extschema@.user_profiles p ON p.role = r.role
         WHERE r.target = explain_access.target AND p.id = user_id AND r.hidden_columns <> '{}'),
        teamwork.access_verdict(user_id, target, wanted));
END
$$;
COMMENT ON FUNCTION teamwork.explain_access(uuid, regclass, text) IS 'Who a user is, which grants, flags and policies decide about a command on a table, and what they decide
For: administrators
Errors: 42P01 if the table does not exist; 22023 if the command is not SELECT, INSERT, UPDATE or DELETE';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   sessions

-- The baseline: what the script has made of the extension's own tables, kept so that teamwork.doctor() can tell what was
-- changed by hand. pg_dump leaves such changes out, for it dumps CREATE EXTENSION in place of its members.

CREATE TABLE teamwork.baseline (
    target regclass NOT NULL,
    kind text NOT NULL,
    name name NOT NULL,
    definition text NOT NULL,
    PRIMARY KEY (target, kind, name)
);
COMMENT ON TABLE teamwork.baseline IS 'What the extension''s script has made of its own tables; teamwork.record_baseline() writes it';

CREATE FUNCTION teamwork.policy_statement(policy oid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', p.polname, teamwork.full_name(p.polrelid),
        CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
        CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
        (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END, ', ') FROM unnest(p.polroles) r),
        ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
    FROM pg_policy p WHERE p.oid = policy
$$;
COMMENT ON FUNCTION teamwork.policy_statement(oid) IS 'The statement that makes a policy';

CREATE FUNCTION teamwork.enable_always(trigger oid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('; ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', teamwork.full_name(t.tgrelid), t.tgname)
    FROM pg_trigger t WHERE t.oid = trigger
$$;
COMMENT ON FUNCTION teamwork.enable_always(oid) IS 'What follows the definition of a trigger that fires always';

CREATE FUNCTION teamwork.current_definitions(OUT target regclass, OUT kind text, OUT name name, OUT definition text) RETURNS SETOF record
    -- What a session wants of dates and intervals is no change.
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET intervalstyle = postgres SET datestyle = iso SET timezone = utc
AS $$
    -- auth is Supabase's, whoever made it: auth services add columns and triggers to it.
    WITH own AS (SELECT c.* FROM teamwork.own_tables() t JOIN pg_class c ON c.oid = t WHERE c.relnamespace <> to_regnamespace('auth'))
    SELECT o.oid::regclass, d.kind, d.name, d.definition FROM own o, LATERAL (
        SELECT 'column', a.attname, format_type(a.atttypid, a.atttypmod)
        FROM pg_attribute a WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT 'NOT NULL of column', a.attname, 'SET NOT NULL'
        FROM pg_attribute a WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull
        UNION ALL
        SELECT 'default of column', a.attname, 'SET DEFAULT ' || pg_get_expr(e.adbin, e.adrelid)
        FROM pg_attrdef e JOIN pg_attribute a ON a.attrelid = e.adrelid AND a.attnum = e.adnum
        WHERE e.adrelid = o.oid AND a.attgenerated = ''
        UNION ALL
        SELECT 'constraint', k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k WHERE k.conrelid = o.oid AND k.contype <> 't'
        UNION ALL
        SELECT 'index', c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = o.oid AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.conrelid = o.oid)
        UNION ALL
        SELECT 'policy', p.polname, teamwork.policy_statement(p.oid) FROM pg_policy p WHERE p.polrelid = o.oid
        UNION ALL
        SELECT 'trigger', t.tgname, pg_get_triggerdef(t.oid) || CASE t.tgenabled
            WHEN 'O' THEN '' WHEN 'A' THEN teamwork.enable_always(t.oid) ELSE ' -- disabled' END
        FROM pg_trigger t WHERE t.tgrelid = o.oid AND NOT t.tgisinternal
        UNION ALL
        SELECT 'rule', r.rulename, pg_get_ruledef(r.oid) FROM pg_rewrite r WHERE r.ev_class = o.oid
        UNION ALL
        SELECT 'row-level security', f.name, format('ALTER TABLE %s %s ROW LEVEL SECURITY', teamwork.full_name(o.oid), f.action)
        FROM (VALUES ('enabled', 'ENABLE', o.relrowsecurity), ('forced', 'FORCE', o.relforcerowsecurity)) f (name, action, is_set)
        WHERE f.is_set) d (kind, name, definition)
$$;
COMMENT ON FUNCTION teamwork.current_definitions() IS 'What the extension''s own tables have now: columns, constraints, indexes, policies, triggers, rules and flags';

CREATE FUNCTION teamwork.record_baseline() RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM teamwork.baseline;
    INSERT INTO teamwork.baseline (target, kind, name, definition)
    SELECT d.target, d.kind, d.name, d.definition FROM teamwork.current_definitions() d;
$$;
COMMENT ON FUNCTION teamwork.record_baseline() IS 'Last step of an install or update script: what is there now is what shall be';

CREATE FUNCTION teamwork.baseline_drift(OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN b.kind = 'row-level security' THEN format('table %s has row-level security not %s', teamwork.name_of(b.target), b.name)
                WHEN d.target IS NULL THEN format('table %s lacks the %s %I', teamwork.name_of(b.target), b.kind, b.name)
                ELSE format('table %s has the %s %I changed', teamwork.name_of(b.target), b.kind, b.name) END,
           CASE b.kind
               WHEN 'policy' THEN
                   CASE WHEN d.target IS NULL THEN '' ELSE format('DROP POLICY %I ON %s; ', b.name, teamwork.full_name(b.target)) END
               WHEN 'trigger' THEN
                   CASE WHEN d.target IS NULL THEN '' ELSE format('DROP TRIGGER %I ON %s; ', b.name, teamwork.full_name(b.target)) END
               WHEN 'column' THEN format('ALTER TABLE %s ', teamwork.full_name(b.target))
                   || CASE WHEN d.target IS NULL THEN format('ADD %I ', b.name) ELSE format('ALTER %I TYPE ', b.name) END
               ELSE '' END || b.definition || ';'
    FROM teamwork.baseline b
    LEFT JOIN teamwork.current_definitions() d ON (d.target, d.kind, d.name) = (b.target, b.kind, b.name)
    WHERE d.definition IS DISTINCT FROM b.definition
      -- A trigger that fires always does what it shall, and more.
      AND NOT coalesce(b.kind = 'trigger' AND starts_with(d.definition, b.definition || '; ALTER TABLE '), false)
      -- Of team data, teamwork.protection_drift() knows what shall be.
      AND (b.kind = 'column' OR b.kind IN ('policy', 'trigger', 'row-level security')
                                AND b.target NOT IN (SELECT p.target FROM teamwork.protections p))
    UNION ALL
    -- A stranger's policy is more than a loss to a dump: permissive ones add up.
    SELECT format('table %s has the policy %I besides the extension''s', teamwork.name_of(d.target), d.name),
           format('DROP POLICY %I ON %s;', d.name, teamwork.full_name(d.target))
    FROM teamwork.baseline_additions() d WHERE d.kind = 'policy' AND d.target NOT IN (SELECT p.target FROM teamwork.protections p)
$$;
COMMENT ON FUNCTION teamwork.baseline_drift() IS 'What is missing or changed of the extension''s own tables, and policies that are not its';

-- What a dump leaves behind --------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.drop_statement(target regclass, kind text, name name) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE kind
        WHEN 'row-level security' THEN format('ALTER TABLE %s %s ROW LEVEL SECURITY;', t.name,
                                         CASE drop_statement.name WHEN 'forced' THEN 'NO FORCE' ELSE 'DISABLE' END)
        WHEN 'column' THEN format('ALTER TABLE %s DROP COLUMN %I; -- once its data is in a table of your own', t.name, drop_statement.name)
        WHEN 'NOT NULL of column' THEN format('ALTER TABLE %s ALTER %I DROP NOT NULL;', t.name, drop_statement.name)
        WHEN 'default of column' THEN format('ALTER TABLE %s ALTER %I DROP DEFAULT;', t.name, drop_statement.name)
        WHEN 'constraint' THEN format('ALTER TABLE %s DROP CONSTRAINT %I;', t.name, drop_statement.name)
        WHEN 'index' THEN format('DROP INDEX %I.%I;', (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                                       WHERE c.oid = drop_statement.target), drop_statement.name)
        ELSE format('DROP %s %I ON %s;', upper(kind), drop_statement.name, t.name) END
    FROM teamwork.full_name(target) t (name)
$$;
COMMENT ON FUNCTION teamwork.drop_statement(regclass, text, name) IS 'The statement that takes away what was added to a table of the extension';

CREATE FUNCTION teamwork.baseline_additions(OUT target regclass, OUT kind text, OUT name name, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT d.target, d.kind, d.name, teamwork.drop_statement(d.target, d.kind, d.name)
    FROM teamwork.current_definitions() d
    WHERE d.target IN (SELECT b.target FROM teamwork.baseline b)
      AND NOT EXISTS (SELECT FROM teamwork.baseline b WHERE (b.target, b.kind, b.name) = (d.target, d.kind, d.name))
      -- What belongs to a column that was added goes with it.
      AND NOT (d.kind IN ('NOT NULL of column', 'default of column')
               AND NOT EXISTS (SELECT FROM teamwork.baseline b WHERE (b.target, b.kind, b.name) = (d.target, 'column', d.name)))
$$;
COMMENT ON FUNCTION teamwork.baseline_additions() IS 'What was added by hand to the extension''s own tables, with the statement that takes it away';

CREATE FUNCTION teamwork.baseline_changes(OUT target regclass, OUT kind text, OUT name name, OUT change text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT b.target, b.kind, b.name, CASE WHEN d.target IS NULL THEN 'taken away' ELSE 'changed' END,
           CASE WHEN d.target IS NULL OR b.kind LIKE '% of column' THEN '' ELSE teamwork.drop_statement(b.target, b.kind, b.name) || ' ' END
           || CASE WHEN b.kind = 'index' THEN b.definition
                   ELSE format('ALTER TABLE %s ', teamwork.full_name(b.target))
                        || CASE b.kind WHEN 'constraint' THEN format('ADD CONSTRAINT %I ', b.name) ELSE format('ALTER %I ', b.name) END
                        || b.definition END || ';'
    FROM teamwork.baseline b
    LEFT JOIN teamwork.current_definitions() d ON (d.target, d.kind, d.name) = (b.target, b.kind, b.name)
    WHERE b.kind IN ('NOT NULL of column', 'default of column', 'constraint', 'index') AND d.definition IS DISTINCT FROM b.definition
      -- A column that is gone is drift, with all that it had.
      AND (b.kind NOT LIKE '% of column' OR EXISTS (SELECT FROM pg_attribute a
                                                    WHERE a.attrelid = b.target AND a.attname = b.name AND NOT a.attisdropped))
$$;
COMMENT ON FUNCTION teamwork.baseline_changes() IS 'What was changed or taken away by hand of the extension''s own tables, and what a restore would bring back, with the statement that undoes it';

CREATE FUNCTION teamwork.baseline_losses(OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('pg_dump will not carry the %s %I, which was added by hand to table %s of the extension', a.kind, a.name,
                  teamwork.name_of(a.target)), a.fix
    FROM teamwork.baseline_additions() a
    -- Those of the other tables are drift.
    WHERE a.kind <> 'policy' OR a.target IN (SELECT p.target FROM teamwork.protections p)
    UNION ALL
    -- Rows that do not fit what the script makes are not restored.
    SELECT format('pg_dump will not carry that the %s %I of table %s of the extension was %s by hand', c.kind, c.name,
                  teamwork.name_of(c.target), c.change), c.fix
    FROM teamwork.baseline_changes() c
$$;
COMMENT ON FUNCTION teamwork.baseline_losses() IS 'What was done by hand to the extension''s own tables and is lost by dump and restore, with the statement that undoes it';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   baseline

-- What teamwork.doctor() asks about people and their access: the questions of a troubleshooting page, each a function, all
-- of one shape. A check that finds nothing returns a row with status ok, so that it is seen to have been asked.

CREATE FUNCTION teamwork.is_administrator() RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pg_has_role(current_user, (SELECT e.extowner FROM pg_extension e WHERE e.extname = 'teamwork'), 'USAGE') $$;
COMMENT ON FUNCTION teamwork.is_administrator() IS 'Whether the current role has the rights of the extension''s owner';

-- About the caller: members may ask these -------------------------------------------------------------------------------

CREATE FUNCTION teamwork.check_login(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'logged in', CASE WHEN who.id IS NOT NULL OR teamwork.is_administrator() THEN 'ok' ELSE 'fail' END,
        CASE WHEN who.id IS NOT NULL THEN format('user %s, role %s', who.id, current_user)
             WHEN teamwork.is_administrator() THEN 'no user: the session is a database administrator''s'
             WHEN teamwork.goes_by_token() THEN format('role %s signs in with a token, and the session has no valid one', session_user)
             ELSE teamwork.claims_fault() END,
        CASE WHEN who.id IS NOT NULL THEN NULL
             WHEN teamwork.is_administrator()
             THEN 'SELECT teamwork.login_as(''…''); SELECT * FROM teamwork.doctor(); SELECT teamwork.logout();'
             WHEN teamwork.goes_by_token() THEN 'SELECT teamwork.login(''…'');'
             ELSE 'Sign in, and send the token with the request' END
    FROM (SELECT teamwork.current_user_id()) who (id)
$$;
COMMENT ON FUNCTION teamwork.check_login() IS 'Logged in? Who the claims of the session name';

CREATE FUNCTION teamwork.check_profile(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'profile', CASE WHEN p.is_active THEN 'ok' ELSE 'fail' END,
        CASE WHEN p.id IS NULL THEN format('user %s has no row in user_profiles', who.id)
             ELSE concat_ws(', ', p.full_name, p.role, CASE WHEN p.is_active THEN 'active' ELSE 'deactivated' END) END,
        CASE WHEN p.id IS NULL THEN 'INSERT INTO user_profiles (id, full_name, role) VALUES (auth.uid(), ''…'', ''admin'');'
             WHEN NOT p.is_active THEN format('SELECT reactivate_team_member(%L); -- as the admin of the team', p.id) END
    FROM (SELECT teamwork.current_user_id()) who (id) LEFT JOIN @extschema@.user_profiles p ON p.id = who.id
    WHERE who.id IS NOT NULL
$$;
COMMENT ON FUNCTION teamwork.check_profile() IS 'Profile? Whether the caller has one that is active';

CREATE FUNCTION teamwork.check_organization(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'organization', CASE WHEN team.id IS NULL THEN 'fail' ELSE 'ok' END,
        coalesce('team ' || team.id, 'the caller is not an active member of an active admin''s team'),
        CASE WHEN team.id IS NULL THEN 'Ask the admin of the team, or a database administrator where the admin is deactivated' END
    FROM (SELECT @extschema@.get_current_user_admin_id()) team (id) WHERE teamwork.current_user_id() IS NOT NULL
$$;
COMMENT ON FUNCTION teamwork.check_organization() IS 'Organization? The team whose data the caller shares';

-- About who may do what -------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.check_policies(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    (SELECT 'policies', CASE WHEN d.problem IS NULL THEN 'ok' ELSE 'fail' END,
            coalesce(d.problem, format('table %s is as teamwork.protect_table makes it', teamwork.name_of(p.target))), d.fix
     FROM teamwork.protections p LEFT JOIN LATERAL teamwork.drift_of(p.target) d ON true ORDER BY p.target::text, d.problem)
    UNION ALL
    SELECT 'policies', 'fail', d.problem, d.fix FROM teamwork.baseline_drift() d
    UNION ALL
    SELECT 'policies', 'ok', 'the other tables are as the extension made them', NULL
    WHERE NOT EXISTS (SELECT FROM teamwork.baseline_drift())
    UNION ALL
    SELECT 'policies', 'fail', e.problem, e.fix FROM teamwork.exposed_relations() e
$$;
COMMENT ON FUNCTION teamwork.check_policies() IS 'Policies in place, table by table? And what is open beside them';

CREATE FUNCTION teamwork.check_crossings(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH crossing AS MATERIALIZED (SELECT * FROM teamwork.all_crossings())
    SELECT 'crossings', c.status, c.problem, c.fix FROM crossing c
    UNION ALL
    SELECT 'crossings', 'ok', 'no key, view, function, rule or publication crosses teams', NULL WHERE NOT EXISTS (SELECT FROM crossing)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_crossings() IS 'Crossings? Keys in which teams meet, and ways to team data past its policies';

CREATE FUNCTION teamwork.wanted_grants(OUT object text, OUT privilege text, OUT is_held boolean) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'SCHEMA ' || n.nspname::text, 'USAGE', has_schema_privilege('authenticated', n.oid, 'USAGE')
    FROM pg_namespace n WHERE n.oid IN ('@extschema@'::regnamespace, 'teamwork'::regnamespace, to_regnamespace('auth'))
    UNION ALL
    SELECT 'TABLE ' || teamwork.full_name(w.target), w.privilege, has_table_privilege('authenticated', w.target, w.privilege)
    FROM (SELECT '@extschema@.user_profiles'::regclass, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'])
          UNION ALL SELECT '@extschema@.scheduled_jobs', unnest(ARRAY['SELECT', 'INSERT', 'DELETE'])
          UNION ALL SELECT 'teamwork.saved_mappings', unnest(ARRAY['SELECT', 'DELETE'])
          UNION ALL SELECT unnest(ARRAY['@extschema@.scheduled_job_errors', '@extschema@.profiles', '@extschema@.background_imports',
                                        'teamwork.export_chunks', 'teamwork.undo_leftovers']::regclass[]), 'SELECT') w (target, privilege)
    UNION ALL
    SELECT 'FUNCTION ' || f.name, 'EXECUTE', has_function_privilege('authenticated', f.name, 'EXECUTE')
    FROM unnest(ARRAY['@extschema@.get_current_user_admin_id()', 'teamwork.current_user_id()', 'auth.uid()']) f (name)
    WHERE to_regprocedure(f.name) IS NOT NULL
$$;
COMMENT ON FUNCTION teamwork.wanted_grants() IS 'What authenticated needs beside the tables of team data, and whether it has it';

CREATE FUNCTION teamwork.check_grants(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH wanted AS MATERIALIZED (SELECT * FROM teamwork.wanted_grants()), problem (detail, fix) AS (
        SELECT format('authenticated lacks %s on %s %s', string_agg(w.privilege, ', '),
                      lower(split_part(w.object, ' ', 1)), split_part(w.object, ' ', 2)),
               format('GRANT %s ON %s TO authenticated;', string_agg(w.privilege, ', '), w.object)
        FROM wanted w WHERE NOT w.is_held GROUP BY w.object
        UNION ALL
        SELECT format('table %s grants %s to %s', teamwork.name_of(b.target),
                      string_agg(g.privilege, ', ' ORDER BY g.privilege), g.grantee),
               format('REVOKE %s ON %s FROM %s;', string_agg(g.privilege, ', ' ORDER BY g.privilege),
                      teamwork.full_name(b.target), g.grantee)
        FROM (SELECT l.target FROM teamwork.baseline l EXCEPT SELECT p.target FROM teamwork.protections p) b, teamwork.grants_on(b.target) g
        WHERE g.grantee IN ('PUBLIC', 'anon') OR (g.grantee = 'authenticated'
              -- Granted by column, all but these.
              AND NOT (g.privilege = 'SELECT' AND EXISTS (
                  SELECT FROM (VALUES ('teamwork.invitations', '{token_hash}'),
                                      ('teamwork.audit_log', '{id, from_organization}')) s (name, secrets)
                  WHERE b.target = s.name::regclass AND NOT EXISTS (
                      SELECT FROM unnest(s.secrets::text[]) c WHERE has_column_privilege('authenticated', b.target, c, 'SELECT'))))
              AND NOT EXISTS (SELECT FROM wanted w
                              WHERE (w.object, w.privilege) = ('TABLE ' || teamwork.full_name(b.target), g.privilege)))
        GROUP BY b.target, g.grantee
        UNION ALL
        SELECT format('role %s bypasses row-level security', r.rolname), format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS;', r.rolname)
        FROM pg_roles r WHERE r.rolname IN ('anon', 'authenticated') AND (r.rolsuper OR r.rolbypassrls))
    SELECT 'grants', 'fail', p.detail, p.fix FROM problem p
    UNION ALL
    SELECT 'grants', 'ok', 'authenticated holds what it needs and no more', NULL WHERE NOT EXISTS (SELECT FROM problem)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_grants() IS 'Grants? What authenticated lacks on the extension''s objects, and who holds too much';

CREATE FUNCTION teamwork.check_schemas(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH creator (role, schema) AS (
        SELECT coalesce(quote_ident(r.rolname), 'PUBLIC'), quote_ident(n.nspname)
        FROM pg_namespace n, LATERAL aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE n.oid IN ('@extschema@'::regnamespace, 'teamwork'::regnamespace) AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner
          AND (a.grantee = 0 OR NOT pg_has_role(a.grantee, (SELECT e.extowner FROM pg_extension e WHERE e.extname = 'teamwork'), 'USAGE')))
    SELECT 'schemas', 'warn',
           format('%s may create objects in schema %s, where statements of administrators can run into them', c.role, c.schema),
           format('REVOKE CREATE ON SCHEMA %s FROM %s;', c.schema, c.role)
    FROM creator c
    UNION ALL
    SELECT 'schemas', 'ok', 'only administrators create objects in the extension''s schemas', NULL WHERE NOT EXISTS (SELECT FROM creator)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_schemas() IS 'Schemas? Who may put functions and operators where the extension''s are';

CREATE FUNCTION teamwork.auth_follows_claims() RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    SET request.jwt.claims = '{"sub": "00000000-0000-4000-8000-000000000001", "role": "authenticated"}'
    SET request.jwt.claim.sub = ''
AS $$
BEGIN
    RETURN auth.uid() IS NOT DISTINCT FROM '00000000-0000-4000-8000-000000000001'::uuid;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END
$$;
COMMENT ON FUNCTION teamwork.auth_follows_claims() IS 'Whether auth.uid() is the user of the claims, as teamwork.current_user_id() is; it may be somebody else''s function';

CREATE FUNCTION teamwork.check_auth(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'auth', CASE WHEN uid.is_there AND uid.is_right THEN 'ok' ELSE 'fail' END,
        CASE WHEN NOT uid.is_there THEN 'function auth.uid() does not exist'
             WHEN NOT uid.is_right THEN 'function auth.uid() is not the user of request.jwt.claims: nobody can register, or add rows'
             WHEN teamwork.owns_auth() THEN 'schema auth was made by the extension'
             ELSE 'schema auth was there before the extension, with auth.uid()' END,
        CASE WHEN NOT uid.is_there
             THEN 'CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS ''SELECT teamwork.current_user_id()'';'
             WHEN NOT uid.is_right
             THEN 'CREATE OR REPLACE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS ''SELECT teamwork.current_user_id()''; '
                  '-- or let your API set request.jwt.claims' END
    FROM (SELECT u.is_there, u.is_there AND teamwork.auth_follows_claims()
          FROM (SELECT to_regprocedure('auth.uid()') IS NOT NULL) u (is_there)) uid (is_there, is_right)
    UNION ALL
    SELECT 'auth', CASE WHEN t.is_there THEN 'ok' ELSE 'warn' END,
        CASE WHEN t.is_there THEN 'profiles follow the addresses in auth.users'
             ELSE 'profiles do not follow the addresses in auth.users, which the extension leaves as it was' END,
        CASE WHEN NOT t.is_there THEN teamwork.address_trigger() END
    FROM (SELECT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = to_regclass('auth.users') AND g.tgenabled IN ('O', 'A')
                                                   AND g.tgfoid = 'teamwork.sync_address'::regproc)) t (is_there)
    UNION ALL
    SELECT 'encoding', CASE current_setting('server_encoding') WHEN 'UTF8' THEN 'ok' ELSE 'fail' END,
        'the database has the encoding ' || current_setting('server_encoding'),
        CASE WHEN current_setting('server_encoding') <> 'UTF8' THEN 'CREATE DATABASE … ENCODING ''UTF8'' TEMPLATE template0;' END
$$;
COMMENT ON FUNCTION teamwork.check_auth() IS 'The schema auth, owned or foreign, with an auth.uid() that is the user of the claims? The encoding?';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   access_checks

-- What teamwork.doctor() asks of a database that had teams of its own: what is still bound to the tables that moved away, and who
-- still makes profiles. See docs/adopting.md.

CREATE FUNCTION teamwork.twins(OUT class regclass, OUT object oid, OUT name text, OUT own_name text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'pg_class'::regclass, c.oid, teamwork.full_name(c.oid), teamwork.full_name(o.oid)
    FROM pg_class o JOIN pg_class c ON c.relname = o.relname AND c.oid <> o.oid AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    WHERE o.relnamespace = '@extschema@'::regnamespace AND o.oid IN (SELECT teamwork.own_tables())
      -- Another schema may have a table of staff, and nothing to do with us. One that has profiles, too, has.
      AND EXISTS (SELECT FROM pg_class p WHERE p.relnamespace = c.relnamespace AND p.relname = 'user_profiles' AND p.relkind IN ('r', 'p'))
      AND c.oid NOT IN (SELECT p.target FROM teamwork.protections p)
    UNION ALL
    SELECT 'pg_proc'::regclass, f.oid, format('%I.%I', n.nspname, f.proname), format('%I.%I', '@extschema@', f.proname)
    FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
    WHERE f.proname IN ('get_current_user_admin_id', 'get_current_user_role') AND f.pronargs = 0
      AND NOT teamwork.is_of_extension('pg_proc', f.oid)
$$;
COMMENT ON FUNCTION teamwork.twins() IS 'Tables and functions of another project that have the names of the extension''s, in other schemas';

CREATE FUNCTION teamwork.qualified_pattern(name text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT '(^|[^\w.])' || regexp_replace(name, '(\W)', '\\\1', 'g') || '\M' $$;
COMMENT ON FUNCTION teamwork.qualified_pattern(text) IS 'A regular expression for a name with its schema; its first group is what stands before it';

CREATE FUNCTION teamwork.rebound(statement text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    twin record;
    rebound text := statement;
BEGIN
    FOR twin IN SELECT t.name, t.own_name FROM teamwork.twins() t LOOP
        rebound := regexp_replace(rebound, teamwork.qualified_pattern(twin.name), '\1' || twin.own_name, 'g');
    END LOOP;
    RETURN rebound;
END
$$;
COMMENT ON FUNCTION teamwork.rebound(text) IS 'A statement with the names of the extension''s objects in place of their twins''';

CREATE FUNCTION teamwork.bound_to_twins(OUT status text, OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH twin AS MATERIALIZED (SELECT * FROM teamwork.twins()),
    bound AS MATERIALIZED (
        SELECT d.classid, d.objid, min(t.name) AS name FROM twin t
        JOIN pg_depend d ON d.refclassid = t.class AND d.refobjid = t.object AND d.deptype = 'n' GROUP BY d.classid, d.objid)
    SELECT 'fail', format('policy %I of table %s reads %s, which is not the extension''s', p.polname, teamwork.name_of(p.polrelid), b.name),
           format('DROP POLICY %I ON %s; %s;', p.polname, teamwork.full_name(p.polrelid),
                  teamwork.rebound(teamwork.policy_statement(p.oid)))
    FROM bound b JOIN pg_policy p ON b.classid = 'pg_policy'::regclass AND p.oid = b.objid
    WHERE p.polrelid NOT IN (SELECT t.object FROM twin t)
    UNION ALL
    SELECT 'fail', format('view %s, which members or visitors may read, reads %s, which is not the extension''s',
                          teamwork.name_of(v.oid), b.name),
           format('CREATE OR REPLACE VIEW %s WITH (security_invoker = true) AS%s', teamwork.full_name(v.oid),
                  teamwork.rebound(pg_get_viewdef(v.oid)))
    FROM bound b JOIN pg_rewrite r ON b.classid = 'pg_rewrite'::regclass AND r.oid = b.objid
    JOIN pg_class v ON v.oid = r.ev_class AND v.relkind = 'v'
    WHERE EXISTS (SELECT FROM teamwork.grants_on(v.oid) g WHERE g.grantee <> 'service_role')
    UNION ALL
    SELECT 'warn', format('foreign key %I of table %s leads to %s, which is not the extension''s', k.conname,
                          teamwork.name_of(k.conrelid), t.name),
           format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s;', teamwork.full_name(k.conrelid), k.conname, k.conname,
                  teamwork.rebound(pg_get_constraintdef(k.oid)))
    FROM twin t JOIN pg_constraint k ON t.class = 'pg_class'::regclass AND k.confrelid = t.object AND k.contype = 'f' AND k.conparentid = 0
    WHERE k.conrelid NOT IN (SELECT w.object FROM twin w)
    UNION ALL
    SELECT DISTINCT 'warn', format('function %s names %s, which is not the extension''s', f.oid::regprocedure, t.name),
           teamwork.rebound(pg_get_functiondef(f.oid)) || ';'
    FROM twin t, teamwork.readable_bodies() f
    WHERE f.oid NOT IN (SELECT w.object FROM twin w)
      AND (f.body ~ teamwork.qualified_pattern(t.name)
           OR EXISTS (SELECT FROM bound b WHERE (b.classid, b.objid, b.name) = ('pg_proc'::regclass, f.oid, t.name)))
$$;
COMMENT ON FUNCTION teamwork.bound_to_twins() IS 'Policies, views, foreign keys and functions that go by another project''s tables and functions, with the statement that makes them go by the extension''s';

CREATE FUNCTION teamwork.profile_makers(OUT status text, OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'fail', format('trigger %I on auth.users runs %s, which makes profiles %s', t.tgname, t.tgfoid::regprocedure, why.text),
           format('DROP TRIGGER %I ON auth.users; -- or make its function the one of docs/adopting.md', t.tgname)
    FROM pg_trigger t JOIN teamwork.readable_bodies() f ON f.oid = t.tgfoid
    CROSS JOIN LATERAL (
        SELECT 'with a role or a team that the visitor chooses'
        WHERE f.body ~* 'user_?meta_?data' AND f.body ~* '->>?\s*''\w*(role|admin|team|organi[sz]ation|owner|active)\w*'''
        UNION ALL
        SELECT 'without a role, so that nobody can sign up' WHERE f.body !~* '\mrole\M') why (text)
    WHERE t.tgrelid = 'auth.users'::regclass AND NOT t.tgisinternal AND t.tgenabled <> 'D'
      AND f.body ~* '\m(into|update)\s+("?\w+"?\s*\.\s*)?"?user_profiles("|\M)'
$$;
COMMENT ON FUNCTION teamwork.profile_makers() IS 'Triggers on auth.users that make a profile as a visitor wants it, or fail';

CREATE FUNCTION teamwork.check_adoption(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH found (status, problem, fix) AS MATERIALIZED (
        SELECT b.* FROM teamwork.bound_to_twins() b UNION ALL SELECT m.* FROM teamwork.profile_makers() m)
    SELECT 'adoption', f.status, f.problem, f.fix FROM found f
    UNION ALL
    SELECT 'adoption', 'ok', 'nothing goes by teams of another project', NULL WHERE NOT EXISTS (SELECT FROM found)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_adoption() IS 'Adoption? What still goes by the tables of a project that had teams of its own, and which triggers make profiles';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   adoption

-- What teamwork.doctor() asks about the engine and the database, and doctor() itself: all checks, one after the other.

CREATE FUNCTION teamwork.is_run_by_cron() RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    schedules regclass;
    is_there boolean := false;
BEGIN
    -- The table of pg_cron itself: an administrator asks, and would run whatever somebody has put into a view of that name.
    SELECT c.oid INTO schedules
    FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
    JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
    WHERE e.extname = 'pg_cron' AND c.relname = 'job' AND c.relkind = 'r'
      AND has_schema_privilege(c.relnamespace, 'USAGE') AND has_table_privilege(c.oid, 'SELECT');
    IF FOUND THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE active AND database = current_database() AND command LIKE %L)',
                       schedules, '%run_pending_jobs%') INTO is_there;
    END IF;
    RETURN is_there;
END
$$;
COMMENT ON FUNCTION teamwork.is_run_by_cron() IS 'Whether pg_cron has a schedule in this database that calls run_pending_jobs()';

CREATE FUNCTION teamwork.check_preloaded(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'preloaded', CASE WHEN p.is_there OR teamwork.is_run_by_cron() THEN 'ok' ELSE 'fail' END,
        CASE WHEN p.is_there THEN 'shared_preload_libraries has teamwork'
             WHEN teamwork.is_run_by_cron() THEN 'shared_preload_libraries lacks teamwork: pg_cron runs jobs'
             ELSE 'shared_preload_libraries lacks teamwork: no background worker runs jobs' END,
        CASE WHEN NOT (p.is_there OR teamwork.is_run_by_cron())
             THEN format('ALTER SYSTEM SET shared_preload_libraries = %s; -- and restart the server', p.wanted) END
    FROM (SELECT 'teamwork' = ANY (l.names),
                 (SELECT string_agg(quote_literal(n), ', ') FROM unnest(l.names || 'teamwork'::text) n WHERE n <> '')
          FROM (SELECT regexp_split_to_array(btrim(current_setting('shared_preload_libraries')), '\s*,\s*')) l (names)) p (is_there, wanted)
$$;
COMMENT ON FUNCTION teamwork.check_preloaded() IS 'Preloaded? Whether the server started with the library';

CREATE FUNCTION teamwork.check_worker(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'worker', CASE WHEN e.is_alive OR e.is_replaced THEN 'ok' WHEN pg_is_in_recovery() THEN 'warn' ELSE 'fail' END,
        CASE WHEN e.is_alive THEN 'the launcher is alive'
             WHEN e.is_replaced THEN 'pg_cron calls teamwork.run_pending_jobs()'
             WHEN pg_is_in_recovery() THEN 'a standby runs no jobs; the launcher starts on promotion'
             ELSE 'the launcher is not running' END,
        CASE WHEN NOT (e.is_alive OR e.is_replaced OR pg_is_in_recovery())
             THEN 'SELECT teamwork.check_preloaded(); '
                  '-- then look for "teamwork launcher" in the server log, and at max_worker_processes' END
    FROM (SELECT EXISTS (SELECT FROM pg_stat_activity a WHERE a.backend_type = 'teamwork launcher'),
                 teamwork.is_run_by_cron()) e (is_alive, is_replaced)
    UNION ALL
    SELECT 'enabled', CASE WHEN e.is_on THEN 'ok' ELSE 'warn' END,
        'teamwork.enabled is ' || CASE WHEN e.is_on THEN 'on' ELSE 'off: jobs wait' END,
        CASE WHEN NOT e.is_on THEN 'ALTER SYSTEM SET teamwork.enabled = on; SELECT pg_reload_conf();' END
    FROM (SELECT coalesce(current_setting('teamwork.enabled', true), 'on')::boolean) e (is_on)
    UNION ALL
    SELECT 'worker slots', CASE WHEN s.is_enough THEN 'ok' ELSE 'warn' END,
        format('max_worker_processes is %s; teamwork.max_workers is %s, and the launcher and a scheduler take two', s.slots, s.workers),
        CASE WHEN NOT s.is_enough THEN format('ALTER SYSTEM SET max_worker_processes = %s; -- and restart the server', s.workers + 4) END
    FROM (SELECT n.slots, n.workers, n.workers + 2 <= n.slots
          FROM (SELECT current_setting('max_worker_processes')::integer,
                       coalesce(current_setting('teamwork.max_workers', true), '4')::integer)
              n (slots, workers)) s (slots, workers, is_enough)
$$;
COMMENT ON FUNCTION teamwork.check_worker() IS 'Worker alive? Is it allowed to run jobs, and are there processes for them?';

CREATE FUNCTION teamwork.is_lease_held(lease bigint) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- As src/pg/lease.rs writes it: the class 0x7477, which no SQL function takes.
    SELECT EXISTS (SELECT FROM pg_locks l
                   WHERE l.locktype = 'advisory' AND l.objsubid = 29815 AND l.granted
                     AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                     AND (l.classid::bigint << 32) | l.objid::bigint = lease)
$$;
COMMENT ON FUNCTION teamwork.is_lease_held(bigint) IS 'Whether a live process runs the job of this lease';

CREATE FUNCTION teamwork.check_jobs(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH stuck (status, detail, fix) AS (
        -- Seconds pass between a claim and its lock, and between a death and the scheduler's notice.
        SELECT 'fail', format('job %s is processing, but no process runs it', j.id),
               format('SELECT teamwork.retry_later(%L, %s, ''the worker ended before the job did'', false);', j.id, j.lease)
        FROM @extschema@.scheduled_jobs j
        WHERE j.status = 'processing' AND j.started_at < now() - interval '30 s' AND NOT teamwork.is_lease_held(j.lease)
        UNION ALL
        SELECT 'warn', format('job %s is quarantined: the server crashed %s time(s) while it ran', j.id, j.crashes),
               format('UPDATE %s SET crashes = 0 WHERE id = %L; '
                      '-- after a look at the server log; then retry_job(), as its creator or the admin',
                      teamwork.full_name('@extschema@.scheduled_jobs'), j.id)
        FROM @extschema@.scheduled_jobs j WHERE j.status = 'failed' AND j.crashes >= teamwork.max_crashes()
        UNION ALL
        SELECT 'warn', format('%s job(s) have been due for more than a minute', count(*)),
               'SELECT * FROM background_imports WHERE status = ''processing''; -- when none: see the checks preloaded, worker and enabled'
        FROM @extschema@.scheduled_jobs j
        WHERE j.status = 'pending' AND j.waits_until IS NULL AND j.scheduled_time < now() - interval '1 min' HAVING count(*) > 0)
    SELECT 'jobs', s.status, s.detail, s.fix FROM stuck s
    UNION ALL
    SELECT 'jobs', 'ok', format('%s job(s) wait for another attempt; the latest failure: %s', count(*),
                                (array_agg(split_part(j.error_message, E'\n', 1) ORDER BY j.started_at DESC))[1]), NULL
    FROM @extschema@.scheduled_jobs j WHERE j.status = 'pending' AND j.attempts > 0 AND j.waits_until IS NOT NULL HAVING count(*) > 0
    UNION ALL
    SELECT 'jobs', 'ok', 'no job is stuck', NULL WHERE NOT EXISTS (SELECT FROM stuck)
$$;
COMMENT ON FUNCTION teamwork.check_jobs() IS 'Jobs stuck? Processing without a process, in quarantine, or pending and long overdue; and what waits for another attempt';

CREATE FUNCTION teamwork.check_limits(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH over_limit AS (
        SELECT s.admin_id, s.role, count(*) AS used, teamwork.role_limit(s.admin_id, s.role) AS allowed
        FROM teamwork.seats s GROUP BY s.admin_id, s.role HAVING count(*) > teamwork.role_limit(s.admin_id, s.role))
    SELECT 'limits', 'warn', format('team %s has %s of %s %s seats taken', o.admin_id, o.used, o.allowed, o.role),
           format('SELECT teamwork.set_role_limit(%L, %s, %L); -- or deactivate members', o.role, o.used, o.admin_id)
    FROM over_limit o
    UNION ALL
    SELECT 'limits', 'ok', 'no team is over its limits', NULL WHERE NOT EXISTS (SELECT FROM over_limit)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_limits() IS 'Limits? Teams with more members than they may have since a limit was lowered';

CREATE FUNCTION teamwork.check_dump(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH problem (status, detail, fix) AS (
        SELECT 'fail',
               format('pg_dump will not carry the rows of %s, which is registered with the extension but not for dumps',
                      teamwork.name_of(c.oid)),
               format('ALTER EXTENSION teamwork DROP %s %s;', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                      teamwork.full_name(c.oid))
        FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
        JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
        WHERE e.extname = 'teamwork' AND c.relkind IN ('r', 'p', 'S') AND NOT c.oid = ANY (coalesce(e.extconfig, '{}'))
        UNION ALL
        SELECT 'warn', x.problem, x.fix FROM teamwork.baseline_losses() x)
    SELECT 'dump', p.status, p.detail, p.fix FROM problem p
    UNION ALL
    SELECT 'dump', 'ok', 'pg_dump carries every table and sequence, and nothing was changed that it would lose', NULL
    WHERE NOT EXISTS (SELECT FROM problem)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_dump() IS 'Dump-safe? What of the extension''s tables pg_dump would leave behind';

CREATE FUNCTION teamwork.check_indexes(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH invalid AS (
        SELECT i.indexrelid AS index, p.target FROM teamwork.protections p JOIN pg_index i ON i.indrelid = p.target AND NOT i.indisvalid
        -- What is being built is invalid until it is.
        WHERE NOT EXISTS (SELECT FROM pg_stat_progress_create_index b WHERE b.relid = p.target))
    SELECT 'indexes', 'warn', format('index %s of table %s is invalid: each row that is written pays for it, and no query uses it',
                                     teamwork.name_of(i.index), teamwork.name_of(i.target)),
           format('REINDEX INDEX CONCURRENTLY %s; -- or DROP INDEX CONCURRENTLY', teamwork.full_name(i.index))
    FROM invalid i
    UNION ALL
    SELECT 'indexes', 'ok', 'every index of a protected table is valid', NULL WHERE NOT EXISTS (SELECT FROM invalid)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_indexes() IS 'Indexes? Those that a CREATE INDEX or REINDEX CONCURRENTLY has left invalid';

CREATE FUNCTION teamwork.check_realtime(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'realtime', CASE WHEN t.is_in THEN 'ok' ELSE 'warn' END,
        'publication supabase_realtime ' || CASE WHEN t.is_in THEN 'has' ELSE 'lacks' END || ' scheduled_jobs',
        CASE WHEN NOT t.is_in
             THEN format('ALTER PUBLICATION supabase_realtime ADD TABLE %s;', teamwork.full_name('@extschema@.scheduled_jobs')) END
    FROM pg_publication p,
        LATERAL (SELECT EXISTS (SELECT FROM pg_get_publication_tables(p.pubname) r
                                WHERE r.relid = '@extschema@.scheduled_jobs'::regclass)) t (is_in)
    WHERE p.pubname = 'supabase_realtime'
$$;
COMMENT ON FUNCTION teamwork.check_realtime() IS 'Realtime? Where Supabase''s publication exists, whether clients hear of jobs';

CREATE FUNCTION teamwork.doctor(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    -- Compiling these queries takes four times as long as running them.
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
BEGIN
    RETURN QUERY SELECT * FROM teamwork.check_login()
        UNION ALL SELECT * FROM teamwork.check_profile()
        UNION ALL SELECT * FROM teamwork.check_organization();
    -- The rest is about everybody, and needs the owner's rights.
    IF teamwork.is_administrator() THEN
        RETURN QUERY SELECT * FROM teamwork.check_policies()
            UNION ALL SELECT * FROM teamwork.check_crossings()
            UNION ALL SELECT * FROM teamwork.check_adoption()
            UNION ALL SELECT * FROM teamwork.check_grants()
            UNION ALL SELECT * FROM teamwork.check_schemas()
            UNION ALL SELECT * FROM teamwork.check_auth()
            UNION ALL SELECT * FROM teamwork.check_preloaded()
            UNION ALL SELECT * FROM teamwork.check_worker()
            UNION ALL SELECT * FROM teamwork.check_jobs()
            UNION ALL SELECT * FROM teamwork.check_limits()
            UNION ALL SELECT * FROM teamwork.check_dump()
            UNION ALL SELECT * FROM teamwork.check_indexes()
            UNION ALL SELECT * FROM teamwork.check_realtime();
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.doctor() IS 'What could be wrong, each with a fix to paste; a member gets the checks about themselves, an administrator gets all
For: administrators and members
Errors: none';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   doctor

-- Guards against losing things by accident: a column or a policy that pg_dump would lose, an extension dropped with the data in it.

CREATE FUNCTION teamwork.commands_on_own_tables(OUT target regclass, OUT name name) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT DISTINCT b.target, coalesce(p.polname, t.tgname, r.rulename, x.relname)
    FROM pg_event_trigger_ddl_commands() c
    LEFT JOIN pg_policy p ON c.classid = 'pg_policy'::regclass AND p.oid = c.objid
    LEFT JOIN pg_trigger t ON c.classid = 'pg_trigger'::regclass AND t.oid = c.objid
    LEFT JOIN pg_rewrite r ON c.classid = 'pg_rewrite'::regclass AND r.oid = c.objid
    LEFT JOIN pg_index i ON c.classid = 'pg_class'::regclass AND i.indexrelid = c.objid
    LEFT JOIN pg_class x ON x.oid = i.indexrelid
    JOIN teamwork.baseline b ON b.target = coalesce(p.polrelid, t.tgrelid, r.ev_class, i.indrelid, c.objid)
    WHERE NOT c.in_extension
$$;
COMMENT ON FUNCTION teamwork.commands_on_own_tables() IS 'In an event trigger: the extension''s tables of the command, and what was made on them; ALTER TABLE does not say';

CREATE FUNCTION teamwork.warn_of_additions() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    addition record;
BEGIN
    FOR addition IN
        SELECT a.* FROM teamwork.commands_on_own_tables() c, LATERAL (
            SELECT n.target, n.kind, n.name, n.fix, '' AS prefix FROM teamwork.baseline_additions() n
            UNION ALL
            SELECT o.target, o.kind, o.name, o.fix, 'that somebody has ' || o.change || ' the ' FROM teamwork.baseline_changes() o) a
        -- ALTER TABLE makes none of what has a command of its own.
        WHERE a.target = c.target
          AND CASE WHEN c.name IS NULL THEN a.kind NOT IN ('policy', 'trigger', 'rule', 'index') ELSE a.name = c.name END
        ORDER BY a.target::text, a.name, a.kind
    LOOP
        RAISE WARNING 'pg_dump will not carry % "%" of table %', addition.prefix || addition.kind, addition.name,
            teamwork.name_of(addition.target)
            USING DETAIL = CASE addition.kind
                      WHEN 'column' THEN 'The table belongs to the extension teamwork: CREATE EXTENSION makes it without the column, '
                                         'and the dumped rows do not fit it.'
                      ELSE 'The table belongs to the extension teamwork: CREATE EXTENSION makes it as the script says.' END,
                  HINT = CASE addition.kind
                      WHEN 'column' THEN format('Keep the column in a table of your own that references %1$I: '
                                                'ALTER TABLE %1$I DROP COLUMN %2$I.',
                                                (SELECT c.relname FROM pg_class c WHERE c.oid = addition.target), addition.name)
                      ELSE format('Make it again after each restore, or take it away: %s', addition.fix) END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.warn_of_additions() IS 'Event trigger: says what becomes of what is added to a table of the extension';
CREATE EVENT TRIGGER teamwork_warn_of_additions ON ddl_command_end
    WHEN TAG IN ('ALTER TABLE', 'CREATE POLICY', 'CREATE TRIGGER', 'CREATE INDEX', 'CREATE RULE')
    EXECUTE FUNCTION teamwork.warn_of_additions();
COMMENT ON EVENT TRIGGER teamwork_warn_of_additions IS 'Warns of what pg_dump would lose';

-- Dropping ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.arm_drop_guard() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Any native function: the call loads the library, which refuses the drop (src/drop_guard.rs), where it is not preloaded.
    PERFORM teamwork.current_user_id();
END
$$;
COMMENT ON FUNCTION teamwork.arm_drop_guard() IS 'Event trigger: loads the library before a command that may drop the extension';
CREATE EVENT TRIGGER teamwork_arm_drop_guard ON ddl_command_start WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED')
    EXECUTE FUNCTION teamwork.arm_drop_guard();
COMMENT ON EVENT TRIGGER teamwork_arm_drop_guard IS 'DROP EXTENSION refuses while team data is there, unless teamwork.allow_drop is on';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   guards

-- The audit log: who did what to memberships, limits and jobs. Triggers write it, whatever path an action takes; team data
-- has none. After the jobs in the chain, as it watches their table.

CREATE TABLE teamwork.audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- No foreign keys: the log outlives whom it tells of.
    actor uuid,
    action text NOT NULL,
    organization uuid,
    subject uuid,
    detail jsonb NOT NULL DEFAULT '{}',
    -- Beside the detail, which the admin of the other team reads.
    from_organization uuid
);
CREATE INDEX audit_log_organization_idx ON teamwork.audit_log (organization, at DESC);
COMMENT ON TABLE teamwork.audit_log IS 'What was done to memberships, limits and jobs, and by whom
For: administrators';
COMMENT ON COLUMN teamwork.audit_log.at IS 'By the wall clock';
COMMENT ON COLUMN teamwork.audit_log.actor IS 'The user in the claims of the request; NULL for a database administrator, a service or the worker: detail then names the database role';
COMMENT ON COLUMN teamwork.audit_log.organization IS 'The team: the id of its admin; NULL for what concerns every team';
COMMENT ON COLUMN teamwork.audit_log.subject IS 'The user, the invitation or the job it was done to';
COMMENT ON COLUMN teamwork.audit_log.from_organization IS 'The team that a member was in before';

ALTER TABLE teamwork.audit_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY "admins read their team's lines" ON teamwork.audit_log FOR SELECT TO authenticated
    USING (organization = (SELECT teamwork.current_user_id()) AND organization = (SELECT get_current_user_admin_id()));

CREATE VIEW team_audit_log WITH (security_invoker = true) AS
    SELECT l.at, l.actor, l.action, l.subject, l.detail FROM teamwork.audit_log l;
COMMENT ON VIEW team_audit_log IS 'What was done to memberships, limits and jobs of the caller''s team, and by whom; for its active admin, and empty for others';
COMMENT ON COLUMN team_audit_log.at IS 'By the wall clock';
COMMENT ON COLUMN team_audit_log.actor IS 'The user who did it; NULL for a database administrator, a service or the worker';
COMMENT ON COLUMN team_audit_log.subject IS 'The user, the invitation or the job it was done to';

CREATE FUNCTION teamwork.audit(action text, organization uuid, subject uuid, detail jsonb, from_organization uuid DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    caller CONSTANT uuid := teamwork.current_user_id();
BEGIN
    INSERT INTO teamwork.audit_log (actor, action, organization, subject, detail, from_organization)
    VALUES (caller, audit.action, audit.organization, audit.subject,
            jsonb_strip_nulls(audit.detail || jsonb_build_object('database_role', CASE WHEN caller IS NULL THEN session_user END)),
            audit.from_organization);
END
$$;
COMMENT ON FUNCTION teamwork.audit(text, uuid, uuid, jsonb, uuid) IS 'Adds a line to the audit log';

-- Membership -----------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.audit_profile() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- Nobody but accept_invitation() makes callers members of another's team.
        PERFORM teamwork.audit(CASE WHEN NEW.role = 'admin' THEN 'registered'
                                    WHEN NEW.id = teamwork.current_user_id() THEN 'accepted' ELSE 'created' END,
                               coalesce(NEW.admin_id, NEW.id), NEW.id, jsonb_build_object('role', NEW.role, 'email', NEW.email));
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' THEN
        -- Nobody deletes the own profile but by leave_team(), or by accepting an invitation with an empty team of their own.
        PERFORM teamwork.audit(CASE WHEN OLD.id IS DISTINCT FROM teamwork.current_user_id() THEN 'removed'
                                    WHEN OLD.role = 'admin' THEN 'team_given_up' ELSE 'left' END, coalesce(OLD.admin_id, OLD.id), OLD.id,
                               jsonb_build_object('role', OLD.role, 'email', OLD.email));
        RETURN NULL;
    END IF;
    IF (OLD.role, OLD.admin_id) IS DISTINCT FROM (NEW.role, NEW.admin_id) THEN
        PERFORM teamwork.audit(CASE WHEN OLD.role = NEW.role THEN 'moved' ELSE 'role_changed' END,
            coalesce(NEW.admin_id, NEW.id), NEW.id, jsonb_build_object('from', OLD.role, 'to', NEW.role),
            CASE WHEN OLD.admin_id IS DISTINCT FROM NEW.admin_id THEN coalesce(OLD.admin_id, OLD.id) END);
    END IF;
    IF OLD.is_active <> NEW.is_active THEN
        PERFORM teamwork.audit(CASE WHEN NEW.is_active THEN 'reactivated' ELSE 'deactivated' END,
                               coalesce(NEW.admin_id, NEW.id), NEW.id, '{}');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.audit_profile() IS 'Trigger: registered, created, accepted, role_changed, moved, deactivated, reactivated, removed, left, team_given_up';

CREATE TRIGGER audit_profile AFTER INSERT OR DELETE ON user_profiles
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.audit_profile();
CREATE TRIGGER audit_profile_change AFTER UPDATE OF role, admin_id, is_active ON user_profiles
    FOR EACH ROW WHEN ((OLD.role, OLD.admin_id, OLD.is_active) IS DISTINCT FROM (NEW.role, NEW.admin_id, NEW.is_active))
    EXECUTE FUNCTION teamwork.audit_profile();

CREATE FUNCTION teamwork.audit_invitation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.audit(CASE WHEN TG_OP = 'INSERT' THEN 'invited' WHEN NEW.is_declined THEN 'invitation_declined'
                                ELSE 'invitation_cancelled' END, NEW.admin_id, NEW.id,
                           jsonb_build_object('role', NEW.role, 'email', NEW.email));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.audit_invitation() IS 'Trigger: invited, invitation_cancelled, invitation_declined';

CREATE TRIGGER audit_invitation AFTER INSERT ON teamwork.invitations
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.audit_invitation();
CREATE TRIGGER audit_invitation_cancelled AFTER UPDATE OF cancelled_at ON teamwork.invitations
    FOR EACH ROW WHEN (OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL) EXECUTE FUNCTION teamwork.audit_invitation();

CREATE FUNCTION teamwork.audit_limit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.audit('limit_changed', coalesce(NEW.admin_id, OLD.admin_id), NULL,
                           jsonb_build_object('role', coalesce(NEW.role, OLD.role), 'from', OLD.max, 'to', NEW.max));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.audit_limit() IS 'Trigger: limit_changed; without "from" where the team had no limit of its own, without "to" where it has none any more';

CREATE TRIGGER audit_limit AFTER INSERT OR UPDATE OR DELETE ON teamwork.role_limits
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.audit_limit();

-- Jobs: one line at the submission and one at the end; claims and progress leave none -------------------------------

CREATE FUNCTION teamwork.audit_job() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    subject record := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    PERFORM teamwork.audit(
        CASE TG_OP WHEN 'INSERT' THEN 'job_submitted' WHEN 'DELETE' THEN 'job_deleted'
                   ELSE CASE NEW.status WHEN 'pending' THEN 'job_retried' ELSE 'job_' || NEW.status END END,
        subject.organization_id, subject.id,
        jsonb_build_object('job_type', subject.job_type, 'data_type', subject.data_type, 'file_name', subject.file_name,
                           'record_count', subject.record_count));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.audit_job() IS 'Trigger: job_submitted, job_completed, job_failed, job_cancelled, job_retried, job_deleted';

CREATE TRIGGER audit_job AFTER INSERT OR DELETE ON scheduled_jobs
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.audit_job();
CREATE TRIGGER audit_job_end AFTER UPDATE OF status ON scheduled_jobs
    FOR EACH ROW WHEN (OLD.status <> NEW.status
                       AND (NEW.status IN ('completed', 'failed', 'cancelled') OR NEW.status = 'pending' AND OLD.status <> 'processing'))
    EXECUTE FUNCTION teamwork.audit_job();
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   audit
--   teamwork::error_file_header
--   teamwork::error_file_record
--   teamwork::error_file_mark

-- The error file: the refused rows of an import, to be corrected and sent again. With the caller's rights, under the
-- row-level security of jobs and refusals.

COMMENT ON FUNCTION teamwork.error_file_header(text[], text) IS 'The first row of a file of refused rows: the columns of the file that they came in, and import_error';
COMMENT ON FUNCTION teamwork.error_file_record(text, jsonb, text[], text[], text) IS 'A row of a file of refused rows: the record as it came, as far as it is whole, and the reason; with cells that a spreadsheet would run made harmless';
COMMENT ON FUNCTION teamwork.error_file_mark(jsonb, jsonb) IS 'What a file of refused rows has behind each reason: how numbers and dates were read, so that they are read alike when they come back';

CREATE FUNCTION teamwork.refused_records(job_id uuid, mapping jsonb, OUT line bigint, OUT raw text, OUT reason text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.line, (array_agg(e.raw ORDER BY e.id))[1],
           string_agg(concat(coalesce(c.name, e.column_name) || ': ', e.message, ' (' || e.suggestion || ')'), '; ' ORDER BY e.id)
    FROM @extschema@.scheduled_job_errors e
    -- The column as the file calls it, where one column of the file went there.
    LEFT JOIN (SELECT m.value AS target, min(m.key) AS name FROM jsonb_each_text(mapping) m GROUP BY m.value HAVING count(*) = 1) c
        ON c.target = e.column_name
    WHERE e.job_id = refused_records.job_id
    GROUP BY e.line
$$;
COMMENT ON FUNCTION teamwork.refused_records(uuid, jsonb) IS 'The rows that an import refused, each once, with all its reasons in words';

CREATE FUNCTION teamwork.require_import(job_id uuid) RETURNS scheduled_jobs
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job CONSTANT @extschema@.scheduled_jobs := teamwork.require_job(job_id, 'import');
BEGIN
    IF job.status IN ('pending', 'processing') THEN
        RAISE EXCEPTION 'import % has not ended', job_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('Its status is %s.', job.status),
                  HINT = 'Wait for its end with wait_for_job().';
    END IF;
    RETURN job;
END
$$;
COMMENT ON FUNCTION teamwork.require_import(uuid) IS 'The job, if the caller sees it, and it is an import that has ended';

CREATE FUNCTION import_errors_csv(job_id uuid) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- PostgreSQL's limit for a value is 1 GiB less a byte, with the message that takes it to the client.
    max_bytes CONSTANT bigint := 1000000000;
    job CONSTANT @extschema@.scheduled_jobs := teamwork.require_import(job_id);
    dialect CONSTANT jsonb := nullif(job.report -> 'dialect', 'null');
    delimiter CONSTANT text := coalesce(dialect ->> 'delimiter', ',');
    newline CONSTANT text := coalesce(dialect ->> 'newline', E'\n');
    header CONSTANT text[] := ARRAY(SELECT jsonb_array_elements_text(job.report -> 'header'));
    mark CONSTANT text := teamwork.error_file_mark(coalesce(job.report -> 'locale', '{}'), dialect);
    -- Of records and sheets: numbers become texts, and are read in the way of their column.
    commas CONSTANT text[] := ARRAY(SELECT m.key FROM jsonb_each_text(job.report -> 'mapping') m
                                    WHERE job.report #>> ARRAY['locale', m.value, 'decimal'] = ',');
    -- U+FEFF tells an import that the rows are UTF-8 now, whatever option goes with them.
    byte_order_mark CONSTANT text := CASE WHEN dialect ->> 'encoding' <> 'UTF-8' THEN chr(65279) ELSE '' END;
    first_row CONSTANT text := byte_order_mark || teamwork.error_file_header(header, delimiter) || newline;
    bytes bigint;
BEGIN
    IF job.report -> 'header' IS NULL THEN
        RAISE EXCEPTION 'import % has no error file', job_id
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Its status is %s: none of its rows was imported.', job.status),
                  HINT = 'Correct the file that was sent, by what error_message and scheduled_job_errors say, and send it again.';
    END IF;
    -- Before anything is put together. Quotes can double a record, and each has its line end.
    SELECT sum(octet_length(r.raw) + octet_length(r.reason) + octet_length(mark) + cardinality(header) + 2) INTO bytes
    FROM teamwork.refused_records(job_id, job.report -> 'mapping') r;
    IF bytes > max_bytes THEN
        RAISE EXCEPTION 'the refused rows of import % are too large for one value', job_id
            USING ERRCODE = 'program_limit_exceeded', DETAIL = format('They have %s bytes; a value may have %s.', bytes, max_bytes),
                  HINT = 'Read them in parts from scheduled_job_errors, ordered by line; raw is the record as it stands in the file.';
    END IF;
    RETURN first_row || coalesce((
        SELECT string_agg(
            teamwork.error_file_record(coalesce(r.raw, ''), dialect, header, commas, r.reason || mark) || newline, '' ORDER BY r.line)
        FROM teamwork.refused_records(job_id, job.report -> 'mapping') r), '');
END
$$;
COMMENT ON FUNCTION import_errors_csv(uuid) IS 'The rows that an import refused, in the columns of the file, with a column import_error that says why; correct them and import them again with the same mapping
Errors: P0002 if the caller''s team has no such job; 42809 if the job is not an import; 55000 if it has not ended, or failed as a whole; 54000 if the rows have more than 1 GB';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   error_file
--   teamwork::undo_rows

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
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   undo

-- What there is to undo: the rows that an import has inserted or changed, and the times that it left on them.

CREATE FUNCTION teamwork.later_updates(job_id uuid, target regclass, OUT key text[], OUT at timestamptz) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(SELECT e.value ->> k FROM unnest(teamwork.row_identity(target)) k), max(c.at)
    FROM teamwork.import_changes c CROSS JOIN LATERAL json_array_elements(c.before) e
    WHERE c.job_id = later_updates.job_id AND EXISTS (
        SELECT FROM @extschema@.scheduled_jobs j WHERE j.id = later_updates.job_id AND j.file_data #> '{options,commit_every}' IS NOT NULL)
    GROUP BY 1
$$;
COMMENT ON FUNCTION teamwork.later_updates(uuid, regclass) IS 'The keys of rows that an import with commits in between has changed, and the time that it left on them';

CREATE FUNCTION teamwork.inserted_rows(job_id uuid, target regclass, OUT image text, OUT stamp timestamptz) RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job CONSTANT @extschema@.scheduled_jobs := (SELECT j FROM @extschema@.scheduled_jobs j WHERE j.id = job_id);
    identity CONSTANT text[] := teamwork.row_identity(target);
    -- A later commit of the import may have changed a row again. That is rare, and to look for it takes time.
    later CONSTANT text := CASE WHEN EXISTS (SELECT FROM teamwork.later_updates(job_id, target))
        THEN 'LEFT JOIN teamwork.later_updates($1, $5) u ON u.key = ARRAY(SELECT row_to_json(k.*) ->> i FROM unnest($6) i)'
        ELSE 'CROSS JOIN (SELECT NULL::timestamptz AS at) u' END;
    -- The mark can be copied with the row; the copy is of a later time. Children come after their parents: the last row goes first.
    marked CONSTANT text := 'SELECT row_to_json(k.*)::text, greatest(u.at, t.created_at) FROM %s t CROSS JOIN LATERAL (SELECT %s) k %s
                             WHERE t.import_id = $1 AND t.admin_id = $2 AND t.created_at BETWEEN $3 AND $4 ORDER BY %2$s DESC';
BEGIN
    RETURN QUERY
        SELECT e.value::text, greatest(u.at, c.at)
        FROM teamwork.import_changes c CROSS JOIN LATERAL json_array_elements(c.inserted) WITH ORDINALITY e (value, place)
        LEFT JOIN teamwork.later_updates(job.id, target) u
        ON u.key = ARRAY(SELECT e.value ->> i FROM unnest(identity) i)
        WHERE c.job_id = inserted_rows.job_id ORDER BY c.ordinal DESC, e.place DESC;
    IF (SELECT t.has_import_id FROM teamwork.describe_target(target) t) THEN
        RETURN QUERY EXECUTE format(marked, teamwork.full_name(target),
                (SELECT string_agg(format('t.%I', k), ', ') FROM unnest(identity) k), later)
            USING job.id, job.organization_id, job.created_at, job.completed_at, target, identity;
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.inserted_rows(uuid, regclass) IS 'The keys of the rows that an import has inserted, the last first, and the time that it left on them';

CREATE FUNCTION teamwork.updated_rows(job_id uuid, target regclass, OUT image text, OUT stamp timestamptz) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH identity AS MATERIALIZED (
        SELECT teamwork.row_identity(target) AS columns
    ), change AS (
        SELECT c.ordinal, c.at, e.value AS image, ARRAY(SELECT e.value ->> k FROM unnest(i.columns) k) AS key
        FROM identity i, teamwork.import_changes c CROSS JOIN LATERAL json_array_elements(c.before) e
        WHERE c.job_id = updated_rows.job_id
    ), own AS (
        SELECT ARRAY(SELECT e.value ->> k FROM unnest(i.columns) k) AS key
        FROM identity i, teamwork.import_changes c CROSS JOIN LATERAL json_array_elements(c.inserted) e
        WHERE c.job_id = updated_rows.job_id
    )
    -- A file that has a row twice changes it twice: the first image counts, and the last time. Rows of its own just go.
    SELECT DISTINCT ON (c.key) c.image::text, max(c.at) OVER (PARTITION BY c.key)
    FROM change c
    WHERE c.image ->> 'import_id' IS DISTINCT FROM updated_rows.job_id::text AND NOT EXISTS (SELECT FROM own WHERE own.key = c.key)
    ORDER BY c.key, c.ordinal
$$;
COMMENT ON FUNCTION teamwork.updated_rows(uuid, regclass) IS 'What the rows that an import has changed were before it, and the time that it left on them';
/* </end connected objects> */
/* <begin connected objects> */
-- src/schema.rs
-- requires:
--   undo_rows

-- finalize
-- Who may do what, from nothing upwards; and what pg_dump shall carry. Runs last, over everything the extension has made.

CREATE FUNCTION teamwork.members_of_extension(OUT class regclass, OUT object oid) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT d.classid::regclass, d.objid FROM pg_depend d
    JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'teamwork'
$$;
COMMENT ON FUNCTION teamwork.members_of_extension() IS 'Everything that belongs to the extension';

-- Databases like Supabase's grant everything to everybody by default: take it all back first.
DO $$
DECLARE
    member record;
BEGIN
    FOR member IN
        SELECT format('%s %s', CASE WHEN c.relkind = 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass) AS name
        FROM teamwork.members_of_extension() m JOIN pg_class c ON c.oid = m.object
        WHERE m.class = 'pg_class'::regclass AND c.relkind IN ('r', 'v', 'S') AND c.relnamespace <> 'auth'::regnamespace
        UNION ALL
        SELECT format('FUNCTION %s', p.oid::regprocedure)
        FROM teamwork.members_of_extension() m JOIN pg_proc p ON p.oid = m.object
        WHERE m.class = 'pg_proc'::regclass AND p.pronamespace <> 'auth'::regnamespace
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated, service_role', member.name);
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA @extschema@, teamwork TO authenticated, service_role;

-- Tables and views. The engine alone writes what becomes of a job; members cancel and retry by functions.
GRANT SELECT, INSERT, UPDATE, DELETE ON user_profiles, transactions, inventory, staff TO authenticated;
GRANT SELECT, INSERT, DELETE ON scheduled_jobs TO authenticated;
GRANT SELECT, DELETE ON teamwork.saved_mappings TO authenticated, service_role;
GRANT SELECT ON profiles, scheduled_job_errors, background_imports, teamwork.export_chunks, teamwork.undo_leftovers TO authenticated;
GRANT ALL ON user_profiles, transactions, inventory, staff TO service_role;
GRANT SELECT, INSERT, DELETE, UPDATE (creator_name, scheduled_time, priority, max_attempts, file_name, repeat_every)
    ON scheduled_jobs TO service_role;
GRANT SELECT, DELETE ON scheduled_job_errors TO service_role;
GRANT SELECT ON profiles, background_imports, teamwork.export_chunks, teamwork.undo_leftovers TO service_role;
-- All of a line but its number, which tells how much other teams do, and the team that a member comes from.
GRANT SELECT ON team_audit_log TO authenticated;
GRANT SELECT (at, actor, action, organization, subject, detail) ON teamwork.audit_log TO authenticated;
-- All of an invitation but the hash of its token.
GRANT SELECT ON team_invitations TO authenticated, service_role;
GRANT SELECT (id, admin_id, email, role, created_at, expires_at, cancelled_at, accepted_at, is_bound, is_declined) ON teamwork.invitations
    TO authenticated, service_role;

-- Functions: those that members call, and those that run as the member inside policies, triggers, views and defaults.
GRANT EXECUTE ON FUNCTION
    get_current_user_admin_id(), get_current_user_role(), team_usage(),
    create_team_member(text, text, text, uuid), deactivate_team_member(uuid), reactivate_team_member(uuid), remove_team_member(uuid),
    change_team_member_role(uuid, text), accept_invitation(text), cancel_invitation(text),
    invite_team_member(text, text, interval, boolean), invite_team_members(text[], text, interval, boolean),
    my_invitations(), join_team(uuid), decline_invitation(text), decline_team(uuid),
    leave_team(), transfer_team(uuid),
    teamwork.check_email(text), teamwork.is_address(text), teamwork.refuse_taken_address(uuid, text, uuid),
    create_upload(text), append_upload(uuid, bytea), create_scheduled_job(text, text, timestamptz, text, jsonb, jsonb),
    create_background_import_job(text, text, jsonb, uuid, jsonb, text, jsonb),
    suggest_column_mapping(text, text), preview_import(text, text, jsonb, jsonb), forget_column_mapping(text, text[]),
    sniff_csv(bytea), sniff_file(bytea, text), read_csv(bytea, jsonb), teamwork.option_fault(text, jsonb), teamwork.job_options(),
    create_export_job(text, text, jsonb), download_export(uuid), export_chunk(uuid, integer),
    job_channel(), wait_for_job(uuid, interval), cancel_job(uuid), retry_job(uuid),
    import_errors_csv(uuid), undo_import(uuid), undo_conflicts(uuid),
    teamwork.current_user_id(), teamwork.current_claims(), teamwork.set_claims(jsonb, boolean), teamwork.claims_fault(),
    teamwork.role_may(oid, text), teamwork.hidden_columns(oid), teamwork.closed_data_types(),
    teamwork.hidden_values(regclass, jsonb, jsonb), teamwork.is_visible(oid, text),
    teamwork.ids_are_generated(uuid), teamwork.replaces_a_row(uuid), teamwork.ids_are_own(regclass, record),
    teamwork.has_drawn(oid, bigint),
    teamwork.is_own_row(regclass, oid, smallint[], record), teamwork.has_row_like(regclass, name[], record), teamwork.full_name(regclass),
    teamwork.numbered_columns(regclass), teamwork.keep_ids(regclass, json, json), teamwork.refuse_id(regclass),
    teamwork.restoring(), teamwork.require_admin(), teamwork.raise_no_such_member(uuid),
    teamwork.check_member_role(text), teamwork.set_member_active(uuid, boolean), teamwork.check_data_type(text),
    teamwork.check_options(text, jsonb), teamwork.check_mapping(regclass, jsonb),
    teamwork.fillable_columns(regclass), teamwork.saved_mappings_of(uuid, text), teamwork.header_signature(text[]),
    teamwork.match_columns(text, text[], text[], integer[], jsonb), teamwork.run_preview(text, text, text, text),
    teamwork.check_source(jsonb, uuid), teamwork.check_export(regclass, jsonb), teamwork.require_job(uuid, text),
    teamwork.require_export(uuid), teamwork.require_import(uuid), teamwork.refused_records(uuid, jsonb),
    teamwork.error_file_header(text[], text), teamwork.error_file_record(text, jsonb, text[], text[], text),
    teamwork.error_file_mark(jsonb, jsonb),
    teamwork.check_job(scheduled_jobs), teamwork.check_rules(scheduled_jobs, regclass), teamwork.reset_engine_columns(scheduled_jobs),
    teamwork.require_member(), teamwork.engine_time(),
    teamwork.progress_bar(numeric), teamwork.live_progress(uuid), teamwork.wake(),
    teamwork.goes_by_token(), teamwork.token_fault(text), teamwork.login(text, boolean), teamwork.logout(),
    teamwork.doctor(), teamwork.is_administrator(),
    teamwork.check_login(), teamwork.check_profile(), teamwork.check_organization()
TO authenticated, service_role;

-- What pg_dump carries: all rows and all sequences, but for the rows that the script itself inserts. A condition is the end
-- of the query that reads the table; pg_dump --inserts writes one statement a row, and an admin must be there before a member.
DO $$
DECLARE
    member record;
BEGIN
    FOR member IN
        SELECT c.oid FROM teamwork.members_of_extension() m JOIN pg_class c ON c.oid = m.object
        WHERE m.class = 'pg_class'::regclass AND c.relkind IN ('r', 'S')
    LOOP
        PERFORM pg_extension_config_dump(member.oid, CASE member.oid
            WHEN 'teamwork.protections'::regclass THEN 'WHERE NOT is_preset'
            -- The script that restores the extension writes its own.
            WHEN 'teamwork.baseline'::regclass THEN 'WHERE false'
            -- Secrets have no place in a dump.
            WHEN 'teamwork.token_keys'::regclass THEN 'WHERE false'
            WHEN 'teamwork.role_limits'::regclass THEN 'WHERE NOT is_preset'
            WHEN 'user_profiles'::regclass THEN 'ORDER BY admin_id NULLS FIRST'
            ELSE '' END);
    END LOOP;
END
$$;

-- Last: what there is now is what teamwork.doctor() expects.
SELECT teamwork.record_baseline();
/* </end connected objects> */

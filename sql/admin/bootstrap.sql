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

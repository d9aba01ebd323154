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

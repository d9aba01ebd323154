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

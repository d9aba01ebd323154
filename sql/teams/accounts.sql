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

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

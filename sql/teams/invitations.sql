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

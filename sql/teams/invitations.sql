-- Invitations: a token for somebody who has no account yet. A pending invitation holds a seat, and expires by itself.
-- Whoever has the token may use it, under whatever address they signed up: the admin's message to them is the proof.

CREATE VIEW team_invitations WITH (security_invoker = true) AS
    SELECT i.email, i.role, i.created_at AS invited_at, i.expires_at
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
DECLARE
    member record;
BEGIN
    PERFORM teamwork.check_member_role(role);
    IF email IS NULL OR email !~ '^[^@[:space:]]+@[^@[:space:]]+$' THEN
        RAISE EXCEPTION 'invalid email address: %', coalesce(quote_literal(email), 'NULL') USING ERRCODE = 'invalid_parameter_value';
    ELSIF expires_in IS NULL OR expires_in <= interval '0' THEN
        RAISE EXCEPTION 'invalid value for expires_in: %', coalesce(quote_literal(expires_in), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give an interval greater than zero, such as ''7 days''.';
    END IF;
    SELECT p.id, p.is_active INTO member FROM @extschema@.user_profiles p
    WHERE lower(p.email) = lower(check_invitation.email) AND (p.admin_id = admin OR p.id = admin) LIMIT 1;
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

CREATE FUNCTION invite_team_member(email text, role text, expires_in interval DEFAULT '7 days') RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin CONSTANT uuid := teamwork.require_admin();
    -- 244 random bits from the server's strong source.
    token CONSTANT text := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
    invitation CONSTANT uuid := gen_random_uuid();
BEGIN
    PERFORM teamwork.lock_teams(admin);
    PERFORM teamwork.check_invitation(admin, email, role, expires_in);
    -- Inviting again is how a lost message is sent again: the earlier token is void.
    PERFORM teamwork.withdraw_invitation(admin, email);
    INSERT INTO teamwork.invitations (id, admin_id, email, role, token_hash, expires_at)
    VALUES (invitation, admin, invite_team_member.email, invite_team_member.role, teamwork.hash_token(token),
            clock_timestamp() + expires_in);
    PERFORM teamwork.take_seat(admin, role, NULL, invitation);
    RETURN token;
END
$$;
COMMENT ON FUNCTION invite_team_member(text, text, interval) IS 'Invites somebody to the caller''s team and returns the token for accept_invitation(); the token is shown only this once, and inviting again replaces the invitation
Errors: 42501 unless the caller is an active admin; 22023 if the role, the address or the interval is invalid; 23505 if a member of the team has that address; 23514 if no seat is free';

CREATE FUNCTION cancel_invitation(email text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin CONSTANT uuid := teamwork.require_admin();
BEGIN
    PERFORM teamwork.lock_teams(admin);
    RETURN teamwork.withdraw_invitation(admin, email);
END
$$;
COMMENT ON FUNCTION cancel_invitation(text) IS 'Takes back a pending invitation of the caller''s team and frees its seat; false when there was none
Errors: 42501 unless the caller is an active admin';

-- What the invited call ------------------------------------------------------------------------------------------

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
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'The admin took it back or sent a later one.', HINT = hint;
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
              DETAIL = format('User %s is %s%s.', caller,
                              CASE profile.role WHEN 'admin' THEN 'admin of a team of their own' ELSE profile.role END,
                              CASE WHEN profile.is_active THEN '' ELSE ', deactivated' END),
              HINT = CASE WHEN profile.role = 'admin' THEN 'Sign in as another user; a database administrator can delete a team.'
                          ELSE 'The admin of that team can release the caller with remove_team_member().' END;
END
$$;
COMMENT ON FUNCTION teamwork.raise_second_team(uuid) IS 'The error for a caller who has a profile already';

CREATE FUNCTION accept_invitation(token text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    caller CONSTANT uuid := teamwork.current_user_id();
    hash CONSTANT bytea := teamwork.hash_token(token);
    invitation teamwork.invitations;
BEGIN
    IF caller IS NULL THEN
        RAISE EXCEPTION 'only a signed-in user can accept an invitation'
            USING ERRCODE = 'insufficient_privilege', DETAIL = 'The request has no valid claims.', HINT = 'Sign up or sign in first.';
    END IF;
    -- The team first, as everywhere; then nobody else decides about this invitation, and its state is read anew.
    PERFORM teamwork.lock_teams((SELECT i.admin_id FROM teamwork.invitations i WHERE i.token_hash = hash));
    SELECT * INTO invitation FROM teamwork.invitations i WHERE i.token_hash = hash FOR UPDATE;
    PERFORM teamwork.check_acceptance(invitation);
    -- Before the profile: its trigger gives the seat of the accepted invitation to the member.
    UPDATE teamwork.invitations i SET accepted_at = clock_timestamp(), accepted_by = caller WHERE i.id = invitation.id;
    INSERT INTO @extschema@.user_profiles (id, email, full_name, role, admin_id, created_by)
    VALUES (caller, coalesce(nullif(teamwork.current_claims() ->> 'email', ''), invitation.email),
            teamwork.current_claims() -> 'user_metadata' ->> 'full_name', invitation.role, invitation.admin_id, invitation.admin_id)
    -- Also somebody who accepts two invitations at once has one team.
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
        PERFORM teamwork.raise_second_team(caller);
    END IF;
    RETURN invitation.admin_id;
END
$$;
COMMENT ON FUNCTION accept_invitation(text) IS 'Makes the caller, who has no team yet, a member of the team that sent the token; returns the team
Errors: 42501 if nobody is signed in; P0002 if no invitation has this token; 55000 if it was accepted or cancelled, has expired, or the team is not active; 23505 if the caller has a profile already';

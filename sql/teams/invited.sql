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

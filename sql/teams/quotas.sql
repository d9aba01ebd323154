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

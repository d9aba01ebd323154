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

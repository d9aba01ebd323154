-- The audit log: who did what to memberships, limits and jobs. Triggers write it, whatever path an action takes; team data
-- has none. After the jobs in the chain, as it watches their table.

CREATE TABLE teamwork.audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- No foreign keys: the log outlives whom it tells of.
    actor uuid,
    action text NOT NULL,
    organization uuid,
    subject uuid,
    detail jsonb NOT NULL DEFAULT '{}',
    -- Beside the detail, which the admin of the other team reads.
    from_organization uuid
);
CREATE INDEX audit_log_organization_idx ON teamwork.audit_log (organization, at DESC);
COMMENT ON TABLE teamwork.audit_log IS 'What was done to memberships, limits and jobs, and by whom
For: administrators';
COMMENT ON COLUMN teamwork.audit_log.at IS 'By the wall clock';
COMMENT ON COLUMN teamwork.audit_log.actor IS 'The user in the claims of the request; NULL for a database administrator, a service or the worker: detail then names the database role';
COMMENT ON COLUMN teamwork.audit_log.organization IS 'The team: the id of its admin; NULL for what concerns every team';
COMMENT ON COLUMN teamwork.audit_log.subject IS 'The user, the invitation or the job it was done to';
COMMENT ON COLUMN teamwork.audit_log.from_organization IS 'The team that a member was in before';

ALTER TABLE teamwork.audit_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY "admins read their team's lines" ON teamwork.audit_log FOR SELECT TO authenticated
    USING (organization = (SELECT teamwork.current_user_id()) AND organization = (SELECT get_current_user_admin_id()));

CREATE VIEW team_audit_log WITH (security_invoker = true) AS
    SELECT l.at, l.actor, l.action, l.subject, l.detail FROM teamwork.audit_log l;
COMMENT ON VIEW team_audit_log IS 'What was done to memberships, limits and jobs of the caller''s team, and by whom; for its active admin, and empty for others';
COMMENT ON COLUMN team_audit_log.at IS 'By the wall clock';
COMMENT ON COLUMN team_audit_log.actor IS 'The user who did it; NULL for a database administrator, a service or the worker';
COMMENT ON COLUMN team_audit_log.subject IS 'The user, the invitation or the job it was done to';

CREATE FUNCTION teamwork.audit(action text, organization uuid, subject uuid, detail jsonb, from_organization uuid DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    caller CONSTANT uuid := teamwork.current_user_id();
BEGIN
    INSERT INTO teamwork.audit_log (actor, action, organization, subject, detail, from_organization)
    VALUES (caller, audit.action, audit.organization, audit.subject,
            jsonb_strip_nulls(audit.detail || jsonb_build_object('database_role', CASE WHEN caller IS NULL THEN session_user END)),
            audit.from_organization);
END
$$;
COMMENT ON FUNCTION teamwork.audit(text, uuid, uuid, jsonb, uuid) IS 'Adds a line to the audit log';

-- Membership -----------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.audit_profile() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- Nobody but accept_invitation() makes callers members of another's team.
        PERFORM teamwork.audit(CASE WHEN NEW.role = 'admin' THEN 'registered'
                                    WHEN NEW.id = teamwork.current_user_id() THEN 'accepted' ELSE 'created' END,
                               coalesce(NEW.admin_id, NEW.id), NEW.id, jsonb_build_object('role', NEW.role, 'email', NEW.email));
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' THEN
        -- Nobody deletes the own profile but by leave_team(), or by accepting an invitation with an empty team of their own.
        PERFORM teamwork.audit(CASE WHEN OLD.id IS DISTINCT FROM teamwork.current_user_id() THEN 'removed'
                                    WHEN OLD.role = 'admin' THEN 'team_given_up' ELSE 'left' END, coalesce(OLD.admin_id, OLD.id), OLD.id,
                               jsonb_build_object('role', OLD.role, 'email', OLD.email));
        RETURN NULL;
    END IF;
    IF (OLD.role, OLD.admin_id) IS DISTINCT FROM (NEW.role, NEW.admin_id) THEN
        PERFORM teamwork.audit(CASE WHEN OLD.role = NEW.role THEN 'moved' ELSE 'role_changed' END,
            coalesce(NEW.admin_id, NEW.id), NEW.id, jsonb_build_object('from', OLD.role, 'to', NEW.role),
            CASE WHEN OLD.admin_id IS DISTINCT FROM NEW.admin_id THEN coalesce(OLD.admin_id, OLD.id) END);
    END IF;
    IF OLD.is_active <> NEW.is_active THEN
        PERFORM teamwork.audit(CASE WHEN NEW.is_active THEN 'reactivated' ELSE 'deactivated' END,
                               coalesce(NEW.admin_id, NEW.id), NEW.id, '{}');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.audit_profile() IS 'Trigger: registered, created, accepted, role_changed, moved, deactivated, reactivated, removed, left, team_given_up';

CREATE TRIGGER audit_profile AFTER INSERT OR DELETE ON user_profiles
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.audit_profile();
CREATE TRIGGER audit_profile_change AFTER UPDATE OF role, admin_id, is_active ON user_profiles
    FOR EACH ROW WHEN ((OLD.role, OLD.admin_id, OLD.is_active) IS DISTINCT FROM (NEW.role, NEW.admin_id, NEW.is_active))
    EXECUTE FUNCTION teamwork.audit_profile();

CREATE FUNCTION teamwork.audit_invitation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.audit(CASE WHEN TG_OP = 'INSERT' THEN 'invited' WHEN NEW.is_declined THEN 'invitation_declined'
                                ELSE 'invitation_cancelled' END, NEW.admin_id, NEW.id,
                           jsonb_build_object('role', NEW.role, 'email', NEW.email));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.audit_invitation() IS 'Trigger: invited, invitation_cancelled, invitation_declined';

CREATE TRIGGER audit_invitation AFTER INSERT ON teamwork.invitations
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.audit_invitation();
CREATE TRIGGER audit_invitation_cancelled AFTER UPDATE OF cancelled_at ON teamwork.invitations
    FOR EACH ROW WHEN (OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL) EXECUTE FUNCTION teamwork.audit_invitation();

CREATE FUNCTION teamwork.audit_limit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.audit('limit_changed', coalesce(NEW.admin_id, OLD.admin_id), NULL,
                           jsonb_build_object('role', coalesce(NEW.role, OLD.role), 'from', OLD.max, 'to', NEW.max));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.audit_limit() IS 'Trigger: limit_changed; without "from" where the team had no limit of its own, without "to" where it has none any more';

CREATE TRIGGER audit_limit AFTER INSERT OR UPDATE OR DELETE ON teamwork.role_limits
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.audit_limit();

-- Jobs: one line at the submission and one at the end; claims and progress leave none -------------------------------

CREATE FUNCTION teamwork.audit_job() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    subject record := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    PERFORM teamwork.audit(
        CASE TG_OP WHEN 'INSERT' THEN 'job_submitted' WHEN 'DELETE' THEN 'job_deleted'
                   ELSE CASE NEW.status WHEN 'pending' THEN 'job_retried' ELSE 'job_' || NEW.status END END,
        subject.organization_id, subject.id,
        jsonb_build_object('job_type', subject.job_type, 'data_type', subject.data_type, 'file_name', subject.file_name,
                           'record_count', subject.record_count));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.audit_job() IS 'Trigger: job_submitted, job_completed, job_failed, job_cancelled, job_retried, job_deleted';

CREATE TRIGGER audit_job AFTER INSERT OR DELETE ON scheduled_jobs
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.audit_job();
CREATE TRIGGER audit_job_end AFTER UPDATE OF status ON scheduled_jobs
    FOR EACH ROW WHEN (OLD.status <> NEW.status
                       AND (NEW.status IN ('completed', 'failed', 'cancelled') OR NEW.status = 'pending' AND OLD.status <> 'processing'))
    EXECUTE FUNCTION teamwork.audit_job();

-- Teams: who is who, how many of a role a team may have, and the seats that are taken.

CREATE TABLE user_profiles (
    id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
    email text,
    full_name text,
    role text NOT NULL CHECK (role IN ('admin', 'manager', 'staff')),
    -- No ON DELETE action: an admin with members cannot vanish silently.
    admin_id uuid REFERENCES user_profiles (id),
    created_by uuid DEFAULT teamwork.current_user_id(),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_profiles_admin_has_no_admin CHECK ((role = 'admin') = (admin_id IS NULL))
);
CREATE INDEX user_profiles_admin_id_idx ON user_profiles (admin_id);
-- An address is one person's within a team, however it is written.
CREATE UNIQUE INDEX user_profiles_address_key ON user_profiles (coalesce(admin_id, id), lower(email));
COMMENT ON TABLE user_profiles IS 'One row per user: the role, and the team as the id of its admin';
COMMENT ON COLUMN user_profiles.id IS 'The user, as in auth.users';
COMMENT ON COLUMN user_profiles.role IS 'admin, manager or staff';
COMMENT ON COLUMN user_profiles.admin_id IS 'The team: the id of the admin; NULL for an admin';
COMMENT ON COLUMN user_profiles.created_by IS 'Who made this profile';
COMMENT ON COLUMN user_profiles.is_active IS 'An inactive member sees nothing but the own profile and holds no seat';

COMMENT ON FUNCTION get_current_user_admin_id() IS 'The caller''s team, as the id of its admin; NULL unless the caller is an active member of an active admin''s team
Errors: none';
COMMENT ON FUNCTION get_current_user_role() IS 'The caller''s role: admin, manager or staff; NULL unless the caller is an active member of a team
Errors: none';

CREATE VIEW profiles WITH (security_invoker = true) AS
    SELECT id, email, full_name, role, coalesce(admin_id, id) AS organization_id
    FROM user_profiles;
COMMENT ON VIEW profiles IS 'The profiles that the caller may see, with the team under the name organization_id';

-- How many -------------------------------------------------------------------------------------------------------

CREATE TABLE teamwork.role_limits (
    role text NOT NULL CHECK (role IN ('manager', 'staff')),
    admin_id uuid REFERENCES user_profiles (id) ON DELETE CASCADE,
    max integer NOT NULL CHECK (max >= 0),
    -- The shipped defaults, which a dump leaves to the script. A default that was set comes before them.
    is_preset boolean NOT NULL DEFAULT false,
    CONSTRAINT role_limits_key UNIQUE NULLS NOT DISTINCT (role, admin_id, is_preset)
);
CREATE INDEX role_limits_admin_id_idx ON teamwork.role_limits (admin_id);
COMMENT ON TABLE teamwork.role_limits IS 'How many active members of a role a team may have: the default (admin_id NULL) and exceptions per admin; teamwork.set_role_limit() writes it
For: administrators';
COMMENT ON COLUMN teamwork.role_limits.admin_id IS 'The team; NULL for every team without a limit of its own';
COMMENT ON COLUMN teamwork.role_limits.is_preset IS 'Whether the extension came with it';
INSERT INTO teamwork.role_limits (role, max, is_preset) VALUES ('manager', 1, true), ('staff', 2, true);

CREATE TABLE teamwork.invitations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    admin_id uuid NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE,
    email text NOT NULL,
    role text NOT NULL CHECK (role IN ('manager', 'staff')),
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    cancelled_at timestamptz,
    accepted_at timestamptz,
    -- No foreign key: who accepted stays on record when the account is gone.
    accepted_by uuid,
    is_bound boolean NOT NULL DEFAULT false,
    is_declined boolean NOT NULL DEFAULT false,
    CONSTRAINT invitations_one_end CHECK (num_nonnulls(cancelled_at, accepted_at) <= 1),
    CONSTRAINT invitations_accepted_by_somebody CHECK ((accepted_at IS NULL) = (accepted_by IS NULL))
);
CREATE INDEX invitations_admin_id_idx ON teamwork.invitations (admin_id);
CREATE UNIQUE INDEX invitations_open_key ON teamwork.invitations (admin_id, lower(email))
    WHERE cancelled_at IS NULL AND accepted_at IS NULL;
CREATE INDEX invitations_address_idx ON teamwork.invitations (lower(email)) WHERE cancelled_at IS NULL AND accepted_at IS NULL;
COMMENT ON TABLE teamwork.invitations IS 'Who was invited to which team, and what became of it; an invitation is pending until it is cancelled, accepted or expired; only the admin of the team sees it
For: members';
COMMENT ON COLUMN teamwork.invitations.admin_id IS 'The team that invites';
COMMENT ON COLUMN teamwork.invitations.accepted_by IS 'The user who accepted it';
COMMENT ON COLUMN teamwork.invitations.token_hash IS 'SHA-256 of the token, which only its receiver has';
COMMENT ON COLUMN teamwork.invitations.cancelled_at IS 'When the admin took it back, or replaced it by a later one to the same address, or the invited declined it';
COMMENT ON COLUMN teamwork.invitations.is_bound IS 'Whether only the account with that address can accept it';
COMMENT ON COLUMN teamwork.invitations.is_declined IS 'Whether it ended because the invited declined it';

CREATE TABLE teamwork.seats (
    admin_id uuid NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('manager', 'staff')),
    slot integer NOT NULL CHECK (slot > 0),
    member_id uuid UNIQUE REFERENCES user_profiles (id) ON DELETE CASCADE,
    invitation_id uuid UNIQUE REFERENCES teamwork.invitations (id) ON DELETE CASCADE,
    -- Two sessions that both believe a slot to be free cannot both have it, whatever their isolation level.
    PRIMARY KEY (admin_id, role, slot),
    CONSTRAINT seats_one_holder CHECK (num_nonnulls(member_id, invitation_id) = 1)
);
COMMENT ON TABLE teamwork.seats IS 'One row per occupied seat, by a member or a pending invitation; the primary key is the quota''s hard floor';
COMMENT ON COLUMN teamwork.seats.invitation_id IS 'The invitation that holds the seat; once it has expired, the seat counts as free';

CREATE FUNCTION teamwork.role_limit(admin uuid, role text) RETURNS integer
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- Without any row, none: a deleted default is no way to have no limit.
    SELECT coalesce((SELECT l.max FROM teamwork.role_limits l
                     WHERE l.role = role_limit.role AND (l.admin_id = admin OR l.admin_id IS NULL)
                     ORDER BY l.admin_id NULLS LAST, l.is_preset LIMIT 1), 0)
$$;
COMMENT ON FUNCTION teamwork.role_limit(uuid, text) IS 'How many active members of the role the admin''s team may have
For: administrators
Errors: none';

CREATE FUNCTION teamwork.clear_preset() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.is_preset := false;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.clear_preset() IS 'Trigger: a shipped default that was changed by hand is shipped no more, and a dump carries it';
CREATE TRIGGER clear_preset BEFORE UPDATE ON teamwork.role_limits
    FOR EACH ROW WHEN (OLD.is_preset) EXECUTE FUNCTION teamwork.clear_preset();

CREATE FUNCTION teamwork.set_role_limit(role text, max integer, admin uuid DEFAULT NULL) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO teamwork.role_limits AS l (role, admin_id, max) VALUES (set_role_limit.role, admin, set_role_limit.max)
    ON CONFLICT ON CONSTRAINT role_limits_key DO UPDATE SET max = excluded.max
$$;
COMMENT ON FUNCTION teamwork.set_role_limit(text, integer, uuid) IS 'Sets how many active members of a role a team may have: for one admin, or for every admin without a limit of their own
For: administrators
Errors: 23514 if the role is neither manager nor staff, or the number is negative; 23503 if the admin does not exist';

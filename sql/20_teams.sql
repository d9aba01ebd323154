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
COMMENT ON TABLE user_profiles IS 'One row per user: the role, and the team as the id of its admin';
COMMENT ON COLUMN user_profiles.admin_id IS 'The team: the id of the admin; NULL for an admin';
COMMENT ON COLUMN user_profiles.created_by IS 'Who made this profile';
COMMENT ON COLUMN user_profiles.is_active IS 'An inactive member sees nothing but the own profile and holds no seat';

COMMENT ON FUNCTION get_current_user_admin_id() IS 'The caller''s team, as the id of its admin; NULL unless the caller is an active member of an active admin''s team';
COMMENT ON FUNCTION get_current_user_role() IS 'The caller''s role: admin, manager or staff; NULL unless the caller is an active member of a team';

CREATE VIEW profiles WITH (security_invoker = true) AS
    SELECT id, email, full_name, role, coalesce(admin_id, id) AS organization_id
    FROM user_profiles;
COMMENT ON VIEW profiles IS 'The profiles that the caller may see, with the team under the name organization_id';

-- How many -------------------------------------------------------------------------------------------------------

CREATE TABLE teamwork.role_limits (
    role text NOT NULL CHECK (role IN ('manager', 'staff')),
    admin_id uuid REFERENCES user_profiles (id) ON DELETE CASCADE,
    max integer NOT NULL CHECK (max >= 0),
    CONSTRAINT role_limits_key UNIQUE NULLS NOT DISTINCT (role, admin_id)
);
CREATE INDEX role_limits_admin_id_idx ON teamwork.role_limits (admin_id);
COMMENT ON TABLE teamwork.role_limits IS 'How many active members of a role a team may have, where teamwork.set_role_limit changed it: for all (admin_id NULL) or for one admin';

CREATE TABLE teamwork.seats (
    admin_id uuid NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('manager', 'staff')),
    slot integer NOT NULL CHECK (slot > 0),
    member_id uuid NOT NULL UNIQUE REFERENCES user_profiles (id) ON DELETE CASCADE,
    -- Two sessions that both believe a slot to be free cannot both have it, whatever their isolation level.
    PRIMARY KEY (admin_id, role, slot)
);
COMMENT ON TABLE teamwork.seats IS 'One row per occupied seat; the primary key is the quota''s hard floor';

CREATE FUNCTION teamwork.role_limit(admin uuid, role text) RETURNS integer
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- The shipped limits are no rows: those would collide with a dump's when it is restored.
    SELECT coalesce((SELECT l.max FROM teamwork.role_limits l
                     WHERE l.role = role_limit.role AND (l.admin_id = admin OR l.admin_id IS NULL)
                     ORDER BY l.admin_id NULLS LAST LIMIT 1),
                    CASE role_limit.role WHEN 'manager' THEN 1 WHEN 'staff' THEN 2 END)
$$;
COMMENT ON FUNCTION teamwork.role_limit(uuid, text) IS 'How many active members of the role the admin''s team may have';

CREATE FUNCTION teamwork.set_role_limit(role text, max integer, admin uuid DEFAULT NULL) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO teamwork.role_limits AS l (role, admin_id, max) VALUES (role, admin, max)
    ON CONFLICT ON CONSTRAINT role_limits_key DO UPDATE SET max = excluded.max
$$;
COMMENT ON FUNCTION teamwork.set_role_limit(text, integer, uuid) IS 'Sets how many active members of a role a team may have: for one admin, or for every admin without an exception';

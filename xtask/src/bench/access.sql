-- 2,500 teams; 2,000 of them have 400 rows each, and team 2,500 has 200,000.
SET client_min_messages = warning;
CREATE EXTENSION teamwork;

INSERT INTO auth.users (id) SELECT (lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000')::uuid FROM generate_series(1, 2500) n;
INSERT INTO user_profiles (id, role) SELECT id, 'admin' FROM auth.users;

CREATE TABLE by_hand (LIKE transactions INCLUDING ALL);
ALTER TABLE by_hand ADD FOREIGN KEY (owner_id) REFERENCES auth.users, ADD FOREIGN KEY (admin_id) REFERENCES user_profiles;
CREATE TABLE as_projects_do (LIKE transactions INCLUDING DEFAULTS INCLUDING IDENTITY, PRIMARY KEY (id));

CREATE FUNCTION team_as_projects_do() RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    profile record;
BEGIN
    SELECT role, admin_id INTO profile FROM user_profiles WHERE id = auth.uid();
    IF profile.role = 'admin' THEN
        RETURN auth.uid();
    END IF;
    RETURN profile.admin_id;
END
$$;
ALTER TABLE as_projects_do ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own or team" ON as_projects_do FOR ALL TO authenticated
    USING (owner_id = auth.uid() OR admin_id = team_as_projects_do())
    WITH CHECK (owner_id = auth.uid() OR admin_id = team_as_projects_do());
GRANT SELECT, INSERT ON by_hand, as_projects_do TO authenticated;

CREATE TABLE under_a_rule (LIKE transactions INCLUDING ALL);
SELECT teamwork.protect_table('under_a_rule');
SELECT teamwork.set_table_rule('under_a_rule', 'admin', commands => '{SELECT,INSERT,UPDATE}', hidden_columns => '{description}');

CREATE TEMP TABLE laid_out AS
    SELECT (lpad(to_hex(CASE WHEN n % 5 = 0 THEN 2500 ELSE 1 + (n - n / 5) % 2000 END), 8, '0') || '-0000-4000-8000-000000000000')::uuid AS team,
           n % 1000 AS amount, timestamptz '2026-01-01' + n * interval '1 second' AS at
    FROM generate_series(1, 1000000) n;
INSERT INTO transactions (amount, owner_id, admin_id, created_at) SELECT amount, team, team, at FROM laid_out;
INSERT INTO under_a_rule (amount, owner_id, admin_id, created_at) SELECT amount, team, team, at FROM laid_out;
INSERT INTO by_hand (amount, owner_id, admin_id, created_at) SELECT amount, team, team, at FROM laid_out;
INSERT INTO as_projects_do (amount, owner_id, admin_id, created_at) SELECT amount, team, team, at FROM laid_out;
VACUUM ANALYZE transactions;
VACUUM ANALYZE under_a_rule;
VACUUM ANALYZE by_hand;
VACUUM ANALYZE as_projects_do;
VACUUM ANALYZE user_profiles;
CHECKPOINT;

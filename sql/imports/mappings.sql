-- Mappings: which column of a file goes where. What a team has decided for the files of one header is kept and used again;
-- for everything else there are suggestions. src/import/mapping.rs is the other half.

CREATE TABLE teamwork.saved_mappings (
    organization_id uuid NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE,
    data_type text NOT NULL,
    signature text NOT NULL,
    header text[] NOT NULL,
    mapping jsonb NOT NULL,
    -- No foreign key: what was saved stays with the team when the account goes.
    saved_by uuid NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    uses bigint NOT NULL DEFAULT 0,
    used_at timestamptz,
    PRIMARY KEY (organization_id, data_type, signature)
);
COMMENT ON TABLE teamwork.saved_mappings IS 'The mappings of completed imports, for the next file of the same header; a team keeps the last hundred per data type
For: members';
COMMENT ON COLUMN teamwork.saved_mappings.signature IS 'teamwork.header_signature() of the header';
COMMENT ON COLUMN teamwork.saved_mappings.header IS 'As it was in the file that the mapping was saved with';
COMMENT ON COLUMN teamwork.saved_mappings.mapping IS '{"CSV column": "table_column" | "+table_column" | "-table_column" | "attributes.key" | null}, of the columns that somebody has decided on';
COMMENT ON COLUMN teamwork.saved_mappings.uses IS 'How many imports it has been used for; those that run at the same time may count as one';

COMMENT ON FUNCTION teamwork.header_signature(text[]) IS 'What tells a header apart from others: a hash of its names in their order, however they are spelled; NULL when they are numbers only, as in a file without a header';

ALTER TABLE teamwork.saved_mappings ENABLE ROW LEVEL SECURITY;
CREATE POLICY "team members see the team's saved mappings" ON teamwork.saved_mappings FOR SELECT TO authenticated
    USING (organization_id = (SELECT get_current_user_admin_id()));
CREATE POLICY "team members forget the team's saved mappings" ON teamwork.saved_mappings FOR DELETE TO authenticated
    USING (organization_id = (SELECT get_current_user_admin_id()));

CREATE FUNCTION forget_column_mapping(data_type text, header text[]) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM teamwork.saved_mappings s
    WHERE s.organization_id = (SELECT @extschema@.get_current_user_admin_id()) AND s.data_type = forget_column_mapping.data_type
      AND s.signature = teamwork.header_signature(forget_column_mapping.header);
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION forget_column_mapping(text, text[]) IS 'Forgets the mapping that the caller''s team has saved for files of that header; false when there is none
Errors: none';

-- Jobs ----------------------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.saved_mappings_of(team uuid, data_type text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT jsonb_object_agg(s.signature, s.mapping) FROM teamwork.saved_mappings s
            WHERE s.organization_id = team AND s.data_type = saved_mappings_of.data_type);
END
$$;
COMMENT ON FUNCTION teamwork.saved_mappings_of(uuid, text) IS '{"signature": {mapping}} of what a team has saved for a data type; NULL when that is nothing';

CREATE FUNCTION teamwork.save_mapping(team uuid, data_type text, header text[], mapping jsonb, saved_by uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kept CONSTANT integer := 100;
    -- Every import loads what is kept.
    max_bytes CONSTANT integer := 65536;
    own_signature CONSTANT text := teamwork.header_signature(header);
BEGIN
    -- Clients send the same mapping again and again: then nothing is written, and nobody waits.
    IF own_signature IS NULL OR octet_length(save_mapping.mapping::text) > max_bytes OR EXISTS (
            SELECT FROM teamwork.saved_mappings s
            WHERE (s.organization_id, s.data_type, s.signature, s.mapping)
                = (team, save_mapping.data_type, own_signature, save_mapping.mapping)) THEN
        RETURN;
    END IF;
    INSERT INTO teamwork.saved_mappings (organization_id, data_type, signature, header, mapping, saved_by)
    VALUES (team, save_mapping.data_type, own_signature, save_mapping.header, save_mapping.mapping, save_mapping.saved_by)
    ON CONFLICT ON CONSTRAINT saved_mappings_pkey DO UPDATE
    SET header = excluded.header, mapping = excluded.mapping, saved_by = excluded.saved_by, saved_at = excluded.saved_at;
    DELETE FROM teamwork.saved_mappings s
    WHERE s.organization_id = team AND s.data_type = save_mapping.data_type AND s.signature IN (
        SELECT o.signature FROM teamwork.saved_mappings o WHERE o.organization_id = team AND o.data_type = save_mapping.data_type
        ORDER BY greatest(o.saved_at, o.used_at) DESC, o.signature OFFSET kept);
END
$$;
COMMENT ON FUNCTION teamwork.save_mapping(uuid, text, text[], jsonb, uuid) IS 'Keeps what a completed import was told about the columns of its file, in place of what was kept for that header before';

CREATE FUNCTION teamwork.count_use(team uuid, data_type text, header text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    used CONSTANT text := teamwork.header_signature(header);
BEGIN
    UPDATE teamwork.saved_mappings s SET uses = s.uses + 1, used_at = clock_timestamp()
    WHERE (s.organization_id, s.data_type, s.signature) IN (
        SELECT o.organization_id, o.data_type, o.signature FROM teamwork.saved_mappings o
        WHERE o.organization_id = team AND o.data_type = count_use.data_type AND o.signature = used
        -- A count is not worth waiting for another import.
        FOR NO KEY UPDATE SKIP LOCKED);
END
$$;
COMMENT ON FUNCTION teamwork.count_use(uuid, text, text[]) IS 'Notes that an import has used a saved mapping';

-- Suggestions ---------------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.fillable_columns(target regclass, OUT names text[], OUT types text[], OUT modifiers integer[]) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT array_agg(c.name), array_agg(c.type), array_agg(c.modifier) INTO names, types, modifiers FROM teamwork.import_columns(target) c;
END
$$;
COMMENT ON FUNCTION teamwork.fillable_columns(regclass) IS 'The columns of a protected table that a file may fill, with their types';

COMMENT ON FUNCTION teamwork.match_columns(text, text[], text[], integer[], jsonb) IS 'Where the columns of a CSV may go, from its beginning, in a table of such columns and types, with the mappings saved for other files by their signatures';

CREATE FUNCTION suggest_column_mapping(data_type text, csv text)
    RETURNS TABLE (csv_column text, target_column text, confidence real, reason text, samples text[])
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target CONSTANT regclass := teamwork.check_data_type(data_type);
    -- Characters: the header, and rows enough to see what kind of values there are.
    head CONSTANT integer := 65536;
BEGIN
    RETURN QUERY SELECT m.* FROM teamwork.fillable_columns(target) c
    CROSS JOIN LATERAL teamwork.match_columns(coalesce(left(csv, head), ''), c.names, c.types, c.modifiers, coalesce(
        teamwork.saved_mappings_of(@extschema@.get_current_user_admin_id(), data_type), '{}')) m;
END
$$;
COMMENT ON FUNCTION suggest_column_mapping(text, text) IS 'Where each column of a CSV may go in a protected table, how sure that is (0 to 1), and why; reads the first 64 KiB; an import without a mapping takes suggestions of 0.8 and more
Errors: 22023 if the data type does not exist; 22P04 if the text is not CSV';

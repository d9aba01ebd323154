"""psycopg2, and the statements that PostgREST makes of upsert() and update() of whole rows."""
import json

import psycopg2
import psycopg2.extras
from session import COLLEAGUE, DATABASE, HOST, LOGIN, OPTIONS, USER, expect

connection = psycopg2.connect(host=HOST, dbname=DATABASE, user=LOGIN, options=OPTIONS)
psycopg2.extras.register_uuid()
cursor = connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor)


def read(sku):
    cursor.execute("SELECT * FROM inventory WHERE sku = %s", (sku,))
    return cursor.fetchone()


def columns_of(row):
    return ", ".join('"%s"' % name for name in row)


# Many whole rows at once: those that are there, and new ones, whose ids are the database's.
rows = [dict(read("SHARED"), quantity=5), dict(read("OWN"), name="Renamed")]
rows.append(dict(rows[0], id=None, sku="NEW", owner_id=None, admin_id=None))
for row in rows:
    row["attributes"] = json.dumps(row["attributes"])
updates = ", ".join('"%s" = EXCLUDED."%s"' % (name, name) for name in rows[0])
psycopg2.extras.execute_values(
    cursor,
    f"INSERT INTO inventory ({columns_of(rows[0])}) VALUES %s ON CONFLICT (id) DO UPDATE SET {updates}",
    [tuple(row.values()) for row in rows],
)
shared, new = read("SHARED"), read("NEW")
expect((shared["quantity"], str(shared["owner_id"]), str(shared["updated_by"])), (5, COLLEAGUE, USER))
expect((read("OWN")["name"], str(new["owner_id"]), new["created_at"] >= shared["created_at"]), ("Renamed", USER, True))

# PostgREST's upsert: the body is one parameter, in JSON.
cursor.execute("SELECT json_agg(i) AS body FROM inventory i WHERE sku IN ('SHARED', 'OWN')")
body = cursor.fetchone()["body"]
for row in body:
    row["quantity"] = 9
cursor.execute("SELECT string_agg(format('%I %s', attname, atttypid::regtype), ', ') AS definition FROM pg_attribute"
               " WHERE attrelid = 'inventory'::regclass AND attnum > 0 AND NOT attisdropped")
definition = cursor.fetchone()["definition"]
cursor.execute(
    f"""WITH pgrst_source AS (
            INSERT INTO "inventory" ({columns_of(body[0])})
            SELECT {columns_of(body[0])} FROM (SELECT %s::json AS json_data) pgrst_payload,
                LATERAL (SELECT * FROM json_to_recordset(pgrst_payload.json_data) AS _({definition})) pgrst_body
            ON CONFLICT ("id") DO UPDATE SET {updates} RETURNING "inventory".*)
        SELECT count(*) AS total, bool_and(quantity = 9) AS done FROM pgrst_source""",
    (json.dumps(body),),
)
expect(dict(cursor.fetchone()), {"total": 2, "done": True})

# PostgREST's update of a whole row.
cursor.execute(
    f"""UPDATE "inventory" SET {', '.join('"%s" = pgrst_body."%s"' % (name, name) for name in body[0])}
        FROM (SELECT %s::json AS json_data) pgrst_payload,
            LATERAL (SELECT * FROM json_to_record(pgrst_payload.json_data) AS _({definition})) pgrst_body
        WHERE "inventory"."id" = %s""",
    (json.dumps(dict(body[0], quantity=10)), body[0]["id"]),
)
expect((cursor.rowcount, read(body[0]["sku"])["quantity"]), (1, 10))
connection.commit()

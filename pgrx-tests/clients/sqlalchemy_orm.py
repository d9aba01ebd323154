"""SQLAlchemy's ORM over reflected tables: new rows, patches, merge() and upserts of whole rows."""
from session import COLLEAGUE, DATABASE, HOST, LOGIN, OPTIONS, USER, expect
from sqlalchemy import MetaData, create_engine
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session

engine = create_engine("postgresql+psycopg2://", connect_args={"host": HOST, "dbname": DATABASE, "user": LOGIN, "options": OPTIONS})
metadata = MetaData()
metadata.reflect(engine, only=["inventory"])
base = automap_base(metadata=metadata)
base.prepare()
Item = base.classes.inventory


def values_of(item):
    return {column.name: getattr(item, column.name) for column in Item.__table__.columns}


with Session(engine) as session:
    session.add(Item(sku="ALCHEMY", name="Flask"))
    shared = session.query(Item).filter_by(sku="SHARED").one()
    shared.quantity = 21
    session.commit()
    expect((shared.quantity, str(shared.owner_id), str(shared.updated_by)), (21, COLLEAGUE, USER))
    whole = values_of(shared)

with Session(engine) as session:
    # A detached whole row.
    session.merge(Item(**dict(whole, quantity=22)))
    session.commit()
    expect(session.query(Item.quantity).filter_by(sku="SHARED").scalar(), 22)
    statement = insert(Item.__table__).values(dict(whole, quantity=23))
    changes = {name: statement.excluded[name] for name in whole}
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes))
    session.commit()
    shared = session.query(Item).filter_by(sku="SHARED").one()
    expect((shared.quantity, str(shared.owner_id), shared.created_at), (23, COLLEAGUE, whole["created_at"]))
    made = session.query(Item).filter_by(sku="ALCHEMY").one()
    expect((str(made.owner_id), str(made.updated_by)), (USER, USER))

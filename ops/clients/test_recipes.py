"""Runs the Python examples of sql/README.md, each twice, as an application's login: test_recipes.py URL.

The first run asks for a message and gets its id. The second one, with the same key, asks for nothing.
"""
import re
import sys
from pathlib import Path

CONTRACT = Path(__file__).parents[2] / "sql" / "README.md"


def repeated_key_raises(url):
    """What the ORM does with a key that is there already: as the document says, it raises."""
    from sqlalchemy import BigInteger, create_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

    class Base(DeclarativeBase):
        pass

    class Job(Base):
        __tablename__ = "jobs"
        __table_args__ = {"schema": "outrider"}
        __mapper_args__ = {"eager_defaults": False}
        id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
        channel: Mapped[str]
        address: Mapped[str]
        body: Mapped[str]
        idempotency_key: Mapped[str]

    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    raised = []
    for _ in range(2):
        try:
            with Session(engine) as session, session.begin():
                session.add(Job(channel="sms", address="+15005550010", body="Hi", idempotency_key="orm"))
            raised.append(None)
        except Exception as error:
            raised.append(type(error).__name__)
    return raised


def main():
    url = sys.argv[1]
    examples = re.findall(r"\n```python\n(.*?)\n```", CONTRACT.read_text(encoding="utf-8"), re.S)
    assert len(examples) == 3, f"{len(examples)} examples"
    for example in examples:
        first, second = {"url": url}, {"url": url}
        exec(example, first)
        exec(example, second)
        name = example.split("\n")[0]
        assert isinstance(first["job"], int), f"{name}: no id, but {first['job']!r}"
        assert second["job"] is None, f"{name}: the same key gave {second['job']!r}"
        print(f"ok  {name}")
    raised = repeated_key_raises(url)
    assert raised[0] is None and raised[1] is not None, f"the ORM: {raised}"
    print(f"ok  the ORM raises {raised[1]} for a repeated key")


main()

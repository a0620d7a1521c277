"""Reading heavy or hostile files in processes of their own, which may be lost.

    pool.py      this side: asks a reader, and ends one that is too slow or too large
    __main__.py  the other side: a line is a job, a line is its answer
    tables.py    pages of rows: Parquet in place by ranges, other tables from memory
    sheets.py    workbooks     delimited.py  CSV     maps.py  layers of features

A reader has no settings, no secrets and no database: it is told a link to one object,
and answers text. It may hold a fixed amount of memory, and ends when nobody asks.
"""

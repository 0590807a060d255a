"""A request with example tables, and an answer that is right."""

from __future__ import annotations

BOXED = """\
Write a function `def best(sales: pd.DataFrame) -> pd.DataFrame` that gives each shop's best day. Return it in any order.

- shop: str
- day: datetime
- amount: float

Example input:
```
Sales table:
+------+------------+--------+
| shop | day        | amount |
+------+------------+--------+
| 01   | 2024-01-02 | 5      |
| 01   | 2024-01-03 | 7.5    |
| 02   | 2024-01-02 | null   |
| 02   | 2024-01-04 | 1.0    |
+------+------------+--------+
```
Example output:
```
+------+------------+
| shop | best_day   |
+------+------------+
| 02   | 2024-01-04 |
| 01   | 2024-01-03 |
+------+------------+
```
"""
BEST = """
def best(sales):
    rows = sales.loc[sales.groupby("shop")["amount"].idxmax()]
    return rows[["shop", "day"]].rename(columns={"day": "best_day"})
"""

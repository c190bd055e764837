"""The template of the customer list: its columns, and which rows make one customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zibo_sim.tables.blocks import Block, FirstRows
from zibo_sim.tables.columns import Column
from zibo_sim.tables.files import Row
from zibo_sim.tables.said import BadRow, Said, at_row
from zibo_sim.tables.schema import Layout, Schema

OF_THE_CUSTOMER = ("district", "use", "charging", "exchangers")
OF_A_SPACE = ("kind", "area", "heated", "certificate", "let", "height", "heat_kwh")

USES = {
    "residential": ("居民", "住宅", "居民住宅"),
    "institution": ("机构", "学校", "学校等", "幼儿园", "敬老院", "居委会", "村委会"),
    "non_residential": ("非居民", "非住宅", "商业"),
}
CHARGINGS = {"area": ("按面积", "面积"), "metered": ("按热量计量", "计量", "按计量", "按热量")}
KINDS = {
    "flat": ("普通住宅", "平层"),
    "duplex_lower": ("复式下层",),
    "duplex_upper": ("复式上层",),
    "attic": ("阁楼",),
    "basement": ("地下室",),
    "storeroom": ("杂物间", "储藏室"),
    "garage": ("车库",),
    "premises": ("房屋", "用房", "营业用房", "经营用房"),
}
#: The words of the list in Chinese, for what is said of its rows.
CHINESE = {word: zh[0] for word, zh in {**KINDS, **USES}.items()}

CUSTOMERS = Schema(
    "customers",
    (
        Column(
            "customer_id", "客户编号", "text", also=("用户编号", "户号"),
            about=Said("同一客户各行须相邻，合为一张账单",
                       "the rows of one customer stand together and make one bill"),
        ),
        Column(
            "district", "区县", "text", few=True,
            about=Said("淄博市的区县，如张店区、高新区", "a district of Zibo: 张店区 or zhangdian"),
        ),
        Column(
            "use", "用途", "choice", words=USES, also=("用热性质", "用户类别"),
            about=Said("用热类别：居民；学校、幼儿园、敬老院、居委会等机构；非居民",
                       "group of users; institution: schools, kindergartens, homes for the aged, "
                       "committees"),
        ),
        Column(
            "charging", "计费方式", "choice", words=CHARGINGS, also=("收费方式",),
            about=Said("按面积或按热量计量", "by area or by meter"),
        ),
        Column(
            "kind", "部位", "choice", words=KINDS, also=("空间类型", "房屋类型"),
            about=Said("一行一个部位；机构和非居民填“房屋”",
                       "one row a space; premises for institutions and non-residential use"),
        ),
        Column(
            "area", "面积", "number", unit="m²", low=0, above=True, also=("面积(平方米)",),
            about=Said("住宅为套内建筑面积，其他为建筑面积",
                       "in-suite floor area for dwellings, gross floor area otherwise"),
        ),
        Column(
            "heated", "采暖", "yes_no", required=False, empty=True, also=("是否采暖",),
            about=Said("是否安装采暖设施；空为是", "heating is installed; true when empty"),
        ),
        Column(
            "certificate", "房产证", "yes_no", required=False, empty=True, also=("有无房产证",),
            about=Said("阁楼是否有房产证；空为是", "the attic has a title; true when empty"),
        ),
        Column(
            "let", "出租", "yes_no", required=False, empty=True, also=("是否出租", "出租或经营"),
            about=Said("是否对外出租或商业经营；空为否", "let out or in trade; false when empty"),
        ),
        Column(
            "height", "层高", "number", unit="m", low=0, above=True, high=100,
            required=False, empty=True, few=True, also=("楼层高度", "层高(米)"),
            about=Said("楼层高度；空为3米", "storey height; 3 m when empty"),
        ),
        Column(
            "heat_kwh", "用热量", "number", unit="kWh", low=0, required=False, empty=True,
            also=("用热量(千瓦时)",),
            about=Said("该部位热量表读数；按热量计量的须填",
                       "this space's own reading; needed where charging is by meter"),
        ),
        Column(
            "exchangers", "换热器", "count", low=0, required=False, empty=True,
            also=("换热器数量", "换热器(个)"),
            about=Said("户用小型换热设备个数：各行相同或只填一行；空为0",
                       "small heat exchangers of the customer: the same on its rows, or on one of "
                       "them; 0 when empty"),
        ),
    ),
)  # fmt: skip


def blocks(rows: Iterable[Row], layout: Layout) -> Iterator[Block]:
    """Put the rows of a customer that stand together into one block; a row without id alone."""
    block: Block | None = None
    for row in rows:
        values, faults = layout.read(row)
        customer = values.get("customer_id", "")
        if block is None or not customer or customer != block.id:
            if block is not None:
                yield block
            block = Block(customer)
        block.add(row, values, faults)
    if block is not None:
        yield block


def refuse_return(block: Block, seen: FirstRows, layout: Layout) -> None:
    """Refuse a customer whose rows do not all stand together.

    Raises
    ------
    BadRow
    """
    first = block.rows[0].number
    before = seen.of(block.id, first) if block.id else first
    if before != first:
        said = Said(
            f"编号已在第{before}行出现，同一客户各行须相邻",
            f"this id stood in row {before} already; the rows of a customer stand together",
        )
        raise BadRow(at_row(first, layout.heads["customer_id"], said))

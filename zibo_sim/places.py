"""The eleven districts, counties and zones of Zibo, by their names in the gazette."""

from __future__ import annotations

#: Districts (区), counties (县) and the three zones that count as districts, with English keys.
DISTRICTS = {
    "张店区": "zhangdian",
    "淄川区": "zichuan",
    "博山区": "boshan",
    "周村区": "zhoucun",
    "临淄区": "linzi",
    "桓台县": "huantai",
    "高青县": "gaoqing",
    "沂源县": "yiyuan",
    "高新区": "gaoxin",
    "经济开发区": "jingkai",
    "文昌湖省级旅游度假区": "wenchang_lake",
}

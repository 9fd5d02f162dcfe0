"""Whole lists and whole rounds of a delta, with the SDK's own iterator and links."""

from msgraph_core import PageIterator

IMMUTABLE = 'IdType="ImmutableId"'


async def everything(graph, first):
    """All items from a first page on."""
    items = []
    iterator = PageIterator(first, graph.request_adapter)
    iterator.headers.add("Prefer", IMMUTABLE)
    await iterator.iterate(lambda item: items.append(item) or True)
    return items


async def delta_round(builder, configuration=None, link=None):
    """One round of a delta query: items by id with their last state, and the link for the next round."""
    page = await (builder.with_url(link) if link else builder).get(configuration)
    items = {item.id: item for item in page.value}
    while page.odata_next_link:
        page = await builder.with_url(page.odata_next_link).get(configuration)
        items.update({item.id: item for item in page.value})
    assert page.odata_delta_link
    return items, page.odata_delta_link

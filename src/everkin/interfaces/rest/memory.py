"""A character's facts about you, and your relationship."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from everkin.domain.memory import Category
from everkin.interfaces.memory_views import (
    BondView,
    FactsView,
    FactView,
    ReceiptsView,
    ReceiptView,
    RecollectionsView,
    bond_view,
    fact_view,
    facts_view,
    receipt_view,
    recollections_view,
)
from everkin.interfaces.rest.bodies import FactChange, NewFact
from everkin.interfaces.rest.dependencies import CurrentApp, CurrentUser, Id, SearchText
from everkin.interfaces.rest.responses import render, shows

router = APIRouter(tags=["memory"])

Most = Annotated[int, Query(ge=1, le=500)]


@router.get("/characters/{id}/memory/{user_id}", responses=shows(FactsView))
async def facts(
    app: CurrentApp,
    caller: CurrentUser,
    id: Id,
    user_id: Id,
    text: SearchText = "",
    past: bool = True,
    limit: Most = 100,
) -> Response:
    """Newest first. `user_id` is yours, or `me`. `text`: words the facts contain; `past=false`: only facts that are
    still true."""
    found = await app.memories.facts(caller, id, user_id, text=text, past=past, limit=limit)
    return render(facts_view(found, limit, app.memories.is_resting))


@router.post("/characters/{id}/memory/{user_id}", responses=shows(FactView, 201), status_code=201)
async def add(app: CurrentApp, caller: CurrentUser, id: Id, user_id: Id, body: NewFact) -> Response:
    """Adds a fact about yourself, in the third person: "lives in Leeds"."""
    fact = await app.memories.add(caller, id, user_id, body.text, Category(body.category), pinned=body.pinned)
    return render(fact_view(fact), 201)


@router.patch("/characters/{id}/memory/{user_id}/{memory_id}", responses=shows(FactView))
async def change(
    app: CurrentApp, caller: CurrentUser, id: Id, user_id: Id, memory_id: Id, body: FactChange
) -> Response:
    """Corrects or pins a fact. Fields that are left out stay as they are."""
    body.check_not_empty()
    category = Category(body.category) if body.category is not None else None
    fact = await app.memories.change(
        caller, id, user_id, memory_id, text=body.text, category=category, pinned=body.pinned
    )
    return render(fact_view(fact, resting=app.memories.is_resting(fact)))


@router.delete("/characters/{id}/memory/{user_id}/{memory_id}", responses=shows(ReceiptView))
async def forget(app: CurrentApp, caller: CurrentUser, id: Id, user_id: Id, memory_id: Id) -> Response:
    """Erases a fact with all data derived from it; the messages it came from stay in the log and are not recalled
    again."""
    return render(receipt_view(await app.memories.forget(caller, id, user_id, memory_id)))


@router.get("/characters/{id}/relationship/{user_id}", responses=shows(BondView))
async def relationship(app: CurrentApp, caller: CurrentUser, id: Id, user_id: Id) -> Response:
    """How close you are, and how that developed, day by day."""
    return render(bond_view(await app.memories.relationship(caller, id, user_id)))


@router.get("/messages/{id}/recalled", responses=shows(RecollectionsView))
async def recalled(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """The memories that a reply used, and why."""
    return render(recollections_view(await app.memories.recalled(caller, id)))


@router.post("/conversations/{id}/forget", responses=shows(ReceiptView))
async def forget_conversation(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """Erases the conversation and all data derived from it permanently, down to the bytes on disk."""
    return render(receipt_view(await app.conversations.forget(caller, id)))


@router.get("/receipts", responses=shows(ReceiptsView))
async def receipts(app: CurrentApp, caller: CurrentUser) -> Response:
    """Proofs of your erasures, newest first."""
    items = [receipt_view(each) for each in await app.memories.receipts(caller)]
    return render(ReceiptsView(items=items, public_key=app.memories.public_key))

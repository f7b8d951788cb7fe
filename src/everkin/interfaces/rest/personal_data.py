"""Taking everything along, and leaving for good."""

from fastapi import APIRouter
from starlette.responses import Response

from everkin.interfaces.memory_views import ReceiptView, receipt_view
from everkin.interfaces.rest.bodies import Erasure
from everkin.interfaces.rest.dependencies import CurrentApp, CurrentUser
from everkin.interfaces.rest.responses import render, shows

router = APIRouter(tags=["leaving"])


_ZIP = {"description": "A ZIP", "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}


@router.get("/export", responses={**shows(None), 200: _ZIP}, response_class=Response)
async def export(app: CurrentApp, caller: CurrentUser) -> Response:
    """Everything kept about you: a ZIP of JSON files, with a list of what is in it."""
    name = 'attachment; filename="everkin-export.zip"'
    return Response(await app.personal_data.export(caller), 200, {"content-disposition": name}, "application/zip")


@router.post("/erase", responses=shows(ReceiptView))
async def erase(app: CurrentApp, caller: CurrentUser, body: Erasure) -> Response:
    """Everything kept about you is gone for good, your account with it. `login`: yours, spelled out. The answer is the
    proof; keep it, nothing here will remember it."""
    return render(receipt_view(await app.personal_data.erase(caller, body.login)))

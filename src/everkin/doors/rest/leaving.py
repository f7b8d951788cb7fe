"""Taking everything along, and leaving for good."""

from fastapi import APIRouter
from starlette.responses import Response

from everkin.doors.memory_views import ReceiptView, receipt_view
from everkin.doors.rest.asking import Asker, Everkin
from everkin.doors.rest.bodies import Erasure
from everkin.doors.rest.rendering import render, shows

router = APIRouter(tags=["leaving"])


_ZIP = {"description": "A ZIP", "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}


@router.get("/export", responses={**shows(None), 200: _ZIP}, response_class=Response)
async def export(app: Everkin, caller: Asker) -> Response:
    """Everything kept about you: a ZIP of JSON files, with a list of what is in it."""
    name = 'attachment; filename="everkin-export.zip"'
    return Response(await app.leaving.export(caller), 200, {"content-disposition": name}, "application/zip")


@router.post("/erase", responses=shows(ReceiptView))
async def erase(app: Everkin, caller: Asker, body: Erasure) -> Response:
    """Everything kept about you is gone for good, your account with it. `login`: yours, spelled out. The answer is the
    proof; keep it, nothing here will remember it."""
    return render(receipt_view(await app.leaving.erase(caller, body.login)))

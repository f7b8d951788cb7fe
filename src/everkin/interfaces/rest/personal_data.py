"""Export and erasure of a user's data."""

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
    """Everything stored about you: a ZIP of JSON files, with a list of its contents."""
    name = 'attachment; filename="everkin-export.zip"'
    return Response(await app.personal_data.export(caller), 200, {"content-disposition": name}, "application/zip")


@router.post("/erase", responses=shows(ReceiptView))
async def erase(app: CurrentApp, caller: CurrentUser, body: Erasure) -> Response:
    """Erases everything stored about you permanently, including your account. `login`: your own. The response is the
    proof; keep it, since the server keeps no copy."""
    return render(receipt_view(await app.personal_data.erase(caller, body.login)))

"""A subscription, its handshake and what it tells."""

import datetime as dt
import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import anyio
import pytest
from msgraph.generated.models.message import Message
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.subscription import Subscription

pytestmark = pytest.mark.anyio


class Receiver(BaseHTTPRequestHandler):
    """Echoes validation tokens and keeps what comes."""

    def do_POST(self):
        token = parse_qs(urlparse(self.path).query).get("validationToken")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if token is None:
            self.server.came.put(json.loads(body))
        text = (token or [""])[0].encode()
        self.send_response(200 if token else 202)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments):
        """What came is in the tests' own records."""


@pytest.fixture
def receiver():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.came = queue.Queue()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def in_hours(hours):
    return dt.datetime.now(dt.timezone.utc) + dt.timedelta(hours=hours)


async def test_a_new_message_is_told(graph, user, person, receiver):
    body = Subscription(
        change_type="created",
        notification_url=f"http://127.0.0.1:{receiver.server_port}/notify",
        resource=f"/users/{person['id']}/messages",
        expiration_date_time=in_hours(1),
        client_state="secret",
    )
    made = await graph.subscriptions.post(body)
    message = await user.messages.post(Message(subject="Offer"))
    notification = (await anyio.to_thread.run_sync(lambda: receiver.came.get(timeout=20)))["value"][0]
    assert notification["subscriptionId"] == made.id
    assert (notification["changeType"], notification["clientState"]) == ("created", "secret")
    assert notification["resourceData"]["id"] == message.id

    one = graph.subscriptions.by_subscription_id(made.id)
    renewed = await one.patch(Subscription(expiration_date_time=in_hours(3)))
    assert renewed.expiration_date_time > made.expiration_date_time
    assert made.id in [subscription.id for subscription in (await graph.subscriptions.get()).value]
    await one.delete()
    with pytest.raises(ODataError) as refused:
        await one.get()
    assert refused.value.response_status_code == 404

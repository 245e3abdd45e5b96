"""Downloads all invoices of every subscription with Microsoft's SDK, one after the other, as its documentation shows.

Usage: download.py FOLDER FROM TO, with SDK_TOKEN (an access token), REQUESTS_CA_BUNDLE (a PEM file) and HTTPS_PROXY set.
Prints the number of documents and the seconds that they took, once the program and its libraries were loaded.
"""

import datetime
import json
import os
import sys
import time
from pathlib import Path

import requests
from azure.core.credentials import AccessToken
from azure.mgmt.billing import BillingManagementClient

ARM = "https://management.azure.com"


class Lent:
    """A credential that has its token already."""

    def get_token(self, *scopes, **options):
        return AccessToken(os.environ["SDK_TOKEN"], int(time.time()) + 3600)


def main(folder, first_day, last_day):
    session = requests.Session()
    period = {
        "period_start_date": datetime.date.fromisoformat(first_day),
        "period_end_date": datetime.date.fromisoformat(last_day),
    }
    began = time.monotonic()
    # The list of subscriptions is another package's; one request, like this one, is all that it sends for it.
    listed = session.get(
        f"{ARM}/subscriptions?api-version=2022-12-01",
        headers={"authorization": f"Bearer {os.environ['SDK_TOKEN']}"},
    )
    listed.raise_for_status()
    documents = 0
    for subscription in listed.json()["value"]:
        client = BillingManagementClient(Lent(), subscription["subscriptionId"])
        for invoice in client.invoices.list_by_billing_subscription(**period):
            for document in invoice.properties.documents:
                download = client.invoices.begin_download_by_billing_subscription(
                    invoice.name, document_name=document.name
                )
                answer = session.get(download.result().url)
                answer.raise_for_status()
                Path(folder, f"{invoice.name} {document.name}.pdf").write_bytes(answer.content)
                documents += 1
    print(json.dumps({"documents": documents, "seconds": time.monotonic() - began}))


main(*sys.argv[1:])

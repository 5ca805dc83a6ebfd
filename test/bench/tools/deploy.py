"""The real-server set-up by pyinfra's own operations; `wanted` is what the bench wants of each host."""

import io
import json
import os

from pyinfra import host
from pyinfra.facts.server import Command
from pyinfra.operations import apt, files, server

with open(os.environ["BENCH_WANTED"]) as text:
    wanted = json.load(text)

apt.packages(name="packages", packages=wanted["packages"])
for path, content in wanted["files"].items():
    files.put(name=path, src=io.StringIO(content), dest=path, mode="644", user="root", group="root")
for key, value in wanted["sysctls"].items():
    server.sysctl(name=key, key=key, value=value)
for address in wanted["addresses"]:
    there = host.get_fact(Command, command=f"ip -o address show dev lo to {address}")
    if not there:
        server.shell(name=address, commands=[f"ip address add {address} dev lo"])

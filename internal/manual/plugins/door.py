#!/usr/bin/env python3
"""irctl-action-door: locks doors, each of which is a file of one word."""
import json, os, sys

def text(name, what, **more):
    return {"name": name, "type": "string", "description": what, **more}

SPEC = {
    "name": "door.lock", "effect": "change", "idempotent": True,
    "summary": "Lock a door",
    "description": "Locks a door. Undo puts back how it was.",
    "inputs": [text("door", "The door.", required=True, pattern="[a-z0-9-]+")],
    "targets": [{"name": "door-files", "summary": "Doors as files", "fields": [
        text("folder", "Where the files lie.", required=True, path=True),
        text("pin", "What the doors ask for.", secret=True)]}],
}

def send(**message):
    print(json.dumps(message), flush=True)

def look(door):
    return open(door).read().strip()

def put(id, door, state):
    pin = json.load(os.fdopen(3)).get("target.config.pin")
    send(type="log", id=id, text=f"{door}: {state}")
    asked = os.path.join(os.path.dirname(door), "pin")
    if os.path.exists(asked) and look(asked) != pin:
        raise OSError("the door does not take the PIN")
    with open(door + ".new", "w") as file:
        file.write(state + "\n")
    os.replace(door + ".new", door)

def record(id, **values):
    send(type="record", id=id, values=values)
    while (m := json.loads(sys.stdin.readline()))["type"] != "recorded":
        pass
    if "error" in m:
        raise OSError("nothing can be recorded, so nothing was changed")

def change(id, door, to, was, record_first):
    now = look(door)
    if now != to and record_first:
        record(id, was=now)
    if now != to:
        put(id, door, to)
    mine = now != to or was is not None and to == "locked"
    return {"changed": mine, "already": not mine,
            "summary": "it is " + look(door)}

def answer(m):
    if m["type"] == "describe":
        return {"actions": [{"spec": SPEC, "inspect": True, "undo": True}]}
    if m["action"] != "door.lock":
        return {"error": {"message": "there is no action " + m["action"]}}
    req, id = m["request"], m["id"]
    was = req.get("record", {}).get("was")  # seen by an earlier attempt
    try:
        folder = req["target"]["config"]["folder"]
        door = os.path.join(folder, req["with"]["door"])
        now = look(door)
        if m["type"] == "inspect":
            return {"inspection": {"known": True, "desired": now == "locked",
                                   "current": now, "want": "locked"}}
        if m["type"] == "undo":
            return {"result": change(id, door, was or now, was, False)}
        return {"result": change(id, door, "locked", was, was is None)}
    except OSError as e:
        return {"error": {"message": str(e), "hint": "go and look at the door"}}

while line := sys.stdin.readline():
    m = json.loads(line)
    if m["type"] == "hello":
        send(type="hello", version=1)
    elif m["type"] in ("describe", "inspect", "run", "undo"):
        send(type="answer", id=m["id"], **answer(m))

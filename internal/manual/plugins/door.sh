#!/bin/sh
# irctl-action-door: locks doors, each of which is a file of one word. Needs jq.
set -eu

spec='{"name": "door.lock", "effect": "change", "idempotent": true,
  "summary": "Lock a door",
  "description": "Locks a door. Undo puts back how it was.",
  "inputs": [{"name": "door", "type": "string", "required": true,
    "pattern": "[a-z0-9-]+", "description": "The door."}],
  "targets": [{"name": "door-files", "summary": "Doors as files", "fields": [
    {"name": "folder", "type": "string", "required": true, "path": true,
      "description": "Where the files lie."},
    {"name": "pin", "type": "string", "secret": true,
      "description": "What the doors ask for."}]}]}'

send() { type=$1; shift; jq -cn --arg id "$id" --arg t "$type" "$@"; }
answer() { send answer "{type: \$t, id: \$id} + $1"; }
failed() { answer "{error: {message: \"$1\", hint: \"look at the door\"}}"; }
result() {
  answer "{result: {changed: $1, already: ($1 | not), summary: \"it is $2\"}}"
}

put() {
  pin=$(jq -r '.["target.config.pin"] // empty' <&3)
  send log --arg text "$door: $1" '{type: $t, id: $id, text: $text}'
  asked=${door%/*}/pin
  if [ -e "$asked" ] && [ "$(cat "$asked")" != "$pin" ]; then
    failed "the door does not take the PIN"
    return 0
  fi
  echo "$1" >"$door.new" && mv "$door.new" "$door" && result true "$1"
}

record() { # the answer may come after messages that nobody knows
  send record --arg was "$1" '{type: $t, id: $id, values: {was: $was}}'
  while read -r reply; do
    case $(printf %s "$reply" | jq -r '[.type, .error != null] | @csv') in
    '"recorded",false') return 0 ;;
    '"recorded",true') break ;;
    esac
  done
  failed "nothing can be recorded, so nothing was changed"
  return 1
}

while read -r line; do
  eval "$(printf %s "$line" | jq -r '.request as $r | @sh "
    type=\(.type) id=\(.id // "") action=\(.action // "")
    was=\($r.record.was // "")
    door=\(($r.target.config.folder // "") + "/" + ($r.with.door // ""))"')"
  now=$(cat "$door" 2>/dev/null) || now=
  case $type,$action,$now,$was in
  hello,*) echo '{"type": "hello", "version": 1}' ;;
  describe,*) answer "{actions: [{spec: $spec, inspect: true, undo: true}]}" ;;
  inspect,door.lock,?*) answer "{inspection: {known: true, want: \"locked\",
    desired: (\"$now\" == \"locked\"), current: \"$now\"}}" ;;
  run,door.lock,locked,) result false locked ;;
  run,door.lock,locked,*) result true locked ;;
  run,door.lock,?*,) if record "$now"; then put locked; fi ;;
  run,door.lock,?*,*) put locked ;;
  undo,door.lock,?*,"$now") result false "as it was" ;;
  undo,door.lock,?*,) result false "as it was" ;;
  undo,door.lock,?*,*) put "$was" ;;
  inspect,* | run,* | undo,*) failed "there is no such action or door" ;;
  esac
done

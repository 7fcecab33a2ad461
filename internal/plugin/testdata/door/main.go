// Package main is the plugin door, the example in Go: it locks doors, each of which is
// a file of one word.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

func main() {
	if err := action.Serve(lock{}); err != nil {
		log.Fatal(err)
	}
}

type lock struct{}

func (lock) Spec() action.Spec {
	return action.Spec{
		Name: "door.lock", Summary: "Lock a door", Effect: action.Change, Idempotent: true,
		Description: "Locks a door of the building. Undo puts back how it was.",
		Inputs:      []action.Field{{Name: "door", Type: action.String, Required: true, Subject: true, Description: "The door's name.", Pattern: "[a-z0-9-]+"}},
		Targets: []action.TargetType{{Name: "door-files", Summary: "Doors as files", Undo: true, Fields: []action.Field{
			{Name: "folder", Type: action.String, Path: true, Required: true, Description: "Where the files lie."},
			{Name: "pin", Type: action.String, Secret: true, Description: "What the doors ask for."},
		}}},
	}
}

func (lock) Run(_ context.Context, req action.Request, out action.Sink) (action.Result, error) {
	was, err := look(req)
	if err != nil {
		return action.Result{}, err
	}
	if was != "locked" {
		if req.Record == nil { // else an earlier attempt saw how it was
			if err := out.Record(map[string]any{"was": was}); err != nil {
				return action.Result{}, err // nothing was changed
			}
		}
		if err := put(req, out, "locked"); err != nil {
			return action.Result{}, err
		}
	}
	mine := was != "locked" || req.Record != nil
	return action.Result{Changed: mine, Already: !mine, Summary: req.With.String("door") + " is locked"}, nil
}

func (lock) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	now, err := look(req)
	return action.Inspection{Known: true, Desired: now == "locked", Current: now, Want: "locked"}, err
}

func (lock) Undo(_ context.Context, req action.Request, out action.Sink) (action.Result, error) {
	was, _ := req.Record["was"].(string)
	now, err := look(req)
	if err != nil || was == "" || now == was {
		return action.Result{Already: true, Summary: "it is as it was"}, err
	}
	return action.Result{Changed: true, Summary: req.With.String("door") + " is " + was + " again"}, put(req, out, was)
}

func door(req action.Request) string {
	return filepath.Join(req.Target.Config.String("folder"), req.With.String("door"))
}

func look(req action.Request) (string, error) {
	text, err := os.ReadFile(door(req))
	return strings.TrimSpace(string(text)), err
}

func put(req action.Request, out action.Sink, state string) error {
	fmt.Fprintf(out.Output("sent"), "%s: %s", door(req), state)
	pin, err := os.ReadFile(filepath.Join(filepath.Dir(door(req)), "pin"))
	if err == nil && strings.TrimSpace(string(pin)) != req.Target.Config.Secret("pin").Reveal() {
		return &action.Error{Message: "the door does not take the PIN", Hint: "go and look at the door"}
	}
	if err := os.WriteFile(door(req)+".new", []byte(state+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(door(req)+".new", door(req))
}

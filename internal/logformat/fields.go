package logformat

import (
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// record is an event as the formats have it.
type record struct {
	projection.Entry
	event.Event
	by           event.Actor
	run, runbook string
	seq          int64
	line         string
	version      string // of irctl
}

// field is one thing that irctl says of an event, and what each format calls
// it; "" is not at all. For CEF a label says what a custom field holds.
type field struct {
	name       string // in csv and markdown
	markdown   bool
	cef, label string
	ocsf, ecs  string
	of         func(record) any // string, int64, int, []string or time.Time; nil and "" are nothing
}

// fields is the table of what is written, in this order.
var fields = []field{
	{"time", true, "rt", "", "time", "@timestamp", func(r record) any { return r.Event.Time }},
	{"entry", true, "cn1", "entry", "metadata.sequence", "event.sequence", func(r record) any { return r.seq }},
	{"run", false, "cs1", "run", "metadata.correlation_uid", "labels.irctl_run", func(r record) any { return r.run }},
	{"runbook", false, "cs2", "runbook", "unmapped.runbook", "labels.irctl_runbook", func(r record) any { return r.runbook }},
	{"event", true, "act", "", "activity_name", "event.action", func(r record) any { return string(r.Type()) }},
	{"step", true, "cs3", "step", "unmapped.step", "labels.irctl_step", func(r record) any { return r.Event.Path }},
	{"account", true, "suser", "", "actor.user.name", "user.name", func(r record) any { return r.by.User }},
	{"person", true, "cs4", "person", "actor.user.full_name", "user.full_name", func(r record) any { return r.by.Person }},
	{"host", false, "shost", "", "device.hostname", "host.name", func(r record) any { return r.by.Host }},
	{"pid", false, "spid", "", "actor.process.pid", "process.pid", func(r record) any { return unless(r.by.PID == 0, r.by.PID) }},
	{"status", true, "outcome", "", "status", "labels.irctl_status", func(r record) any { return string(r.Status) }},
	{"text", true, "msg", "", "message", "message", func(r record) any { return r.message() }},
	{"request", false, "externalId", "", "unmapped.request", "labels.irctl_request", func(r record) any { return r.Request }},
	{"hash", false, "cs5", "hash", "unmapped.hash", "event.hash", func(r record) any { return r.hash() }},

	// What one of the formats asks for besides.
	{ocsf: "raw_data", ecs: "event.original", of: func(r record) any { return r.line }},
	{ocsf: "metadata.uid", ecs: "event.id", of: func(r record) any { return r.run + "#" + strconv.FormatInt(r.seq, 10) }},
	{ocsf: "metadata.version", of: always("1.3.0")},
	{ocsf: "metadata.product.name", ecs: "event.module", of: always("irctl")},
	{ocsf: "metadata.product.vendor_name", ecs: "event.provider", of: always("irctl")},
	{ocsf: "metadata.product.version", ecs: "observer.version", of: func(r record) any { return r.version }},
	{ocsf: "metadata.profiles", of: always([]string{"host"})},
	{ocsf: "metadata.event_code", of: func(r record) any { return string(r.Type()) }},
	{ocsf: "category_uid", of: always(7)},
	{ocsf: "category_name", of: always("Remediation")},
	{ocsf: "class_uid", of: always(7001)},
	{ocsf: "class_name", of: always("Remediation Activity")},
	{ocsf: "activity_id", of: always(99)}, // other: activity_name says which
	{ocsf: "type_uid", of: always(700199)},
	{ocsf: "command_uid", of: func(r record) any { return r.run + "/" + r.Event.Path }},
	{ocsf: "device.type_id", of: func(r record) any { return unless(r.by.Host == "", 0) }},
	{ocsf: "severity_id", of: func(r record) any { return r.weight().ocsf }},
	{ocsf: "status_id", of: func(r record) any { return r.weight().status }},
	{ecs: "ecs.version", of: always("8.11.0")},
	{ecs: "event.kind", of: always("event")},
	{ecs: "event.category", of: always([]string{"configuration"})},
	{ecs: "event.type", of: always([]string{"info"})},
	{ecs: "event.dataset", of: always("irctl.journal")},
	{ecs: "event.severity", of: func(r record) any { return r.weight().cef }},
	{ecs: "event.outcome", of: func(r record) any { return r.weight().outcome }},
}

func always(v any) func(record) any { return func(record) any { return v } }

func unless(nothing bool, v any) any {
	if nothing {
		return nil
	}
	return v
}

// message is the event in words, or its line if nothing here knows what it says.
func (r record) message() string {
	if _, unknown := r.Body.(event.Unknown); unknown {
		return r.line
	}
	if r.Text == "" {
		return r.Word
	}
	return r.Word + ": " + r.Text
}

// hash is the one at the end of the line, "" if none is there.
func (r record) hash() string {
	_, hash, _ := strings.Cut(r.line[max(0, len(r.line)-len(`"hash":"`)-64-len(`"}`)):], `"hash":"`)
	return strings.TrimSuffix(hash, `"}`)
}

// weight is how grave a status is: in CEF from 0 to 10, in OCSF 1 (informational)
// to 4 (high), with its status_id (1 is a success, 2 a failure); in ECS an outcome.
type weight struct {
	cef, ocsf, status int
	outcome           string
}

func (r record) weight() weight {
	switch r.Status {
	case event.Failed:
		return weight{7, 4, 2, "failure"}
	case event.InDoubt:
		return weight{8, 4, 99, "unknown"}
	case event.Canceled:
		return weight{5, 3, 2, "failure"}
	case event.Succeeded, event.Undone:
		return weight{3, 1, 1, "success"}
	}
	return weight{3, 1, 0, ""}
}

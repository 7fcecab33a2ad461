package action

// Protocol is the version of the protocol between irctl and a plugin that this
// package speaks. `irctl help plugins` is its text.
const Protocol = 1

// The descriptors of a plugin beside stdin, stdout and stderr: SecretsFD gives a
// JSON object of secrets by their places ("target.config.password"), once.
const SecretsFD = 3

// Message is one line of the protocol between irctl and a plugin, in either
// direction. Unknown types and fields are ignored by both.
type Message struct {
	Type string `json:"type"`
	// ID is of the request that a message belongs to; irctl sends one in the life
	// of a process.
	ID string `json:"id,omitempty"`

	Versions []int  `json:"versions,omitempty"` // hello of irctl: those that it speaks
	Version  int    `json:"version,omitempty"`  // hello of a plugin: the one that is spoken then
	Irctl    string `json:"irctl,omitempty"`    // hello: the release

	Action  string       `json:"action,omitempty"`  // inspect, run, undo
	Request *WireRequest `json:"request,omitempty"` // the same

	Text   string         `json:"text,omitempty"`   // progress, log
	Values map[string]any `json:"values,omitempty"` // record

	Actions    []Offer     `json:"actions,omitempty"`    // answer to describe
	Result     *Result     `json:"result,omitempty"`     // answer to run, undo
	Inspection *Inspection `json:"inspection,omitempty"` // answer to inspect
	Error      *WireError  `json:"error,omitempty"`      // answer to any, and recorded: why not
}

// The types of messages.
const (
	TypeHello    = "hello"    // both ways, first
	TypeDescribe = "describe" // to the plugin
	TypeInspect  = "inspect"  // to the plugin
	TypeRun      = "run"      // to the plugin
	TypeUndo     = "undo"     // to the plugin
	TypeCancel   = "cancel"   // to the plugin: answer now, or be ended
	TypeRecord   = "record"   // to irctl
	TypeRecorded = "recorded" // to the plugin: the record is durable, or Error says why not
	TypeProgress = "progress" // to irctl
	TypeLog      = "log"      // to irctl: what is sent to the target now
	TypeAnswer   = "answer"   // to irctl, last
)

// Offer is an action that a plugin has, and what it can do beside Run.
type Offer struct {
	Spec    Spec `json:"spec"`
	Inspect bool `json:"inspect"`
	Undo    bool `json:"undo"`
}

// WireRequest is a [Request] on its way to a plugin. Durations and times in it
// are texts; where a secret belongs there is null, and its place stands in
// Secrets.
type WireRequest struct {
	Run     string         `json:"run,omitempty"`
	Runbook string         `json:"runbook,omitempty"`
	Path    string         `json:"path,omitempty"`
	Attempt int            `json:"attempt"`
	Key     string         `json:"key,omitempty"`
	Undoes  string         `json:"undoes,omitempty"`
	With    map[string]any `json:"with"`
	Target  WireTarget     `json:"target"`
	Record  map[string]any `json:"record,omitempty"`
	Outputs map[string]any `json:"outputs,omitempty"`
	Allow   Allow          `json:"allow"`
	Dir     string         `json:"dir,omitempty"`
	Folder  string         `json:"folder,omitempty"`
	Secrets []string       `json:"secrets,omitempty"` // places: "with.token", "target.config.keys.0"
}

// WireTarget is a [Target] on its way to a plugin.
type WireTarget struct {
	Name   string         `json:"name,omitempty"`
	Type   string         `json:"type,omitempty"`
	Zone   string         `json:"zone,omitempty"`
	Owner  string         `json:"owner,omitempty"`
	Config map[string]any `json:"config,omitempty"`
}

// WireError is an [Error] on its way to irctl.
type WireError struct {
	Message   string  `json:"message"`
	Hint      string  `json:"hint,omitempty"`
	Doubt     bool    `json:"doubt,omitempty"`
	Permanent bool    `json:"permanent,omitempty"`
	After     float64 `json:"after,omitempty"` // seconds
}

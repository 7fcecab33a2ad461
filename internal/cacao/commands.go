package cacao

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

// Adapters are the types of commands that irctl executes, with the actions
// that do it; a manual command is a person's.
var Adapters = map[string]string{
	"bash": "cacao.bash", "ssh": "cacao.ssh", "powershell": "cacao.powershell",
	"http-api": "cacao.http", "openc2-http": "cacao.openc", "manual": "",
}

// Unbound is the action that stands for a command of any other type: it is
// planned as "no adapter" and fails.
const Unbound = "cacao.unbound"

var (
	UndefinedActor = codes.Error("IR0711", "definition that is not there",
		"Agents, targets, authentication infos, markings and extensions are defined in the playbook before they are used by their identifiers.")
	EmptyCommand = codes.Error("IR0712", "step or command that does nothing",
		"An action step has at least one command, and a command has its text in `command` or `command_b64`, in one of them.")
)

// action checks an action step: who acts, on what, with which commands.
func (c *checker) action(s *Step) {
	if s.Agent.Given() && c.pb.Actor(s.Agent.Value) == nil {
		c.report(UndefinedActor, s.Agent.Span, "define it in agent_definitions", "there is no agent %s", short(s.Agent.Value))
	}
	for _, id := range s.Targets {
		if c.pb.Actor(id.Value) == nil {
			c.report(UndefinedActor, id.Span, "define it in target_definitions", "there is no target %s", short(id.Value))
		}
	}
	for _, cmd := range s.Commands {
		c.command(cmd)
	}
}

var NoAdapter = codes.Warning("IR0728", "command that irctl cannot execute",
	"irctl executes the commands bash, ssh, powershell, http-api, openc2-http and manual. A step with any other command is planned as `no adapter` and fails when it runs, so that `on_failure` or `workflow_exception` decide.")

func (c *checker) command(cmd *Command) {
	_, adapted := Adapters[cmd.Type.Value]
	if cmd.Type.Given() && !adapted {
		c.report(NoAdapter, cmd.Type.Span, "it plans as \"no adapter\" and fails when it runs", "irctl has no adapter for commands of type %q", short(cmd.Type.Value))
	}
	http := cmd.Type.Value == "http-api" || cmd.Type.Value == "openc2-http"
	if adapted && !http && cmd.Tree.Get("command") == nil && cmd.Tree.Get("command_b64") == nil {
		c.report(EmptyCommand, opening(cmd.Span), "add \"command\" or \"command_b64\"", "the %s command says nothing to execute", cmd.Type.Value)
	}
	if cmd.Command != nil && cmd.CommandB64 != nil {
		c.report(Contradiction, cmd.CommandB64.Span, "keep one of them", "command and command_b64 exclude each other")
	}
	if cmd.Content != nil && cmd.ContentB64 != nil {
		c.report(Contradiction, cmd.ContentB64.Span, "keep one of them", "content and content_b64 exclude each other")
	}
	for _, v := range []*runbook.Value{cmd.Command, cmd.CommandB64} {
		if v != nil && strings.TrimSpace(v.Text) == "" {
			c.report(EmptyCommand, v.Span, "", "the command is empty")
		}
	}
	if http {
		c.startLine(cmd)
	}
	c.base64(cmd.CommandB64, true)
	c.base64(cmd.ContentB64, false)
}

var BadBase64 = codes.Error("IR0713", "malformed base64",
	"What a property whose name ends in _b64 holds is base64 with padding (RFC 4648, section 4). The text of a shell or a person must be UTF-8 when decoded.")

// base64 checks a property whose name ends in _b64.
func (c *checker) base64(v *runbook.Value, text bool) {
	if v == nil || strings.TrimSpace(v.Text) == "" {
		return
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(v.Text)
	switch {
	case err != nil:
		c.report(BadBase64, v.Span, "encode the bytes anew, with padding and without line ends", "this is not base64")
	case text && !utf8.Valid(raw):
		c.report(BadBase64, v.Span, "encode a text in UTF-8", "what this holds is not text")
	}
}

// startLine is the start line of a request (RFC 9112, section 3).
var startLine = pattern.Late(`^([!#$%&'*+.^_|~0-9A-Za-z-]+) (\S+) HTTP/([0-9](?:\.[0-9])?)$`)

// withoutReferences is a text with an x for each variable that it reads.
func withoutReferences(text string) string {
	var out strings.Builder
	at := 0
	for _, p := range reference.Find(text, nil) {
		out.WriteString(text[at:p.Start])
		out.WriteByte('x')
		at = p.End
	}
	return out.String() + text[at:]
}

var BadStartLine = codes.Error("IR0734", "malformed HTTP start line",
	"The command of http-api and openc2-http is the start line of a request: method, target and version, as in `GET /api/hosts HTTP/1.1`. The host comes from the step's target. openc2-http is always POST.")

func (c *checker) startLine(cmd *Command) {
	v := cmd.Command
	if v == nil || strings.TrimSpace(v.Text) == "" {
		return
	}
	// A variable in the line has no spaces that count.
	m := startLine().FindStringSubmatch(withoutReferences(v.Text))
	switch {
	case m == nil:
		c.report(BadStartLine, v.Span, "write it as METHOD TARGET HTTP/1.1, for example GET /api/hosts HTTP/1.1", "%q is not the start line of an HTTP request", short(v.Text))
	case !strings.HasPrefix(m[2], "/") && m[2] != "*" && m[2] != "x" && !strings.HasPrefix(m[2], "http://") && !strings.HasPrefix(m[2], "https://"):
		c.report(BadStartLine, v.Span, "begin the target with /", "the target %q of the request is no path", short(m[2]))
	case cmd.Type.Value == "openc2-http" && m[1] != "POST":
		c.report(BadStartLine, v.Span, "write POST", "openc2-http is always POST")
	}
}

// actors checks who agents and targets are for authentication, and that
// credentials are no text that everyone can read.
func (c *checker) actors() {
	known := map[string]bool{}
	for _, p := range c.pb.Authentications {
		known[p.Key.Value] = true
		c.secrets(p.Value)
	}
	for _, a := range slices.Concat(c.pb.Agents, c.pb.Targets) {
		if id := text(a.Tree, "authentication_info"); id.Given() && !known[id.Value] {
			c.report(UndefinedActor, id.Span, "define it in authentication_info_definitions", "there is no authentication info %s", short(id.Value))
		}
	}
}

var ClearSecret = codes.Warning("IR0735", "secret in clear text",
	"Whoever reads the playbook reads the secret. irctl never takes credentials from a playbook: the environment's target holds references to them.")

func (c *checker) secrets(info *runbook.Value) {
	kms := yes(info, "kms")
	for _, name := range []string{"password", "token"} {
		switch v := text(info, name); {
		case v.Value == "":
		case kms:
			c.report(Contradiction, v.Span, "remove it: the key management service has it", "with \"kms\" there must be no %s in the playbook", name)
		case !reference.Whole(v.Value, nil):
			c.report(ClearSecret, v.Span, "put a reference to it into the environment's target and remove it here", "the playbook holds a %s in clear text, which irctl does not use", name)
		}
	}
	if kms && info.Get("kms_key_identifier") == nil {
		c.report(Missing, info.Get("kms").Span, "add \"kms_key_identifier\"", "\"kms\" needs a \"kms_key_identifier\"")
	}
}

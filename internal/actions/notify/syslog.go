package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// The times that a receiver of log messages may take.
const (
	hangUpTime = 5 * time.Second  // to close the connection after the message
	keepTime   = 15 * time.Second // to write the message where it keeps it
	lookEvery  = 50 * time.Millisecond
)

// syslog hands the message to a receiver of log messages: RFC 5424 over TCP
// (RFC 6587) or TLS (RFC 5425).
type syslog struct{}

func (syslog) Target() action.TargetType {
	return action.TargetType{
		Name:    "syslog",
		Summary: "a receiver of log messages such as rsyslog, syslog-ng or a SIEM",
		Fields: []action.Field{
			{Name: "address", Type: action.String, Required: true, Description: "The receiver, as HOST:PORT.", Example: "logs.example.com:6514"},
			{Name: "tls", Type: action.Bool, Default: false, Description: "Encrypt the connection (RFC 5425)."},
			{Name: "ca_file", Type: action.String, Path: true, Description: "Further certificate authorities, in PEM."},
			{Name: "facility", Type: action.Enum, Enum: facilities(), Default: "local0", Description: "The facility of the messages."},
			{Name: "hostname", Type: action.String, Description: "The host that the messages name; without it, this machine's name.", Example: "irctl.example.com"},
			{Name: "structured_data_id", Type: action.String, Default: "irctl@32473", Pattern: `[A-Za-z0-9._-]{1,20}@[0-9]{1,10}`, Description: "The SD-ID of run, step and fields. Its number is your own enterprise's; the default's is for examples (RFC 5612)."},
			{Name: "kept_in", Type: action.String, Description: "The file in which the receiver keeps messages, as an absolute path on the machine that via names. There irctl looks whether a message arrived; one whose sending was cut off and that is not there is sent again.", Pattern: `/.+`, Example: "/var/log/incident.log"},
			{Name: "lookup", Type: action.String, Description: "An address that answers 200 when a message with the mark {key} arrived, and 404 when not. The mark ends every message.", Example: "https://siem.example.com/search?text={key}"},
			{Name: "token", Type: action.String, Secret: true, Description: "A bearer token for the lookup."},
			{Name: "deduplicates", Type: action.Bool, Default: false, Description: "A message that stands there twice does no harm: then one whose sending was cut off is sent again without asking a person."},
			host.ViaField(),
		},
		Example: `siem:
  type: syslog
  owner: security-oncall@example.com
  fallback: Write the time and what was done on paper.
  config:
    address: logs.example.com:6514
    tls: true
    deduplicates: true
`,
		Check: func(config action.Values) []action.Problem {
			problems := append(host.CheckVia(config), checkLookup(config, keyPlaceholder)...)
			if _, _, err := net.SplitHostPort(config.String("address")); err != nil {
				problems = append(problems, action.Problem{Input: "address", Message: "is not HOST:PORT", Hint: "receivers mostly listen on 601, or 6514 with TLS"})
			}
			if config.Has("kept_in") && config.Has("lookup") {
				problems = append(problems, action.Problem{Input: "lookup", Message: "goes against kept_in", Hint: "one place to look is enough; remove the other"})
			}
			return problems
		},
	}
}

// Run implements kind.Kind.
func (syslog) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	h, err := host.Of(req)
	if err != nil {
		return action.Result{}, err
	}
	defer h.Close()
	kept, known, err := logged(ctx, h, req)
	if err != nil {
		return action.Result{}, err
	}
	if kept {
		r := logEntry(len(req.Record) == 0, "the message had arrived already")
		return r, nil
	}
	message, err := composed(req)
	if err != nil {
		return action.Result{}, err
	}
	c, err := dialLog(ctx, h, req)
	if err != nil {
		return action.Result{}, err
	}
	defer func() { _ = c.Close() }()
	// Inspect must be able to tell an attempt that may have sent from one that
	// did not get here.
	if err := out.Record(map[string]any{"sending": true}); err != nil {
		return action.Result{}, err
	}
	taken, err := handOver(ctx, c, frame(message))
	switch {
	case err != nil:
		return action.Result{}, err
	case known:
		return logEntry(false, "the message has arrived"), arrives(ctx, h, req)
	case taken:
		return logEntry(false, "the receiver took the message"), nil
	}
	return logEntry(false, "the message is sent; the receiver did not say that it took it"), nil
}

func logEntry(already bool, summary string) action.Result {
	return action.Result{Outputs: map[string]any{}, Changed: !already, Already: already, Summary: summary}
}

// composed is the message of a request.
func composed(req action.Request) (string, error) {
	if problems := (syslog{}).Validate(req.With, ""); len(problems) > 0 {
		return "", &action.Error{Message: problems[0].Message + ", so nothing was sent", Hint: problems[0].Hint, Permanent: true}
	}
	c := req.Target.Config
	e := entry{
		facility: c.String("facility"), severity: req.With.String("severity"), at: time.Now(), host: c.String("hostname"),
		set:    c.String("structured_data_id"),
		params: map[string]string{"run": req.Run, "runbook": req.Runbook, "step": req.Path},
		text:   action.CleanLine(req.With.String("text"), maxEntry) + " " + mark(req.Key),
	}
	if e.host == "" {
		e.host, _ = os.Hostname() // "-" stands for what is not known
	}
	fields := req.With.Map("fields")
	for name := range fields {
		e.params[name] = fields.String(name)
	}
	message := e.String()
	if len(message) > maxEntry {
		return "", &action.Error{
			Message: fmt.Sprintf("the message would have %d octets, and receivers may cut it after %d, so it was not sent", len(message), maxEntry),
			Hint:    "shorten text or fields", Permanent: true,
		}
	}
	return message, nil
}

func dialLog(ctx context.Context, h *host.Host, req action.Request) (net.Conn, error) {
	address := req.Target.Config.String("address")
	c, err := h.DialContext(ctx, "tcp", address)
	if err != nil {
		var e *action.Error
		if errors.As(err, &e) {
			return nil, err
		}
		return nil, &action.Error{Message: "the receiver of log messages at " + address + " cannot be reached, so nothing was sent", Hint: "check the address, and that the receiver takes messages by TCP", Cause: err}
	}
	if !req.Target.Config.Bool("tls") {
		return c, nil
	}
	conf, err := httpclient.TLS(req.Target.Config.String("ca_file"))
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	conf.ServerName, _, _ = net.SplitHostPort(address)
	secure := tls.Client(c, conf)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		return nil, &action.Error{Message: "the receiver of log messages at " + address + " was reached, but not encrypted, so nothing was sent", Hint: "check that it listens with TLS at this port, and that ca_file names the authority that signed its certificate", Cause: err}
	}
	return secure, nil
}

// handOver sends the message and waits for the receiver to end the connection.
// Syslog has no answers: that the receiver read all, the end of the message
// included, and ended the connection in order is all that it says.
func handOver(ctx context.Context, c net.Conn, message []byte) (taken bool, err error) {
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	lost := func(err error) error {
		return &action.Error{Message: "the connection was lost while the message was sent", Hint: "look at the receiver whether the message arrived", Cause: err, Doubt: true}
	}
	if _, err := c.Write(message); err != nil {
		return false, lost(err)
	}
	half, ok := c.(interface{ CloseWrite() error })
	if !ok { // over ssh
		return false, nil
	}
	if err := half.CloseWrite(); err != nil {
		return false, lost(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(hangUpTime))
	_, err = io.Copy(io.Discard, c)
	var late net.Error
	switch {
	case err == nil:
		return true, nil
	case ctx.Err() == nil && errors.As(err, &late) && late.Timeout():
		return false, nil
	}
	return false, lost(err)
}

// logged looks whether the message of this step arrived. known is false when
// the target says of no place where to look.
func logged(ctx context.Context, h *host.Host, req action.Request) (kept, known bool, err error) {
	file := req.Target.Config.String("kept_in")
	if file == "" {
		return lookup(ctx, req, keyPlaceholder, mark(req.Key))
	}
	res, err := h.Run(ctx, process.Command{Argv: []string{"grep", "-qF", "-e", mark(req.Key), "--", file}, Success: []int{0, 1}}, nil)
	if err != nil {
		return false, false, &action.Error{
			Message: fmt.Sprintf("the file %s, where the receiver keeps messages, cannot be searched on %s", action.CleanLine(file, 200), h),
			Hint:    "correct kept_in in the environment's target, and let irctl read the file", Cause: err,
		}
	}
	return res.ExitCode == 0, true, nil
}

// arrives waits until the message can be found.
func arrives(ctx context.Context, h *host.Host, req action.Request) error {
	patience, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	for {
		kept, _, err := logged(patience, h, req)
		if kept {
			return nil
		}
		select {
		case <-patience.Done():
			return &action.Error{
				Message: "the message was sent, but cannot be found where the receiver keeps messages", Doubt: true, Cause: err,
				Hint: "check the receiver's rules, and kept_in or lookup of the environment's target",
			}
		case <-time.After(lookEvery):
		}
	}
}

// Inspect implements action.Inspector.
func (syslog) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	h, err := host.Of(req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer h.Close()
	i := action.Inspection{Repeatable: req.Target.Config.Bool("deduplicates"), Want: "the message is logged at " + req.Target.Name, Outputs: map[string]any{}}
	kept, known, err := logged(ctx, h, req)
	switch {
	case err != nil:
		return action.Inspection{}, err
	case kept:
		i.Known, i.Desired, i.Current = true, true, "the message has arrived"
	case len(req.Record) == 0:
		// Before the record nothing was sent.
		i.Known, i.Repeatable, i.Current = true, true, "the message is not sent"
	case known:
		// If it is still on its way, it stands there twice, with the same mark.
		i.Known, i.Repeatable, i.Current = true, true, "the message has not arrived"
	default:
		i.Current = "the message may have been sent; the target says of no place where to look"
	}
	return i, nil
}

// Preflight implements action.Preflighter. It connects, and sends nothing.
func (syslog) Preflight(ctx context.Context, req action.Request) []error {
	h, err := host.Of(req)
	if err != nil {
		return []error{err}
	}
	defer h.Close()
	var problems []error
	if c, err := dialLog(ctx, h, req); err != nil {
		problems = append(problems, err)
	} else {
		_ = c.Close()
	}
	req.Key = "preflight"
	if _, _, err := logged(ctx, h, req); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// Validate implements action.Validator.
func (syslog) Validate(with action.Values, _ string) []action.Problem {
	var problems []action.Problem
	for name := range with.Map("fields") {
		switch {
		case !paramName.MatchString(name):
			problems = append(problems, action.Problem{Input: "fields", Message: fmt.Sprintf("%q cannot name a field of RFC 5424", action.CleanLine(name, 60)), Hint: "use at most 32 printable ASCII characters without space, =, ] and \""})
		case name == "run" || name == "runbook" || name == "step":
			problems = append(problems, action.Problem{Input: "fields", Message: name + " is one of those that irctl writes by itself", Hint: "give it another name"})
		}
	}
	return problems
}

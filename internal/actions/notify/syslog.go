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

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

// The times that a receiver of log messages may take.
const (
	hangUpTime = 5 * time.Second  // to close the connection after the message
	keepTime   = 15 * time.Second // to write the message where it keeps it
	lookEvery  = 50 * time.Millisecond
)

// syslogConfig is a receiver of log messages.
type syslogConfig struct {
	asking
	Address, Facility, Hostname, Set, KeptIn string
	TLS, Deduplicates                        bool
	Via                                      host.Via
}

// Fields implements config.Config.
func (c *syslogConfig) Fields() config.Fields {
	return config.Fields{
		config.Into(&c.Address, action.Field{Name: "address", Required: true, Description: "The receiver, as HOST:PORT.", Example: "logs.example.com:6514"}),
		config.Into(&c.TLS, action.Field{Name: "tls", Default: false, Description: "Encrypt the connection (RFC 5425)."}),
		c.caFile(),
		config.Into(&c.Facility, action.Field{Name: "facility", Type: action.Enum, Enum: facilities(), Default: "local0", Description: "The facility of the messages."}),
		config.Into(&c.Hostname, action.Field{Name: "hostname", Description: "The host that the messages name; without it, this machine's name.", Example: "irctl.example.com"}),
		config.Into(&c.Set, action.Field{Name: "structured_data_id", Default: "irctl@32473", Pattern: `[A-Za-z0-9._-]{1,20}@[0-9]{1,10}`, Description: "The SD-ID of run, step and fields. Its number is your own enterprise's; the default's is for examples (RFC 5612)."}),
		config.Into(&c.KeptIn, action.Field{Name: "kept_in", Description: "The file in which the receiver keeps messages, as an absolute path on the machine that via names. There irctl looks whether a message arrived; one whose sending was cut off and that is not there is sent again.", Pattern: `/.+`, Example: "/var/log/incident.log"}),
		config.Into(&c.Lookup, action.Field{Name: "lookup", Description: "An address that answers 200 when a message with the mark {key} arrived, and 404 when not. The mark ends every message.", Example: "https://siem.example.com/search?text={key}"}),
		c.token(),
		config.Into(&c.Deduplicates, action.Field{Name: "deduplicates", Default: false, Description: "A message that stands there twice does no harm: then one whose sending was cut off is sent again without asking a person."}),
		c.Via.Field(),
	}
}

// Check implements config.Checker.
func (c *syslogConfig) Check() []action.Problem {
	problems := c.check(keyPlaceholder)
	if _, _, err := net.SplitHostPort(c.Address); err != nil {
		problems = append(problems, action.Problem{Input: "address", Message: "is not HOST:PORT", Hint: "receivers mostly listen on 601, or 6514 with TLS"})
	}
	if c.KeptIn != "" && c.Lookup != "" {
		problems = append(problems, action.Problem{Input: "lookup", Message: "goes against kept_in", Hint: "one place to look is enough; remove the other"})
	}
	return problems
}

// syslog hands the message to a receiver of log messages: RFC 5424 over TCP
// (RFC 6587) or TLS (RFC 5425).
type syslog struct {
	syslogConfig
	req  action.Request
	host *host.Host
	end  string // what is known of the message after it was sent
}

func inSyslog() kind.Kind {
	return kind.Change{
		Type: config.Describe[syslogConfig](action.TargetType{
			Name:    "syslog",
			Summary: "a receiver of log messages: rsyslog, syslog-ng or a SIEM",
			Example: `siem:
  type: syslog
  owner: security-oncall@example.com
  fallback: Write the time and what was done on paper.
  config:
    address: logs.example.com:6514
    tls: true
    deduplicates: true
`,
		}),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			c, h, err := host.Reach(req, func(c syslogConfig) host.Via { return c.Via })
			return &syslog{syslogConfig: c, req: req, host: h}, err
		},
		Inputs: checkFields,
	}
}

// Check implements kind.Checker: it connects, and sends nothing.
func (w *syslog) Check(ctx context.Context) []error {
	w.req.Key = "preflight"
	var problems []error
	if c, err := w.dial(ctx); err != nil {
		problems = append(problems, err)
	} else {
		_ = c.Close()
	}
	if _, _, err := w.logged(ctx); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// Close implements kind.Work.
func (w *syslog) Close() { w.host.Close() }

// Look implements kind.Work.
func (w *syslog) Look(ctx context.Context, record action.Values) (kind.State, error) {
	s := kind.State{Want: "the message is logged at " + w.req.Target.Name, Summary: w.end, Already: "the message had arrived already"}
	if w.end != "" {
		s.Desired = true
		return s, nil
	}
	kept, known, err := w.logged(ctx)
	switch {
	case err != nil:
	case kept:
		s.Desired, s.Current, s.Summary = true, "the message has arrived", "the message has arrived"
	case len(record) == 0: // before the record nothing was sent
		s.Current = "the message is not sent"
	case known: // if it is still on its way, it stands there twice, with the same mark
		s.Current = "the message has not arrived"
	default:
		s.Unknown, s.Once, s.Current = true, !w.Deduplicates, "the message may have been sent; the target says of no place where to look"
	}
	return s, err
}

// Change implements kind.Work. Look must be able to tell an attempt that may
// have sent from one that did not get here.
func (w *syslog) Change(ctx context.Context, _ action.Values, out action.Sink) error {
	message, err := w.composed()
	if err != nil {
		return err
	}
	c, err := w.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := out.Record(map[string]any{"sending": true}); err != nil {
		return err
	}
	sent.Say(ctx, w.Address+": "+message)
	taken, err := handOver(ctx, c, frame(message))
	switch {
	case err != nil:
		return err
	case w.KeptIn != "" || w.Lookup != "":
		w.end = "the message has arrived"
		return w.arrives(ctx)
	case taken:
		w.end = "the receiver took the message"
	default:
		w.end = "the message is sent; the receiver did not say that it took it"
	}
	return nil
}

// composed is the message.
func (w *syslog) composed() (string, error) {
	if problems := checkFields(w.req.With); len(problems) > 0 {
		return "", &action.Error{Message: problems[0].Message + ", so nothing was sent", Hint: problems[0].Hint, Permanent: true}
	}
	e := entry{
		facility: w.Facility, severity: w.req.With.String("severity"), at: time.Now(), host: w.Hostname,
		set:    w.Set,
		params: map[string]string{"run": w.req.Run, "runbook": w.req.Runbook, "step": w.req.Path},
		text:   action.CleanLine(w.req.With.String("text"), maxEntry) + " " + mark(w.req.Key),
	}
	if e.host == "" {
		e.host, _ = os.Hostname() // "-" stands for what is not known
	}
	fields := w.req.With.Map("fields")
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

func (w *syslog) dial(ctx context.Context) (net.Conn, error) {
	address := w.Address
	c, err := w.host.DialContext(ctx, "tcp", address)
	if err != nil {
		var e *action.Error
		if errors.As(err, &e) {
			return nil, err
		}
		return nil, &action.Error{Message: "the receiver of log messages at " + address + " cannot be reached, so nothing was sent", Hint: "check the address, and that the receiver takes messages by TCP", Cause: err}
	}
	if !w.TLS {
		return c, nil
	}
	conf, err := httpclient.TLS(w.CAFile)
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
func (w *syslog) logged(ctx context.Context) (kept, known bool, err error) {
	if w.KeptIn == "" {
		return w.arrived(ctx, w.req.Allow, keyPlaceholder, mark(w.req.Key))
	}
	res, err := w.host.Run(ctx, process.Command{Argv: []string{"grep", "-qF", "-e", mark(w.req.Key), "--", w.KeptIn}, Success: []int{0, 1}}, nil)
	if err != nil {
		return false, false, &action.Error{
			Message: fmt.Sprintf("the file %s, where the receiver keeps messages, cannot be searched on %s", action.CleanLine(w.KeptIn, 200), w.host),
			Hint:    "correct kept_in in the environment's target, and let irctl read the file", Cause: err,
		}
	}
	return res.ExitCode == 0, true, nil
}

// arrives waits until the message can be found.
func (w *syslog) arrives(ctx context.Context) error {
	var cause error
	err := patience.Limit{For: keepTime, Every: lookEvery}.Until(ctx, func() error {
		kept, _, err := w.logged(ctx)
		if cause = err; err == nil && !kept {
			return errors.New("it is not there")
		}
		return err
	})
	if err != nil {
		return &action.Error{
			Message: "the message was sent, but cannot be found where the receiver keeps messages", Doubt: true, Cause: cause,
			Hint: "check the receiver's rules, and kept_in or lookup of the environment's target",
		}
	}
	return nil
}

// checkFields finds fields that a message cannot have.
func checkFields(with action.Values) []action.Problem {
	var problems []action.Problem
	for name := range with.Map("fields") {
		switch {
		case !paramName().MatchString(name):
			problems = append(problems, action.Problem{Input: "fields", Message: fmt.Sprintf("%q cannot name a field of RFC 5424", action.CleanLine(name, 60)), Hint: "use at most 32 printable ASCII characters without space, =, ] and \""})
		case name == "run" || name == "runbook" || name == "step":
			problems = append(problems, action.Problem{Input: "fields", Message: name + " is one of those that irctl writes by itself", Hint: "give it another name"})
		}
	}
	return problems
}

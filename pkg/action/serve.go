package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"
)

// Serve makes a program a plugin: it speaks the protocol for these actions on
// standard input and output until irctl closes the input. Write nothing else to
// standard output. What an action writes to Output("sent") of its [Sink] goes to
// irctl as what is sent to the target; every other stream goes to standard error.
// Request.Secrets is nil, and nothing is kept as an artifact.
func Serve(actions ...Action) error {
	if os.Getenv("IRCTL_PLUGIN") == "" {
		return errors.New("this is a plugin of irctl and does nothing by itself: irctl plugin test PATH tries it")
	}
	return serve(os.Stdin, os.Stdout, os.NewFile(SecretsFD, "secrets"), actions)
}

// server is the plugin's end of the protocol.
type server struct {
	actions  []Action
	secrets  io.Reader
	mu       sync.Mutex // one line at a time
	out      *json.Encoder
	recorded chan *WireError // closed when irctl is gone
}

func serve(in io.Reader, out io.Writer, secrets io.Reader, actions []Action) error {
	s := &server{actions: actions, secrets: secrets, out: json.NewEncoder(out), recorded: make(chan *WireError)}
	ctx, cancel := context.WithCancel(context.Background())
	var calls sync.WaitGroup
	defer calls.Wait()
	defer close(s.recorded)
	defer cancel()
	lines := json.NewDecoder(in)
	lines.UseNumber()
	for {
		var m Message
		if err := lines.Decode(&m); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		switch m.Type {
		case TypeHello:
			s.send(Message{Type: TypeHello, Version: Protocol})
		case TypeDescribe, TypeInspect, TypeRun, TypeUndo:
			calls.Go(func() { s.send(s.answer(ctx, m)) })
		case TypeRecorded:
			s.recorded <- m.Error
		case TypeCancel:
			cancel()
		}
	}
}

func (s *server) send(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.out.Encode(m) // if irctl is gone, the input ends too
}

// answer does what a request asks for.
func (s *server) answer(ctx context.Context, m Message) Message {
	out := Message{Type: TypeAnswer, ID: m.ID}
	var err error
	for _, a := range s.actions {
		inspector, inspects := a.(Inspector)
		undoer, undoes := a.(Undoer)
		spec := a.Spec()
		if m.Type == TypeDescribe {
			out.Actions = append(out.Actions, Offer{Spec: spec, Inspect: inspects, Undo: undoes})
			continue
		}
		if spec.Name != m.Action || m.Request == nil {
			continue
		}
		var req Request
		req, err = s.request(spec, m.Request)
		to := remote{s, m.ID}
		switch {
		case err != nil:
		case m.Type == TypeInspect && inspects:
			var seen Inspection
			seen, err = inspector.Inspect(ctx, req)
			out.Inspection = &seen
		case m.Type == TypeUndo && undoes, m.Type == TypeRun:
			var res Result
			if m.Type == TypeUndo {
				res, err = undoer.Undo(ctx, req, to)
			} else {
				res, err = a.Run(ctx, req, to)
			}
			out.Result = &res
		default:
			err = &Error{Message: spec.Name + " cannot " + m.Type, Permanent: true}
		}
		if err != nil {
			out.Result, out.Inspection, out.Error = nil, nil, wire(err)
		}
		return out
	}
	if m.Type != TypeDescribe {
		out.Error = &WireError{Message: "this plugin has no action " + m.Action, Permanent: true}
	}
	return out
}

func wire(err error) *WireError {
	w := &WireError{Message: err.Error(), Doubt: IsDoubtful(err)}
	var e *Error
	if errors.As(err, &e) {
		w.Hint, w.Permanent, w.After = e.Hint, e.Permanent, e.After.Seconds()
	}
	return w
}

// request is what an action gets, typed as its description says.
func (s *server) request(spec Spec, w *WireRequest) (Request, error) {
	read := reading{}
	if len(w.Secrets) > 0 {
		if err := json.NewDecoder(s.secrets).Decode(&read.secrets); err != nil {
			return Request{}, &Error{Message: "the secrets cannot be read", Cause: err}
		}
	}
	form, _ := spec.TargetType(w.Target.Type)
	return Request{
		Run: w.Run, Runbook: w.Runbook, Path: w.Path, Attempt: w.Attempt, Key: w.Key, Undoes: w.Undoes,
		With: read.fields("with", spec.Inputs, w.With),
		Target: Target{
			Name: w.Target.Name, Type: w.Target.Type, Zone: w.Target.Zone, Owner: w.Target.Owner,
			Config: read.fields("target.config", form.Fields, w.Target.Config),
		},
		Record: read.plain(w.Record), Outputs: read.plain(w.Outputs), Allow: w.Allow, Dir: w.Dir, Folder: w.Folder,
	}, nil
}

// reading gives what came as JSON the types that fields have.
type reading struct{ secrets map[string]any }

func (r reading) fields(place string, fields []Field, in map[string]any) Values {
	out := Values{}
	for name, v := range in {
		f, _ := fieldNamed(fields, name)
		out[name] = r.value(place+"."+name, f, v)
	}
	return out
}

// plain is data without fields; nil stays nil, which means that there was none.
func (r reading) plain(in map[string]any) map[string]any {
	if in == nil {
		return nil
	}
	return r.fields("", nil, in)
}

func (r reading) value(place string, f Field, v any) any {
	if secret, ok := r.secrets[place]; ok {
		return NewSecret(secret)
	}
	item := Field{Type: f.Items, Fields: f.Fields}
	switch x := v.(type) {
	case []any:
		for i, e := range x {
			x[i] = r.value(place+"."+strconv.Itoa(i), item, e)
		}
	case map[string]any:
		for name, e := range x {
			if inner, known := fieldNamed(f.Fields, name); known {
				x[name] = r.value(place+"."+name, inner, e)
			} else {
				x[name] = r.value(place+"."+name, item, e)
			}
		}
	case json.Number:
		if i, err := x.Int64(); err == nil && f.Type != Float {
			return i
		}
		if n, err := x.Float64(); err == nil {
			return n
		}
	case string:
		if d, err := time.ParseDuration(x); err == nil && f.Type == Duration {
			return d
		}
		if t, err := time.Parse(time.RFC3339, x); err == nil && f.Type == Time {
			return t
		}
	}
	return v
}

// remote is the sink at the other end.
type remote struct {
	s  *server
	id string
}

// Record implements Sink.
func (r remote) Record(values map[string]any) error {
	r.s.send(Message{Type: TypeRecord, ID: r.id, Values: values})
	refused, ok := <-r.s.recorded
	switch {
	case !ok:
		return errors.New("irctl has ended, so nothing is recorded")
	case refused != nil:
		return errors.New(refused.Message)
	}
	return nil
}

// Progress implements Sink.
func (r remote) Progress(line string) { r.s.send(Message{Type: TypeProgress, ID: r.id, Text: line}) }

// Artifact implements Sink.
func (r remote) Artifact(name string, _ io.Reader) (string, int64, error) {
	return "", 0, fmt.Errorf("%s is not kept: a plugin has no artifacts, and Request.Dir is for files", name)
}

// Output implements Sink.
func (r remote) Output(stream string) io.Writer {
	if stream == "sent" {
		return logged(r)
	}
	return os.Stderr
}

// logged tells what is sent to the target.
type logged remote

func (l logged) Write(p []byte) (int, error) {
	l.s.send(Message{Type: TypeLog, ID: l.id, Text: string(p)})
	return len(p), nil
}

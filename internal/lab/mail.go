package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/mail"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

const maxMessage = 10 << 20 // bytes

// Message is a mail as it arrived.
type Message struct {
	Time      time.Time `json:"time"`
	MessageID string    `json:"message_id"` // without angle brackets; empty if it had none
	From      string    `json:"from"`       // of the envelope
	To        []string  `json:"to"`         // of the envelope
	Subject   string    `json:"subject"`
	Source    string    `json:"source"` // header and body
}

// box keeps what arrived, in a file of JSON lines that only grows until the
// lab is reset. It is safe for concurrent use.
type box[T any] struct {
	mu   sync.Mutex
	path string
	file *os.File
	kept []T
}

func openBox[T any](path string) (*box[T], error) {
	b := &box[T]{path: path}
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if b.kept, err = decodeLines[T](path, content); err != nil {
		return nil, err
	}
	b.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return b, nil
}

func (b *box[T]) add(v T) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", b.path, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := b.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write %s: %w", b.path, err)
	}
	b.kept = append(b.kept, v)
	return nil
}

func (b *box[T]) all() []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.kept)
}

func (b *box[T]) has(wanted func(T) bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.kept, wanted)
}

func (b *box[T]) clear() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept = nil
	if err := b.file.Truncate(0); err != nil {
		return fmt.Errorf("clear %s: %w", b.path, err)
	}
	return nil
}

func (b *box[T]) close() error { return b.file.Close() }

// mailHost is one of the two mail servers.
type mailHost struct {
	company *company
	system  string   // its target's name
	domains []string // whose mail it takes
	defers  bool     // whether the company can suspend it
	box     *box[Message]
}

func (h *mailHost) server(logger *log.Logger) *smtp.Server {
	s := smtp.NewServer(h)
	s.Domain = h.domains[0]
	s.MaxMessageBytes = maxMessage
	s.MaxRecipients = 1000
	s.ReadTimeout, s.WriteTimeout = time.Minute, time.Minute
	s.ErrorLog = logger
	return s
}

// NewSession implements smtp.Backend.
func (h *mailHost) NewSession(*smtp.Conn) (smtp.Session, error) { return &mailSession{host: h}, nil }

// suspended returns what a client is told while mail is suspended: a refusal
// for now (RFC 3463: 4.3.2, the system is not accepting messages), so that
// senders keep their mail and try again.
func (h *mailHost) suspended() error {
	var state mailState
	h.company.look(func(d *companyData) { state = d.Mail })
	if !h.defers || !state.Suspended {
		return nil
	}
	text := Company + " is not taking mail at the moment. Please keep your message and try again later."
	if state.Notice != "" {
		text = strings.Join(strings.Fields(state.Notice), " ")
	}
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: text}
}

type mailSession struct {
	host *mailHost
	from string
	to   []string
}

// Reset implements smtp.Session.
func (s *mailSession) Reset() { s.from, s.to = "", nil }

// Logout implements smtp.Session.
func (s *mailSession) Logout() error { return nil }

// Mail implements smtp.Session.
func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return s.host.suspended()
}

// Rcpt implements smtp.Session.
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.host.suspended(); err != nil {
		return err
	}
	_, of, _ := strings.Cut(to, "@")
	if !slices.ContainsFunc(s.host.domains, func(d string) bool { return strings.EqualFold(d, of) }) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1},
			Message: "This server takes mail for " + strings.Join(s.host.domains, " and ") + " only."}
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session. The message and the ledger's entry are in
// their files before the client is told that the message was accepted.
func (s *mailSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.host.suspended(); err != nil {
		return err
	}
	m := Message{Time: s.host.company.now().UTC(), From: s.from, To: s.to, Source: string(b)}
	if parsed, err := mail.ReadMessage(bytes.NewReader(b)); err == nil {
		m.MessageID = bareID(parsed.Header.Get("Message-Id"))
		m.Subject = parsed.Header.Get("Subject")
	}
	e := Entry{System: s.host.system, Effect: MessageDelivered, Key: m.MessageID, Detail: strings.Join(m.To, ", ")}
	e.Duplicate = s.host.company.led.has(e.repeats)
	if err := s.host.box.add(m); err != nil {
		return err
	}
	return s.host.company.change(func(*companyData) []Entry { return []Entry{e} })
}

func bareID(id string) string { return strings.Trim(strings.TrimSpace(id), "<>") }

//go:build unix

package crash

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

const customers, deaths = 10_000, 20

// postOffice takes mail, and kills whoever hands it over at certain messages.
type postOffice struct {
	mu     sync.Mutex
	begun  int            // messages whose text was begun
	kill   map[int]int    // at which message to kill, and in which moment
	next   bool           // kill at the next command
	victim *os.Process    // the irctl that runs now
	got    map[string]int // how often each address has got it
	codes  map[string]int // how often each code was handed out
}

// The moments of a death.
const (
	beforeTaken   = iota // the text has come, and nobody has it
	beforeAnswer         // it is delivered, and irctl is not told
	afterAnswered        // irctl was told, and may not have written it down
	moments
)

type delivery struct {
	*postOffice
	to string
}

func (p *postOffice) NewSession(*gosmtp.Conn) (gosmtp.Session, error) {
	return &delivery{postOffice: p}, nil
}
func (*delivery) Reset()        {}
func (*delivery) Logout() error { return nil }

func (d *delivery) Mail(string, *gosmtp.MailOptions) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.next {
		d.next = false
		return d.dies()
	}
	return nil
}

func (d *delivery) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	d.to = to
	return nil
}

var code = regexp.MustCompile(`code-[0-9]{5}`)

func (d *delivery) Data(r io.Reader) error {
	m, err := mail.ReadMessage(bufio.NewReader(r))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.begun++
	moment, dies := d.kill[d.begun]
	if dies && moment == beforeTaken {
		return d.dies()
	}
	d.got[d.to]++
	d.codes[code.FindString(string(body))]++
	if dies && moment == beforeAnswer {
		return d.dies()
	}
	d.next = dies
	return nil
}

// dies ends the irctl that runs now, and answers nobody.
func (d *delivery) dies() error {
	_ = d.victim.Kill()
	_, _ = d.victim.Wait()
	return fmt.Errorf("too late")
}

// TestKilledWhileItTellsCustomers sends a notice to 10,000 readers and kills
// irctl 20 times at messages that a seed picks. Every reader has it exactly once,
// or stands in the list of those of whom nobody knows; nobody has it twice, and
// nobody has the code of another.
func TestKilledWhileItTellsCustomers(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 6))
	office := &postOffice{kill: map[int]int{}, got: map[string]int{}, codes: map[string]int{}}
	for len(office.kill) < deaths {
		office.kill[1+random.IntN(customers-deaths)] = random.IntN(moments)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := gosmtp.NewServer(office)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })

	dir := t.TempDir()
	write := func(file, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600))
	}
	list, codes := "address,name,language\n", ""
	for i := range customers {
		list += fmt.Sprintf("c%05d@example.com,Customer %d,%s\n", i, i, []string{"en", "es", "fr", ""}[i%4])
		codes += fmt.Sprintf("code-%05d\n", i)
	}
	write("customers.csv", list)
	write("identity.codes", codes)
	write("tell.yaml", `irctl: v1
name: tell
title: Tell customers
owner: o@example.com
steps:
  - id: draft
    uses: notify.draft
    with: {notice: breach, list: customers.csv, codes: identity.codes, values: {company: Example Bank, happened: "2026-03-01", data: names, hotline: +1 555 0121, enrol_at: https://enrol.example.org}}
  - id: agree
    approve: {text: "${{ steps.draft.outputs.text }}", roles: [commander], within: 1h, not_requester: false}
  - id: send
    uses: notify.customers
    target: mail
    with: {notice: breach, list: customers.csv, codes: identity.codes, values: {company: Example Bank, happened: "2026-03-01", data: names, hotline: +1 555 0121, enrol_at: https://enrol.example.org}, approved: "${{ steps.draft.outputs.digest }}", batch: 250}
`)
	write("acme.yaml", "irctl: v1\nkind: environment\nname: acme\nallow: {loopback: true}\npeople: {dana: {roles: [commander], user: \"*\"}}\n"+
		"targets:\n  mail: {type: smtp, config: {address: \""+l.Addr().String()+"\", from: incident@example.org}}\n")
	c := &company{t: t, dir: dir, home: filepath.Join(dir, "home"), env: filepath.Join(dir, "acme.yaml")}
	e := c.irctl("", "run", "./tell.yaml")
	require.Equal(t, 4, e.code, e.stderr)
	run := latest(t, c.home)
	e = c.irctl("", "approve", run, "agree", "--as", "dana")
	require.Zero(t, e.code, e.stderr)

	died := 0
	for {
		cmd := child.Command(t, c.home, []string{"IRCTL_ENV=" + c.env}, "resume", run)
		cmd.Dir = dir
		var said strings.Builder
		cmd.Stdout, cmd.Stderr = &said, &said
		office.mu.Lock()
		require.NoError(t, cmd.Start())
		office.victim = cmd.Process
		office.mu.Unlock()
		code, killed, err := child.Ended(cmd.Wait())
		if !killed && err == nil {
			require.Zero(t, code, said.String())
			break
		}
		died++
	}
	require.Equal(t, deaths, died)

	unknown := unreached(t, c, run)
	for i := range customers {
		address := fmt.Sprintf("c%05d@example.com", i)
		if !slices.Contains(unknown, address) {
			require.Equal(t, 1, office.got[address], address)
		}
		require.LessOrEqual(t, office.got[address], 1, address)
	}
	require.LessOrEqual(t, len(unknown), deaths)
	for code, n := range office.codes {
		require.Equal(t, 1, n, code)
	}
	require.NotContains(t, readFile(t, filepath.Join(c.home, "runs", run, "journal.jsonl")), "code-0")
	c.verifies(run)
}

// unreached are the readers whom the list for post and telephone names as
// unknown.
func unreached(t *testing.T, c *company, run string) (unknown []string) {
	files, err := filepath.Glob(filepath.Join(c.home, "runs", run, "artifacts", "*"))
	require.NoError(t, err)
	for _, file := range files {
		text := readFile(t, file)
		if !strings.HasPrefix(text, "line,address,") {
			continue
		}
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		require.NoError(t, err)
		for _, row := range rows[1:] {
			require.Regexp(t, "^unknown: ", row[5])
			unknown = append(unknown, row[1])
		}
	}
	return unknown
}

func readFile(t *testing.T, path string) string {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

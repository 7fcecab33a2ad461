//go:build unix

package real

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// Rsyslog is rsyslog, taking messages by TCP. It keeps them as they came in
// one file, and what it read in them in another.
type Rsyslog struct{ *realtest.Process }

// StartRsyslog starts one that has no messages.
func StartRsyslog(t testing.TB) *Rsyslog {
	t.Helper()
	program := realtest.Need(t, "rsyslogd")
	return &Rsyslog{realtest.Daemon{
		Ports:     1,
		Configure: configureRsyslog,
		Command: func(at realtest.Place) *exec.Cmd {
			return at.Command(program, "-n", "-f", at.File("rsyslog.conf"), "-i", at.File("pid"))
		},
		Ready: knocks,
	}.Start(t)}
}

func configureRsyslog(at realtest.Place) error {
	return at.Write("rsyslog.conf", strings.NewReplacer("DIR", at.Dir, "PORT", fmt.Sprint(at.Ports[0])).Replace(`
global(workDirectory="DIR" maxMessageSize="16k")
module(load="imtcp")
module(load="mmpstrucdata")
input(type="imtcp" address="127.0.0.1" port="PORT")
template(name="parsed" type="list" option.jsonf="on") {
	property(outname="facility" name="syslogfacility-text" format="jsonf")
	property(outname="severity" name="syslogseverity-text" format="jsonf")
	property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
	property(outname="host" name="hostname" format="jsonf")
	property(outname="app" name="app-name" format="jsonf")
	property(outname="id" name="msgid" format="jsonf")
	property(outname="data" name="$!rfc5424-sd" format="jsonf")
	property(outname="text" name="msg" format="jsonf")
}
action(type="mmpstrucdata" sd_name.lowercase="off")
action(type="omfile" file="DIR/parsed.log" template="parsed")
action(type="omfile" file="DIR/kept.log" template="RSYSLOG_SyslogProtocol23Format")
`))
}

// knocks sends a message with the folder's name and looks whether it arrived:
// a log says nothing by itself.
func knocks(at realtest.Place) error {
	c, err := net.Dial("tcp", at.Address(0))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c, "<13>1 - - knock - - - %s\n", at.Dir)
	if err := errors.Join(err, c.Close()); err != nil {
		return err
	}
	kept, err := os.ReadFile(at.File("kept.log"))
	if err == nil && !strings.Contains(string(kept), at.Dir) {
		err = fmt.Errorf("the message that knocks has not arrived")
	}
	return err
}

// LogMessage is what rsyslog read in a message.
type LogMessage struct {
	Facility, Severity, Time, Host, App, ID, Text string
	// Data are the values of the structured data, by SD-ID and name.
	Data map[string]map[string]string
}

// Kept is the file in which it keeps messages.
func (r *Rsyslog) Kept() string { return r.File("kept.log") }

// Messages are those that arrived, oldest first.
func (r *Rsyslog) Messages(t testing.TB) []LogMessage {
	t.Helper()
	text, err := os.ReadFile(r.File("parsed.log"))
	require.NoError(t, err)
	var out []LogMessage
	for line := range strings.Lines(string(text)) {
		var m struct {
			LogMessage
			Data string
		}
		require.NoError(t, json.Unmarshal([]byte(line), &m), line)
		if m.App == "knock" {
			continue
		}
		require.NoError(t, json.Unmarshal([]byte(m.Data), &m.LogMessage.Data), line)
		out = append(out, m.LogMessage)
	}
	return out
}

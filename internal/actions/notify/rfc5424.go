package notify

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// severities and facilities are numbered by their place (RFC 5424 section
// 6.2.1).
func severities() []string {
	return []string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}
}

func facilities() []string {
	return []string{
		"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
		"ntp", "security", "console", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
	}
}

// maxEntry is the most octets of one message: receivers should take that many,
// and cut or drop what is longer (RFC 5425 section 4.3.1).
const maxEntry = 8192

// entry is one message of RFC 5424.
type entry struct {
	facility, severity string
	at                 time.Time
	host               string
	set                string            // SD-ID
	params             map[string]string // of the set
	text               string
}

// paramName is an SD-NAME (RFC 5424 section 6.3.3).
var paramName = pattern.Late(`^[!#-<>-\\^-~]{1,32}$`)

// String writes the message, without its frame. The text has no byte order
// mark: receivers show it, and then it is ASCII or, as RFC 5424 section 6.4
// wants of anything else, UTF-8 that does not say so.
func (e entry) String() string {
	var b strings.Builder
	pri := 8*slices.Index(facilities(), e.facility) + slices.Index(severities(), e.severity)
	fmt.Fprintf(&b, "<%d>1 %s %s irctl - notify [%s", pri, e.at.UTC().Format("2006-01-02T15:04:05.000000Z"), hostname(e.host), e.set)
	for _, name := range slices.Sorted(maps.Keys(e.params)) {
		fmt.Fprintf(&b, ` %s="%s"`, name, paramValue(e.params[name]))
	}
	b.WriteString("] " + e.text)
	return b.String()
}

// paramValue escapes what would end a value (RFC 5424 section 6.3.3).
func paramValue(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, `]`, `\]`).Replace(action.CleanLine(text, 1024))
}

// hostname is a HOSTNAME: printable ASCII without spaces, "-" if there is none.
func hostname(name string) string {
	name = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, name)
	if name == "" {
		return "-"
	}
	return name[:min(len(name), 255)]
}

// frame counts the octets, so that a text may hold anything (RFC 6587 section
// 3.4.1).
func frame(message string) []byte { return []byte(strconv.Itoa(len(message)) + " " + message) }

// mark follows from the step, so that a message can be found where it is kept.
func mark(key string) string {
	return fmt.Sprintf("[irctl %x", sha256.Sum256([]byte(key)))[:len("[irctl ")+16] + "]"
}

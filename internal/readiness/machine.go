package readiness

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/plugin"
)

// Machine is where irctl runs.
type Machine struct {
	Home string // folder of the runs, absolute; need not exist yet
	Now  func() time.Time
	// Runs counts the runs that are kept there and tells the time of the newest
	// one's last entry; zero if that cannot be read.
	Runs func() (n int, last time.Time, err error)
}

// Look looks whether runs can be written, whether there is room, and whether
// the clock is sane.
func (m Machine) Look() []Check {
	n, last, err := m.Runs()
	return []Check{m.runs(n, err), m.space(), m.clock(last)}
}

// runs looks whether runs can be written, without leaving anything there that
// was not there before.
func (m Machine) runs(n int, listing error) Check {
	dir := m.Home
	for {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			return checkOf("runs", m.Home, &Problem{What: dir + " is no folder", Do: []string{"set IRCTL_HOME to another folder"}})
		}
		if err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir {
			return checkOf("runs", m.Home, err)
		}
		dir = up
	}
	f, err := os.CreateTemp(dir, ".irctl-doctor-")
	if err != nil {
		return checkOf("runs", m.Home, &Problem{
			What:  "cannot write in " + dir + ": " + bare(err),
			Means: "No run can begin: no entry, no action.", Do: []string{"set IRCTL_HOME to another folder"},
		})
	}
	_, err = f.WriteString("irctl doctor\n")
	errs := []error{err, f.Sync(), f.Close(), os.Remove(f.Name())}
	if dir != m.Home {
		return checkOf("runs", m.Home+", to be made by the first run", errs...)
	}
	return checkOf("runs", m.Home+", "+count(n, "run"), append(errs, listing)...)
}

// bare is a file system error without the path, which stands before it.
func bare(err error) string {
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}

// leastSpace is below how much room a run should not begin: evidence and raw
// output lie beside the journal.
const leastSpace = 512 << 20

func (m Machine) space() Check {
	for dir := m.Home; ; dir = filepath.Dir(dir) {
		free, err := freeSpace(dir)
		switch {
		case err == nil && free < leastSpace:
			return checkOf("free space", "little", &Problem{
				What:  fmt.Sprintf("only %d MiB are free where runs are kept", free>>20),
				Means: "Evidence and raw output lie beside the journal; a full disk stops a run.",
				Do:    []string{"make room, or set IRCTL_HOME to another disk"},
			})
		case err == nil:
			return checkOf("free space", fmt.Sprintf("%d GiB", free>>30))
		case filepath.Dir(dir) == dir:
			return checkOf("free space", "not known", err)
		}
	}
}

// clock compares the clock with what cannot lie in the future.
func (m Machine) clock(last time.Time) Check {
	now := m.Now().UTC()
	found := now.Format(time.RFC3339)
	if now.Year() < 2025 {
		return checkOf("clock", found, &Problem{What: "the clock is years behind", Means: "Deadlines and the journal's times would be wrong.", Do: []string{"set the clock"}})
	}
	// A run that cannot be read is examined elsewhere.
	if last.Sub(now) > time.Minute {
		return checkOf("clock", found, &Problem{
			What:  "the newest run has entries from " + last.Sub(now).Round(time.Second).String() + " in the future",
			Means: "The clock was set back, or was ahead before.", Do: []string{"compare the clock with another machine's"},
		})
	}
	return checkOf("clock", found)
}

// Plugins says of each trusted plugin whether it would be run.
func Plugins(host *plugin.Host) []Check {
	trusted, err := host.Trusted()
	if err != nil {
		return []Check{checkOf("plugins", "", err)}
	}
	return each.Of(trusted, func(e plugin.Entry) Check {
		c := checkOf("plugin "+e.Name(), e.Path+", as it was trusted", host.Verify(e))
		if len(c.Problems) > 0 {
			c.Do = []string{"look who changed it; if it is as it should be: irctl plugin trust " + e.Name()}
		}
		return c
	})
}

package outside

import (
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/irctl/irctl/internal/account"
)

// System is the real world, for cmd/irctl.
func System() World {
	noCore()
	// A reader that went away must not end a run: with a handler in place a
	// write to a closed pipe returns an error instead. (Ignoring the signal
	// would do too, but children inherit that.)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	w := World{
		Recycle:      collectLess(),
		Args:         os.Args[1:],
		Stdin:        os.Stdin,
		Stdout:       os.Stdout,
		Stderr:       os.Stderr,
		Getenv:       os.Getenv,
		Now:          time.Now,
		Signals:      listen,
		PID:          os.Getpid(),
		Config:       configFolder(),
		SystemConfig: "/etc",
		State:        stateFolder(),
	}
	if runtime.GOOS == "windows" {
		w.SystemConfig = os.Getenv("ProgramData")
	}
	w.Dir, _ = os.Getwd()
	w.Host, _ = os.Hostname()
	w.User = sync.OnceValue(func() string { return account.Name(account.Self()) })
	w.Executable, _ = os.Executable()
	return w
}

// listen takes over the signals that mean stop, save those that whoever started
// irctl had it ignore, as nohup does.
func listen() (<-chan os.Signal, func()) {
	signals := make(chan os.Signal, 4)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	return signals, func() { signal.Stop(signals) }
}

// collectLess trades memory for time: most commands read something, show it
// and end, so collecting its garbage is a large part of their work. Nothing is
// collected before there is something to gain; a process that has grown large
// collects as usual. GOGC and GOMEMLIMIT in the environment decide instead. What
// it returns is [World.Recycle].
func collectLess() (recycle func()) {
	const percent, most, little, large = 400, 256 << 20, 64 << 20, 512 << 20
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	var first atomic.Int64 // how much there is before anything is collected
	first.Store(most)
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(most)
	var collected func(int)
	collected = func(int) { // after each collection
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if first.Load() == little {
			debug.SetGCPercent(max(percent, int(100*little/max(live[0].Value.Uint64(), 1))))
			runtime.AddCleanup(new([64]byte), collected, 0)
		} else {
			debug.SetGCPercent(percent)
		}
		debug.SetMemoryLimit(large)
	}
	runtime.AddCleanup(new([64]byte), collected, 0)
	return func() {
		first.Store(little)
		debug.SetMemoryLimit(little)
	}
}

// configFolder follows the XDG base directory specification, and on Windows
// the roaming application data folder.
func configFolder() string {
	if dir := os.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	if runtime.GOOS == "windows" {
		return os.Getenv("AppData")
	}
	return Below(homeFolder(), ".config")
}

// stateFolder follows the XDG base directory specification, and on Windows the
// local application data folder.
func stateFolder() string {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	if runtime.GOOS == "windows" {
		return os.Getenv("LocalAppData")
	}
	return Below(homeFolder(), ".local", "state")
}

// homeFolder is what HOME says, or else what the system knows of the account;
// "" if neither names one. It is never the working folder: what is kept there
// would not be found again.
func homeFolder() string {
	if home, err := os.UserHomeDir(); err == nil && filepath.IsAbs(home) {
		return home
	}
	if known, ok := account.Find(account.Self()); ok && filepath.IsAbs(known.Home) {
		return known.Home
	}
	return ""
}

// Below names a folder in another one, and none in none.
func Below(folder string, names ...string) string {
	if folder == "" {
		return ""
	}
	return filepath.Join(append([]string{folder}, names...)...)
}

// release is the version, set by the linker (see the Makefile).
var release string

// Version returns the version of this irctl: the release, or else what the Go
// toolchain knows about the build.
func Version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	if info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

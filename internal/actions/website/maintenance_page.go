package website

import (
	"context"

	"github.com/irctl/irctl/internal/systems/page"
	"github.com/irctl/irctl/pkg/action"
)

// flagText is what the flag holds; servers test only that it exists.
const flagText = "irctl took this site out of service\n"

// maintenancePage closes a site by a page and a flag that its web server tests
// for.
type maintenancePage struct{}

func (maintenancePage) target() action.TargetType { return page.Target("flag") }

// flagged is what the two files are now.
type flagged struct {
	*call
	flagText           string // what a new flag holds
	pagePath, flagPath string
	page, flag         page.Snapshot
}

func (maintenancePage) look(ctx context.Context, c *call) (setting, error) {
	return lookAtFiles(ctx, c, flagText)
}

func lookAtFiles(ctx context.Context, c *call, flagText string) (flagged, error) {
	f := flagged{call: c, flagText: flagText, pagePath: c.config().String("page"), flagPath: c.config().String("flag")}
	var err error
	if f.page, err = page.Look(ctx, c.host, f.pagePath); err != nil {
		return f, err
	}
	f.flag, err = page.Look(ctx, c.host, f.flagPath)
	return f, err
}

func (f flagged) closed() bool { return f.flag.Exists && f.page.Holds(f.notice) }

func (f flagged) desired() bool {
	if f.suspend {
		return f.closed()
	}
	return !f.flag.Exists
}

func (f flagged) current() string {
	switch {
	case !f.flag.Exists:
		return "in service"
	case f.suspend && !f.closed():
		return "out of service, showing another page"
	case f.suspend:
		return "out of service, showing the message"
	}
	return "out of service"
}

func (f flagged) keep(dir string) (map[string]any, error) {
	flag, err := f.flag.Keep(dir)
	if err != nil {
		return nil, err
	}
	values := map[string]any{"flag": flag}
	if f.suspend {
		values["wrote"] = page.Digest(f.notice)
		values["page"], err = f.page.Keep(dir)
	}
	return values, err
}

func (f flagged) change(ctx context.Context, out action.Sink) error {
	if !f.suspend {
		return page.Delete(ctx, f.host, f.flagPath)
	}
	out.Progress("writing the page that visitors will see")
	// The page first: from the moment the flag is there it is served.
	if !f.page.Holds(f.notice) {
		if err := page.Put(ctx, f.host, f.pagePath, f.notice); err != nil {
			return err
		}
	}
	if f.flag.Exists {
		return nil
	}
	return page.Put(ctx, f.host, f.flagPath, []byte(f.flagText))
}

func (maintenancePage) revert(ctx context.Context, c *call, record action.Values, _ bool) (changed bool, err error) {
	return revertFiles(ctx, c, record)
}

// revertFiles puts flag and page back.
func revertFiles(ctx context.Context, c *call, record action.Values) (changed bool, err error) {
	// The flag first: a site that was in service must not wait for its page.
	for _, name := range []string{"flag", "page"} {
		if !record.Has(name) {
			continue
		}
		before, err := page.Recalled(c.req.Dir, record.Map(name))
		if err != nil {
			return changed, err
		}
		path := c.config().String(name)
		if name == "page" {
			if err := stillOurs(ctx, c, path, before, record.String("wrote")); err != nil {
				return changed, err
			}
		}
		did, err := before.Restore(ctx, c.host, path)
		if err != nil {
			return changed, err
		}
		changed = changed || did
	}
	return changed, nil
}

// stillOurs is the error for a file that is neither what it was before nor what
// the step wrote: then somebody has edited it since.
func stillOurs(ctx context.Context, c *call, path string, before page.Snapshot, wrote string) error {
	now, err := page.Look(ctx, c.host, path)
	if err != nil || !now.Exists || now.Same(before) || wrote == "" || now.Digest == wrote {
		return err
	}
	return &action.Error{
		Message:   path + " was edited since the step wrote it, so it was left as it is",
		Hint:      "keep what has to stay of it elsewhere, remove the file, then retry; or put it right by hand and mark the step as done",
		Permanent: true,
	}
}

func (maintenancePage) preflight(ctx context.Context, c *call) []error {
	return filesWritable(ctx, c, "flag", "page")
}

// filesWritable finds which of the files that config names cannot be written.
func filesWritable(ctx context.Context, c *call, fields ...string) []error {
	var problems []error
	for _, name := range fields {
		if err := page.Writable(ctx, c.host, c.config().String(name)); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

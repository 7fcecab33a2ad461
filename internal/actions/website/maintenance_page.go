package website

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/systems/page"
	"github.com/irctl/irctl/pkg/action"
)

// flagText is what the flag holds; servers test only that it exists.
const flagText = "irctl took this site out of service\n"

// pageConfig is the config of a maintenance page.
type pageConfig struct{ page.Config }

func (p *pageConfig) visitors() *visitor {
	return &visitor{URL: p.CheckURL, Also: p.CheckAlso, Via: p.Via}
}

// byMaintenancePage closes a site by a page and a flag that its web server
// tests for.
func byMaintenancePage(suspend bool, limit patience.Limit) kind.Kind {
	t := page.Target("flag")
	k := served(t, suspend, limit, func(c *call, conf pageConfig) gate {
		c.shows = shows{page: true}
		return &flagged{call: c, flagText: flagText, pagePath: conf.Page, flagPath: conf.Flag}
	}).(kind.Change)
	k.Type.Fields = t.Fields // of which one is required here
	return k
}

// flagged is a page and a flag, and what the two files are now.
type flagged struct {
	*call
	flagText           string // what a new flag holds
	pagePath, flagPath string
	page, flag         page.Snapshot
}

func (f *flagged) look(ctx context.Context) (desired bool, current string, err error) {
	if f.page, err = page.Look(ctx, f.host, f.pagePath); err == nil {
		f.flag, err = page.Look(ctx, f.host, f.flagPath)
	}
	desired = !f.flag.Exists
	if f.suspend {
		desired = f.flag.Exists && f.page.Holds(f.notice)
	}
	return desired, f.standing(f.flag.Exists, desired), err
}

func (f *flagged) keep(dir string) (map[string]any, error) {
	return f.keepBoth(dir, "flag", f.flag, f.page)
}

// keepBoth keeps what a file was that closes the site, and what the page was that
// a notice takes the place of.
func (c *call) keepBoth(dir, name string, file, shown page.Snapshot) (map[string]any, error) {
	was, err := file.Keep(dir)
	if err != nil {
		return nil, err
	}
	values := map[string]any{name: was}
	if c.suspend {
		values["wrote"] = page.Digest(c.notice)
		values["page"], err = shown.Keep(dir)
	}
	return values, err
}

func (f *flagged) change(ctx context.Context, out action.Sink) error {
	if !f.suspend {
		return page.Delete(ctx, f.host, f.flagPath)
	}
	// The page first: from the moment the flag is there it is served.
	if err := f.putUp(ctx, f.page, f.pagePath, out); err != nil || f.flag.Exists {
		return err
	}
	return f.flag.Put(ctx, f.host, f.flagPath, []byte(f.flagText))
}

// putUp writes the page that visitors will see, if another is there.
func (c *call) putUp(ctx context.Context, now page.Snapshot, path string, out action.Sink) error {
	if now.Holds(c.notice) {
		return nil
	}
	out.Progress("writing the page that visitors will see")
	return now.Put(ctx, c.host, path, c.notice)
}

// revert puts back the flag first: a site that was in service must not wait for
// its page.
func (f *flagged) revert(ctx context.Context, record action.Values, _ bool) (changed bool, err error) {
	before, err := page.Recalled(f.req.Dir, record.Map("flag"))
	if err == nil {
		changed, err = before.Restore(ctx, f.host, f.flagPath)
	}
	if err != nil {
		return changed, err
	}
	did, err := f.revertPage(ctx, record, f.pagePath)
	return changed || did, err
}

// revertPage puts back the page, if the step wrote one.
func (c *call) revertPage(ctx context.Context, record action.Values, path string) (changed bool, err error) {
	if !record.Has("page") {
		return false, nil
	}
	return page.Revert(ctx, c.host, c.req.Dir, record, path)
}

func (f *flagged) preflight(ctx context.Context) []error {
	return f.writable(ctx, f.flagPath, f.pagePath)
}

// writable finds which of some files cannot be written.
func (c *call) writable(ctx context.Context, paths ...string) []error {
	var problems []error
	for _, path := range paths {
		if err := page.Writable(ctx, c.host, path); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

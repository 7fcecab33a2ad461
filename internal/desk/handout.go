package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/irctl/irctl/internal/bundle"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/pkg/journal"
)

// Handout is what leaves this home for others to check.
type Handout struct {
	To     string        // the folder, which must not be there
	Signer sshsig.Signer // nil if the person has no key
	// Sheet makes a chain of custody readable.
	Sheet func(*projection.Custody, []Exported) string
}

// Exported says where in an export a piece of evidence is, or why it is not.
type Exported struct {
	ID      string `json:"id"`
	File    string `json:"file"`
	Missing string `json:"missing,omitempty"`
}

// Export is what was written.
type Export struct {
	Run     string          `json:"run"`
	Folder  string          `json:"folder"`
	Verdict journal.Verdict `json:"verdict"` // of the journal in it
	Signed  string          `json:"signed"`  // the fingerprint of the key, "" if there is none
	Items   []Exported      `json:"items"`
}

// Missing counts the pieces that are not in it.
func (e Export) Missing() (n int) {
	for _, i := range e.Items {
		if i.Missing != "" {
			n++
		}
	}
	return n
}

// ExportEvidence writes a run with all its evidence into a folder that others
// check without irctl: a copy of the run, the pieces by their names, the chain of
// custody, and the digests of all of that, signed. Each piece is held against the
// digest that the journal has; one that does not fit, or is not here, is left out
// and named.
func (d *Desk) ExportEvidence(ctx context.Context, prefix string, h Handout) (out Export, err error) {
	r, err := d.Journal(prefix)
	if err != nil {
		return out, err
	}
	b, err := bundle.Create(h.To)
	if err != nil {
		return out, unwritten(err)
	}
	defer b.Discard()
	digests := map[string]string{}
	if err := r.Belongings(func(name string, f io.Reader) (err error) {
		digests[name], _, err = b.Add(ctx, path.Join(r.ID(), name), f)
		return err
	}); err != nil {
		return out, unwritten(err)
	}
	copied, err := d.Store.At(b.Draft(r.ID()))
	if err != nil {
		return out, err
	}
	whole, err := proven(copied, r.ID(), journal.Given{})
	if err != nil {
		return out, err
	}
	custody, broken := custodyOf(copied) // what verifies of it; the verdict says the rest
	if broken != nil && whole.report.Verdict == journal.Intact {
		return out, broken
	}
	out = Export{Run: r.ID(), Folder: h.To, Verdict: whole.report.Verdict, Items: []Exported{}}
	for _, item := range custody.Items {
		e, err := export(ctx, b, r.ID(), digests, item)
		if err != nil {
			return out, unwritten(err)
		}
		out.Items = append(out.Items, e)
	}
	if h.Signer != nil {
		out.Signed = h.Signer.Key().Fingerprint()
	}
	list, err := json.MarshalIndent(map[string]any{"custody": custody, "files": out.Items, "verdict": out.Verdict}, "", "  ")
	if err != nil {
		return out, err
	}
	for name, text := range map[string]string{"CUSTODY.txt": h.Sheet(custody, out.Items), "custody.json": string(list) + "\n"} {
		if _, _, err := b.Add(ctx, name, strings.NewReader(text)); err != nil {
			return out, unwritten(err)
		}
	}
	return out, unwritten(b.Close(ctx, aboutExport(out), h.Signer))
}

// export puts one piece into the bundle, under a name of its own.
func export(ctx context.Context, b *bundle.Bundle, run string, digests map[string]string, item projection.Evidence) (Exported, error) {
	out := Exported{ID: item.ID, File: path.Join("evidence", item.ID+"-"+bundle.Name(item.Name))}
	leave := func(why string) (Exported, error) {
		out.File, out.Missing = "", why
		return out, nil
	}
	kept := path.Join("artifacts", item.Digest)
	switch {
	case item.Lost != "":
		return leave("it was lost when it was collected: " + item.Lost)
	case item.Kind != "collected" && digests[kept] == "":
		return leave("it is not kept with the run any more")
	case item.Kind != "collected" && digests[kept] != item.Digest:
		return leave("it was altered: it has another SHA-256 than the journal says")
	case item.Kind != "collected":
		return out, b.Again(ctx, out.File, path.Join(run, kept))
	case item.Folder == "":
		return leave("it lies in a repository of evidence, or an older irctl collected it; the journal has its SHA-256")
	}
	// A path from a journal leads to nothing but the bytes that it names.
	root, err := os.OpenRoot(item.Folder)
	if err != nil {
		return leave("the folder of the case cannot be read here: " + err.Error())
	}
	defer func() { _ = root.Close() }()
	info, err := root.Lstat(filepath.Base(item.Name))
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	var f *os.File
	if err == nil {
		f, err = root.Open(filepath.Base(item.Name))
	}
	if err != nil {
		return leave("it cannot be read in the folder of the case: " + err.Error())
	}
	defer func() { _ = f.Close() }()
	digest, _, err := b.Add(ctx, out.File, f)
	if err == nil && digest != item.Digest {
		if err = b.Remove(out.File); err == nil {
			return leave("it was altered in the folder of the case: it has another SHA-256 than the journal says")
		}
	}
	return out, err
}

func aboutExport(e Export) string {
	text := fmt.Sprintf(`Evidence of run %[1]s

  CUSTODY.txt     what there is, where it is from, and who was given it; to print
  custody.json    the same for programs
  evidence/       the pieces; each name begins with the number of its item
  %[1]s/
                  the run as irctl wrote it: its journal and what that names.
                  irctl audit verify of this folder proves it; irctl says: %s

`, e.Run, e.Verdict)
	if n := e.Missing(); n > 0 {
		text += fmt.Sprintf("%d of %d pieces are NOT here; CUSTODY.txt says why.\n\n", n, len(e.Items))
	}
	return text
}

// unwritten says that a folder for others did not come about.
func unwritten(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the folder was not written, and nothing of it is left: %w", err)
}

package view

import (
	"strings"
	"time"

	"rsc.io/qr"
)

// Code writes lines for people to carry, and on a terminal the same as a QR code.
func (p *Printer) Code(lines []string) error {
	if err := p.Document(strings.Join(lines, "\n")); err != nil || p.out.file == nil {
		return err
	}
	spoken := make([]string, len(lines))
	for i, l := range lines { // without the spaces that only eyes need
		number, data, _ := strings.Cut(l, " ")
		spoken[i] = number + " " + strings.ReplaceAll(data, " ", "")
	}
	code, err := qr.Encode(strings.Join(spoken, " "), qr.L)
	if width, _ := p.out.size(); err != nil || width < code.Size+2*quiet {
		return nil // there are the lines
	}
	return p.write(p.err, "\n"+blocks(code))
}

// quiet is the white around a QR code, in modules (ISO/IEC 18004).
const quiet = 4

// blocks draws a code with two rows in each line, light on whatever the terminal
// has: the colours are set, because a code that is dark on light is what cameras
// read.
func blocks(code *qr.Code) string {
	var b strings.Builder
	for y := -quiet; y < code.Size+quiet; y += 2 {
		b.WriteString("\x1b[30;47m")
		for x := -quiet; x < code.Size+quiet; x++ {
			b.WriteString(map[[2]bool]string{{true, true}: "█", {true, false}: "▀", {false, true}: "▄"}[[2]bool{code.Black(x, y), code.Black(x, y+1)}])
			if !code.Black(x, y) && !code.Black(x, y+1) {
				b.WriteByte(' ')
			}
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}

// Carried is a question from where the run is.
type Carried struct {
	Run, Step, Asks string
	Roles           []string
	Until           time.Time
	Yes             bool // the answer that is to be signed
}

// Carried shows what is asked elsewhere.
func (p *Printer) Carried(q Carried) error { return p.print(p.err, p.carried(q)) }

// AgreeCarried shows what is asked elsewhere, and asks for the answer.
func (p *Printer) AgreeCarried(q Carried) (bool, error) {
	if q.Yes {
		return p.agreed(p.carried(q), "Sign a yes?")
	}
	return p.agreed(p.carried(q), "Sign a no?")
}

func (p *Printer) carried(q Carried) *page {
	pg := p.prose(p.err)
	pg.para(0, "Run "+inline(q.Run)+" asks at "+inline(q.Step)+", "+inline(strings.Join(q.Roles, " or "))+" may answer:")
	pg.styled(2, inline(q.Asks), strong)
	pg.para(0, "until "+when(q.Until, pg.now))
	if q.Yes {
		pg.para(0, "The answer below says yes.")
	} else {
		pg.para(0, "The answer below says no.")
	}
	return pg
}

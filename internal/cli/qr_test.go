package cli_test

import (
	"image"
	"image/color"
	"image/draw"
	"os"
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/rogpeppe/go-internal/testscript"
)

// inks are what a cell of a picture shows, above and below.
var inks = map[rune][2]bool{'█': {true, true}, '▀': {true, false}, '▄': {false, true}, ' ': {}}

// scan FILE: photographs the QR code in what the last command wrote to a terminal,
// reads it with another library than the one that drew it, and writes its text to
// a file. The terminal is a dark one: only what sets its colours is light.
func scan(ts *testscript.TestScript, _ bool, args []string) {
	const light, plain, module, margin = "\x1b[30;47m", "\x1b[0m", 4, 24
	var rows []string
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		if row, ok := strings.CutPrefix(line, light); ok {
			row, _, _ = strings.Cut(row, plain)
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		ts.Fatalf("there is no picture")
	}
	width, height := len([]rune(rows[0]))*module, 2*len(rows)*module
	photo := image.NewGray(image.Rect(0, 0, width+2*margin, height+2*margin))
	draw.Draw(photo, image.Rect(margin, margin, margin+width, margin+height), image.White, image.Point{}, draw.Src)
	for y, row := range rows {
		for x, cell := range []rune(row) {
			ink, known := inks[cell]
			if !known {
				ts.Fatalf("%q is no part of a picture", cell)
			}
			for half, dark := range ink {
				at := image.Pt(margin+x*module, margin+(2*y+half)*module)
				if dark {
					draw.Draw(photo, image.Rectangle{at, at.Add(image.Pt(module, module))}, image.NewUniform(color.Black), image.Point{}, draw.Src)
				}
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(photo)
	ts.Check(err)
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil { // the library takes a few pictures for crooked ones
		read, err = qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	}
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(read.GetText()), 0o600))
}

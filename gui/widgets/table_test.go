package widgets

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

func TestColumnsAreLeftOutInTurn(t *testing.T) {
	stage(t, canvas.NewRectangle(nil))
	columns := []Column{{Width: 100, Share: 1}, {Width: 50, Drop: 1}, {Width: 50, Drop: 2}}
	for _, c := range []struct {
		total float32
		want  []float32
	}{
		{300, []float32{156, 50, 50}}, // 28 of edges, 16 of gaps
		{230, []float32{144, 50, 0}},
		{160, []float32{132, 0, 0}},
		{60, []float32{32, 0, 0}}, // never wider than there is room
	} {
		if _, w := spans(columns, nil, theme.SizeText, c.total); !slices.Equal(w, c.want) {
			t.Errorf("in %v: %v, want %v", c.total, w, c.want)
		}
	}
	x, w := spans([]Column{{Fit: true}, {Share: 1}}, []Item{{Text: "Title", Bold: true}}, theme.SizeText, 300)
	if w[0] <= 0 || w[0] > 60 || x[1] != x[0]+w[0]+cellGap || x[1]+w[1] != 300-cellEdge {
		t.Error(x, w)
	}
}

func TestCellsAreDrawn(t *testing.T) {
	row := NewCellRow(true)
	stage(t, row)
	row.Resize(fyne.NewSize(300, 30))
	row.Set([]Column{{Kind: DotColumn, Width: 12}, {Width: 60, Share: 1}, {Kind: BarColumn, Width: 50}, {Width: 40, Right: true}},
		[]Item{{Dot: DotOn}, {Text: "a name that is much too long for its column", Bold: true}, {Part: 0.5}, {Text: "7"}}, theme.None)
	r := test.WidgetRenderer(row).(*cellRenderer)
	dot, name, bar, number := r.parts[0].dot, r.parts[1].text, r.parts[2].bar, r.parts[3].text
	if !dot.Visible() || name.Text == "" || name.Text[len(name.Text)-len("…"):] != "…" || number.Text != "7" {
		t.Errorf("%v, %q, %q", dot.Visible(), name.Text, number.Text)
	}
	if !bar.Visible() || bar.Size() != fyne.NewSize(25, barHeight) {
		t.Error(bar.Visible(), bar.Size())
	}
	row.Set([]Column{{Kind: BarColumn, Width: 50}}, []Item{{Part: 0}}, theme.None)
	for i, p := range r.parts {
		if p.bar.Visible() || p.track.Visible() || p.text.Visible() || p.dot.Visible() {
			t.Errorf("column %d still shows something", i)
		}
	}
}

// TestSparkColumn: the newest bar stands at the right, what does not fit is left out, and a
// row that is used again shows none of another's.
func TestSparkColumn(t *testing.T) {
	row := NewCellRow(true)
	stage(t, row)
	row.Resize(fyne.NewSize(300, 30))
	columns := []Column{{Width: 20, Share: 1}, {Kind: SparkColumn, Width: SparkWidth}}
	values := make([]float64, 25)
	values[24], values[23], values[4] = 4, 2, 100 // the fifth is older than what fits
	row.Set(columns, []Item{{}, {Bars: values}}, theme.None)
	bars := test.WidgetRenderer(row).(*cellRenderer).parts[1].spark
	shown := func() (n int) {
		for _, b := range bars {
			if b.Visible() {
				n++
			}
		}
		return n
	}
	last := bars[19]
	if shown() != 2 || last.Size().Height != sparkHeight || bars[18].Size().Height != sparkHeight/2 || last.Position().X+barStep != 300-cellEdge {
		t.Errorf("%d bars, the last at %v of %v", shown(), last.Position(), last.Size())
	}
	row.Set(columns, []Item{{}, {}}, theme.None)
	if shown() != 0 {
		t.Error("nothing is known, and bars are drawn")
	}
}

// TestRowsAreAligned: a column that fits is as wide as its longest text in every row of that
// name, and what is left goes to the column of ids, which is whole where there is room.
func TestRowsAreAligned(t *testing.T) {
	s := NewSheet()
	columns := []Column{{Kind: DataColumn, Width: 60, Share: 1, Middle: true}, {Width: 20, Fit: true}, {Width: 20, Fit: true}}
	row := func(texts ...string) SheetRow {
		r := SheetRow{Columns: columns, Align: "members"}
		for _, text := range texts {
			r.Cells = append(r.Cells, Item{Text: text})
		}
		return r
	}
	id := "10.0.0.1@4711#123456789012"
	long := strings.Repeat("a reason ", 20)
	s.Set([]SheetRow{TitleRow("Members", "2"), row(id, "Go", "ok"), row(id, "Java 5.5.0", "stuck 27 s"), TextRow("x", theme.Muted), row(id, "", long)})
	rows := s.Rows()
	a, b := rows[1].Columns, rows[2].Columns
	if !slices.Equal(a, b) || a[1].Fit || a[1].Width < draw.Width("Java 5.5.0", theme.SizeText, draw.Regular()) || a[2].Width != fitMost {
		t.Errorf("%+v and %+v", a, b)
	}
	if !rows[0].Columns[0].Fit || !columns[1].Fit {
		t.Error("rows of no name, or the caller's columns, are changed")
	}
	s.Set([]SheetRow{row(id, "Go", "ok"), row(id, "Java 5.5.0", "stuck 27 s")})
	_, w := spans(s.Rows()[0].Columns, s.Rows()[0].Cells, theme.SizeText, 420)
	if w[0] < draw.Width(id, theme.SizeCaption, draw.Mono()) {
		t.Error("the id is cut:", w)
	}
}

func TestSheetCopiesARow(t *testing.T) {
	s := NewSheet()
	stage(t, s.View())
	var chosen []string
	s.OnChosen = func(r SheetRow) { chosen = append(chosen, fmt.Sprint(r.Data)) }
	s.Set([]SheetRow{
		TitleRow("Queues", "8"), {Columns: []Column{{}, {}}, Cells: []Item{{Text: "a"}, {Text: "b"}}, Data: 1}, FactRow("Address", "h:1", true),
	})
	s.Select(1)
	s.copy()
	if got := fyne.CurrentApp().Clipboard().Content(); got != "a\tb" {
		t.Errorf("%q", got)
	}
	s.Select(2)
	s.copy()
	if got := fyne.CurrentApp().Clipboard().Content(); got != "h:1" || !slices.Equal(chosen, []string{"1", "<nil>"}) {
		t.Errorf("%q, %v", got, chosen)
	}
	s.Set(nil)
	if s.Selected() != -1 {
		t.Error("a row that is gone is selected")
	}
}

func TestFilterBarBreaks(t *testing.T) {
	filter := canvas.NewRectangle(nil)
	segments, refresh := NewSegments(nil, "All 2,007", "With lag 2,006"), NewButton("Refresh", nil, Quiet, nil)
	bar := NewFilterBar(filter, segments, refresh)
	stage(t, bar)
	bar.Resize(fyne.NewSize(700, 30))
	if segments.Position().Y != 0 || bar.MinSize().Height != ControlHeight || filter.Size().Width < filterLeast {
		t.Error(segments.Position(), bar.MinSize(), filter.Size())
	}
	bar.Resize(fyne.NewSize(400, 70))
	if segments.Position().Y != ControlHeight+barGap || bar.MinSize().Height != 2*ControlHeight+barGap || filter.Size().Width < filterLeast {
		t.Error(segments.Position(), bar.MinSize(), filter.Size())
	}
}

// TestTableColumnsAreEven: columns are as wide as what stands in them in any row, and stay so,
// under their heads.
func TestTableColumnsAreEven(t *testing.T) {
	rows := [][]Item{{{Text: "a"}, {Text: "1"}}, {{Text: "b"}, {Text: "1,234,567"}}}
	table := NewTable([]Column{{Width: 20, Share: 1}, {Kind: DataColumn, Width: 10, Even: true}}, []string{"Name", "Messages"},
		func() int { return len(rows) }, func(i int) []Item { return rows[i] })
	stage(t, table.Content())
	number := draw.Width("1,234,567", theme.SizeCaption, draw.Mono())
	if w := table.columns[1].Width; w < number || w > number+20 {
		t.Error(w)
	}
	rows = [][]Item{{{Text: "a"}, {Text: "12,345,678,901"}}, nil} // one that is gone
	table.Refresh()
	wide := draw.Width("12,345,678,901", theme.SizeCaption, draw.Mono())
	if w := table.columns[1].Width; w < wide || table.head.columns[1].Width != w {
		t.Error(w, table.head.columns)
	}
	rows = rows[:0]
	if table.Refresh(); table.columns[1].Width < wide {
		t.Error("it became narrower")
	}
}

// TestEvenColumnsHoldChinese: a text of fewer letters may be the widest.
func TestEvenColumnsHoldChinese(t *testing.T) {
	texts := []string{"9 min 30 s", "还有三小时十一分"}
	table := NewTable([]Column{{Width: 20, Even: true}, {Width: 40, Share: 1}}, []string{"", ""}, func() int { return len(texts) },
		func(i int) []Item { return []Item{{Text: texts[i]}, {}} })
	stage(t, table.Content())
	table.Refresh()
	for _, text := range texts {
		if w := draw.Width(text, theme.SizeText, draw.Regular()); table.columns[0].Width < w {
			t.Errorf("%q is %v wide, its column %v", text, w, table.columns[0].Width)
		}
	}
}

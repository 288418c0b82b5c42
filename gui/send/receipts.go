package send

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"

	"gantry/client/message"
	"gantry/gui/arrange"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

const (
	// keptReceipts is how many sends the pane shows.
	keptReceipts = 1000
	// keptBodies is how much may be held for Retry, in bytes of bodies.
	keptBodies = 64 << 20
)

// sent is one send: under way, or with its receipt.
type sent struct {
	in      *receipts // where it is listed
	at      time.Time
	away    bool           // it went to another cluster than the connection leads to now
	topic   string         // as typed
	draft   *message.Draft // nil once it is stored: only a failed one is sent again
	pending bool
	receipt message.Receipt
	err     error // why nothing was sent at all
}

// sentAt is when it left, or when Send was pressed where that is not known.
func (r *sent) sentAt() time.Time {
	if r.receipt.SentAt.IsZero() {
		return r.at
	}
	return r.receipt.SentAt
}

// again reports whether the same draft may be sent once more.
func (r *sent) again() bool {
	return !r.pending && !r.away && r.draft != nil && !r.receipt.Status.Stored()
}

// receipts is the pane at the right: newest first, and below the facts of the
// selected one.
type receipts struct {
	s       *Screen
	content fyne.CanvasObject

	all      []*sent // oldest first
	selected *sent
	narrow   bool

	badge  *widgets.Chip
	head   *receiptRow
	list   *widgets.List
	body   *fyne.Container // the list or the empty state
	filled fyne.CanvasObject
	empty  *widgets.EmptyState
	detail *detail
	area   *fyne.Container
}

func newReceipts(s *Screen) *receipts {
	r := &receipts{s: s, badge: widgets.NewChip("")}
	r.list = widgets.NewList(widgets.RowHeight, func() int { return len(r.all) },
		func() fyne.CanvasObject { return newReceiptRow(r) },
		func(i int, o fyne.CanvasObject) { o.(*receiptRow).set(r.at(i)) })
	r.list.OnSelected = func(i int) { r.choose(r.at(i)) }
	r.list.OnEscape = func() { r.choose(nil) }
	r.head = newReceiptRow(r)
	r.head.titles = true
	line := lang.L("Receipts appear here: status, message id, queue and offset.")
	if s.forbidden() != nil {
		line = lang.L("This connection is read-only.")
	}
	r.empty = widgets.NewEmptyState(lang.L("Nothing sent from this window yet"), line, nil)
	if len(s.p.Steps) > 0 {
		r.empty.Set(lang.L("Nothing sent yet"), lang.L("The message on the left is ready to go."), s.p.Steps)
	}
	title := container.New(layout.NewCustomPaddedLayout(8, 8, 14, 12),
		container.New(layout.NewCustomPaddedHBoxLayout(8), container.NewCenter(widgets.NewWord(lang.L("Receipts"), theme.Text).Bold()), r.badge))
	heads := container.NewStack(widgets.NewGround(theme.Sunken).SetMin(0, 24), r.head)
	r.filled = container.New(&arrange.Rows{Grow: r.list.View()}, widgets.NewRule(), heads, widgets.NewRule(), r.list.View())
	r.body = container.NewStack(r.empty)
	r.detail = newDetail(r)
	r.area = container.New(&foot{want: r.detail.height}, r.body, r.detail.content)
	r.detail.content.Hide()
	r.content = container.New(&arrange.Rows{Grow: r.area}, title, r.area)
	return r
}

func (r *receipts) setNarrow(narrow bool) {
	r.narrow = narrow
	r.head.Refresh()
	r.list.Refresh()
}

// at returns the send of a row: the newest is the first.
func (r *receipts) at(i int) *sent {
	if i < 0 || i >= len(r.all) {
		return nil
	}
	return r.all[len(r.all)-1-i]
}

func (r *receipts) row(x *sent) int {
	for i := range r.all {
		if r.at(i) == x {
			return i
		}
	}
	return -1
}

// add shows a send that is under way, and selects it unless another receipt
// than the newest is being looked at.
func (r *receipts) add(d message.Draft, topic string) *sent {
	x := &sent{in: r, at: time.Now(), topic: topic, draft: &d, pending: true}
	follow := r.selected == nil || r.selected == r.at(0)
	r.all = append(r.all, x)
	if len(r.all) > keptReceipts {
		if r.selected == r.all[0] {
			r.selected = nil
		}
		r.all = append([]*sent(nil), r.all[1:]...)
	}
	if follow {
		r.selected = x
	}
	r.show()
	r.list.ScrollToTop()
	return x
}

// done shows what a send came to.
func (r *receipts) done(x *sent, got message.Receipt, err error) {
	x.pending, x.receipt, x.err = false, got, err
	if err == nil && got.Status.Stored() {
		x.draft = nil
	}
	r.forgetBodies()
	if !r.s.closed {
		r.show()
	}
}

// forgetBodies drops the oldest drafts kept for Retry when they hold too much.
func (r *receipts) forgetBodies() {
	total := 0
	for i := range r.all {
		if x := r.at(i); x.draft != nil {
			if total += len(x.draft.Body); total > keptBodies && !x.pending {
				x.draft = nil
			}
		}
	}
}

// show brings list, count and detail up to date.
func (r *receipts) show() {
	r.badge.Set(strconv.Itoa(len(r.all)), theme.Muted, theme.Hover)
	if len(r.all) > 0 && r.body.Objects[0] != r.filled {
		r.body.Objects = []fyne.CanvasObject{r.filled}
		r.body.Refresh()
	}
	r.list.SetSelected(r.row(r.selected))
	r.list.Refresh()
	r.choose(r.selected)
}

// choose shows the facts of a send; nil hides them.
func (r *receipts) choose(x *sent) {
	r.selected = x
	if x == nil {
		r.list.SetSelected(-1)
		r.detail.content.Hide()
	} else {
		r.detail.show(x)
		r.detail.content.Show()
	}
	r.area.Refresh()
}

func (r *receipts) retry(x *sent) {
	if x != nil && x.again() {
		r.s.retry(*x.draft, x.topic)
	}
}

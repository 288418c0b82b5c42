package msglist

import "slices"

// mostBuckets bounds how many counts a hist has.
const mostBuckets = 2000

// Times that are counted, in milliseconds of Unix time: what lies outside is no time of a
// message, and would leave no room for the others.
const (
	earliestTime = 86_400_000
	latestTime   = 1 << 42 // in the year 2109
)

// widths are how many milliseconds a bucket may span: each is a multiple of the one before.
func widths() []int64 {
	const second, minute, hour, day = 1000, 60_000, 3_600_000, 86_400_000
	return []int64{
		10, 50, 100, 500, second, 5 * second, 10 * second, 30 * second, minute, 5 * minute, 10 * minute, 30 * minute,
		hour, 2 * hour, 6 * hour, 12 * hour, day, 7 * day, 28 * day, 364 * day,
	}
}

// hist counts times: how many fall into each stretch of time. The zero value is empty. A
// bucket is as short as the times leave it, so that there are never more than mostBuckets.
type hist struct {
	zone   int64 // what local time is ahead, in milliseconds: buckets begin at whole local hours
	width  int64 // of a bucket, in milliseconds
	start  int64 // the first bucket, in widths since the beginning of local Unix time
	counts []uint32
}

// add counts n messages stored at a time.
func (h *hist) add(at int64, n uint32) {
	if at < earliestTime || at > latestTime {
		return
	}
	if len(h.counts) == 0 {
		h.width = max(h.width, widths()[0])
		h.start = (at + h.zone) / h.width
		h.counts = append(h.counts, n)
		return
	}
	for {
		i := (at+h.zone)/h.width - h.start
		length := int64(len(h.counts))
		switch {
		case i >= 0 && i < length:
			h.counts[i] += n
			return
		case i >= 0 && i < mostBuckets:
			h.counts = append(h.counts, make([]uint32, i+1-length)...)
		case i < 0 && length-i <= mostBuckets:
			h.counts = slices.Insert(h.counts, 0, make([]uint32, -i)...)
			h.start += i
		default:
			h.coarsen()
		}
	}
}

// coarsen makes buckets wider.
func (h *hist) coarsen() {
	all := widths()
	i, _ := slices.BinarySearch(all, h.width)
	wider := all[min(i+1, len(all)-1)]
	k := wider / h.width
	start := h.start / k
	counts := make([]uint32, (h.start+int64(len(h.counts))-1)/k-start+1)
	for i, n := range h.counts {
		counts[(h.start+int64(i))/k-start] += n
	}
	h.width, h.start, h.counts = wider, start, counts
}

// merge adds what another one of the same zone counted.
func (h *hist) merge(o *hist) {
	if len(o.counts) == 0 {
		return
	}
	if len(h.counts) == 0 {
		*h = hist{zone: o.zone, width: o.width, start: o.start, counts: slices.Clone(o.counts)}
		return
	}
	for h.width < o.width {
		h.coarsen()
	}
	for i, n := range o.counts {
		if n > 0 {
			h.add((o.start+int64(i))*o.width-o.zone, n)
		}
	}
}

// span is when the first bucket begins and the last ends, in milliseconds of Unix time.
func (h *hist) span() (from, to int64) {
	return h.start*h.width - h.zone, (h.start+int64(len(h.counts)))*h.width - h.zone
}

// within sums up the buckets that begin from from up to to, to not included.
func (h *hist) within(from, to int64) (sum uint64) {
	if len(h.counts) == 0 {
		return 0
	}
	index := func(at int64) int {
		i := (at+h.zone+h.width-1)/h.width - h.start
		return int(min(max(i, 0), int64(len(h.counts))))
	}
	for _, n := range h.counts[index(from):max(index(to), index(from))] {
		sum += uint64(n)
	}
	return sum
}

// barWidths are how many milliseconds a bar may span.
func barWidths() []int64 {
	const second, minute, hour, day = 1000, 60_000, 3_600_000, 86_400_000
	return []int64{
		10, 20, 50, 100, 200, 500, second, 2 * second, 5 * second, 10 * second, 15 * second, 30 * second,
		minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour,
		day, 2 * day, 7 * day, 14 * day, 28 * day, 91 * day, 364 * day, 3640 * day,
	}
}

// timeBar is a stretch of time and how many messages fall into it.
type timeBar struct {
	from, to int64 // milliseconds of Unix time
	all, fit uint64
}

// bars are at most most stretches that together hold all; fit, of the same zone, says how
// many of them fit.
func (h *hist) bars(fit *hist, most int) []timeBar {
	if len(h.counts) == 0 || most < 1 {
		return nil
	}
	from, to := h.span()
	width := int64(0)
	for _, w := range barWidths() {
		width = w
		if w%max(h.width, fit.width) == 0 && (to+h.zone+w-1)/w-(from+h.zone)/w <= int64(most) {
			break
		}
	}
	var out []timeBar
	for at := (from+h.zone)/width*width - h.zone; at < to; at += width {
		out = append(out, timeBar{from: at, to: at + width, all: h.within(at, at+width), fit: fit.within(at, at+width)})
	}
	return out
}

package groups

import (
	"slices"
	"strings"
)

// stackWidth is how far a Java client pads the name of a thread, which it puts before
// every line (UtilAll.java, jstack).
const stackWidth = 40

// stackText makes the stacks that a Java client tells readable: a heading for each
// thread and its frames below it, those first that consume for the group. Other stacks
// stay as they are.
func stackText(raw, group string) string {
	type thread struct {
		head   string
		frames []string
	}
	var threads []thread
	prefix := ""
	for line := range strings.Lines(strings.ReplaceAll(raw, "\r\n", "\n")) {
		line = strings.TrimRight(line, "\n")
		if at := strings.LastIndex(line, "TID: "); at >= stackWidth && strings.Contains(line[at:], " STATE: ") {
			prefix = line[:at]
			threads = append(threads, thread{head: strings.TrimSpace(prefix) + "  " + line[at:]})
			continue
		}
		frame, ok := strings.CutPrefix(line, prefix)
		switch {
		case strings.TrimSpace(line) == "":
		case prefix == "" || !ok:
			return raw
		default:
			t := &threads[len(threads)-1]
			frame = strings.TrimSpace(frame)
			if module, rest, ok := strings.Cut(frame, "/"); ok && strings.HasPrefix(module, "java.") {
				frame = rest // which module it is tells nobody anything
			}
			t.frames = append(t.frames, "    "+frame)
		}
	}
	rank := func(t thread) int {
		switch {
		case strings.HasPrefix(t.head, "ConsumeMessageThread_"+group+"_"):
			return 0
		case strings.HasPrefix(t.head, "ConsumeMessageThread"):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(threads, func(a, b thread) int { return rank(a) - rank(b) })
	var out strings.Builder
	for i, t := range threads {
		if i > 0 {
			out.WriteString("\n")
		}
		out.WriteString(t.head + "\n" + strings.Join(t.frames, "\n") + "\n")
	}
	return out.String()
}

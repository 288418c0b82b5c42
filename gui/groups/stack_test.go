package groups

import (
	"fmt"
	"testing"
)

func TestStackText(t *testing.T) {
	line := func(name, rest string) string { return fmt.Sprintf("%-40s%s\n", name, rest) }
	long := "ConsumeMessageThread_a-group-with-a-long-name_1"
	raw := line("main", "TID: 1 STATE: WAITING") + line("main", "java.base@17.0.15/java.lang.Object.wait(Native Method)") + "\n" +
		line("ConsumeMessageThread_b_1", "TID: 9 STATE: WAITING") + line("ConsumeMessageThread_b_1", "Lab.rest(Lab.java:9)") + "\n" +
		line(long, "TID: 31 STATE: TIMED_WAITING") + line(long, "java.lang.Thread.sleep(Native Method)") + line(long, "Lab.work(Lab.java:7)") + "\n"
	want := long + "  TID: 31 STATE: TIMED_WAITING\n    java.lang.Thread.sleep(Native Method)\n    Lab.work(Lab.java:7)\n\n" +
		"ConsumeMessageThread_b_1  TID: 9 STATE: WAITING\n    Lab.rest(Lab.java:9)\n\n" +
		"main  TID: 1 STATE: WAITING\n    java.lang.Object.wait(Native Method)\n"
	if got := stackText(raw, "a-group-with-a-long-name"); got != want {
		t.Errorf("%s", got)
	}
	for _, other := range []string{"", "goroutine 1 [select]:\nmain.main()\n", line("a", "TID: 1 STATE: X") + "something else\n"} {
		if got := stackText(other, "g"); got != other {
			t.Errorf("%q became %q", other, got)
		}
	}
}

func FuzzStackText(f *testing.F) {
	f.Add("x TID: 1 STATE: y\nx z")
	f.Fuzz(func(_ *testing.T, raw string) { _ = stackText(raw, "a-group-with-a-long-name") })
}

//go:build linux

package client_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"

	"gantry/client/remoting"
)

// lean is a client that does next to nothing: it shows what a server can do where the
// library is the limit. Frames are put together by hand and go out together.
type lean struct {
	nc   net.Conn
	r    *bufio.Reader
	out  []byte
	in   []byte
	body []byte
}

func newLean(b *testing.B, broker string) *lean {
	b.Helper()
	nc, err := net.Dial("tcp4", broker)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = nc.Close() })
	return &lean{nc: nc, r: bufio.NewReaderSize(nc, 256<<10), body: bytes.Repeat([]byte("x"), benchBody)}
}

// add puts a frame to those that go out next; its header is that of rocketmq-client-go.
func (l *lean) add(code, opaque int, fields string, body []byte) {
	start := len(l.out)
	l.out = append(l.out, 0, 0, 0, 0, 0, 0, 0, 0)
	l.out = strconv.AppendInt(append(l.out, `{"code":`...), int64(code), 10)
	l.out = strconv.AppendInt(append(l.out, `,"language":"GO","version":317,"opaque":`...), int64(opaque), 10)
	l.out = append(append(append(l.out, `,"flag":0,"remark":"","extFields":{`...), fields...), `}}`...)
	header := len(l.out) - start - 8
	l.out = append(l.out, body...)
	binary.BigEndian.PutUint32(l.out[start:], uint32(len(l.out)-start-4))
	binary.BigEndian.PutUint32(l.out[start+4:], uint32(header))
}

// exchange writes what was added and hands over the answers that came, at least one.
func (l *lean) exchange(b *testing.B, each func(header, body []byte)) {
	b.Helper()
	if _, err := l.nc.Write(l.out); err != nil {
		b.Fatal(err)
	}
	l.out = l.out[:0]
	for first := true; first || l.r.Buffered() > 0; first = false {
		var size [4]byte
		if _, err := io.ReadFull(l.r, size[:]); err != nil {
			b.Fatal(err)
		}
		if n := int(binary.BigEndian.Uint32(size[:])); cap(l.in) < n {
			l.in = make([]byte, n)
		}
		frame := l.in[:binary.BigEndian.Uint32(size[:])]
		if _, err := io.ReadFull(l.r, frame); err != nil {
			b.Fatal(err)
		}
		header := frame[4 : 4+binary.BigEndian.Uint32(frame)&0xFFFFFF]
		if !bytes.Contains(header, []byte(`"code":0,`)) {
			b.Fatalf("%s", header)
		}
		each(header, frame[4+len(header):])
	}
}

// numberIn is the number behind a word of a header.
func numberIn(b *testing.B, header []byte, word string) int {
	b.Helper()
	_, rest, has := bytes.Cut(header, []byte(word))
	n := 0
	for _, c := range bytes.TrimPrefix(rest, []byte(`"`)) {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
	}
	if !has {
		b.Fatalf("no %s in %s", word, header)
	}
	return n
}

// send sends so many messages of 1 KB, some at once.
func (l *lean) send(b *testing.B, topic string, atOnce, times int) measure {
	b.Helper()
	cpu, begin := cpuOf(b, syscall.RUSAGE_SELF), time.Now()
	now := strconv.FormatInt(begin.UnixMilli(), 10)
	for sent, got := 0, 0; got < times; {
		for ; sent < times && sent-got < atOnce; sent++ {
			l.add(remoting.SendMessage, sent, `"producerGroup":"lean","queueId":"`+strconv.Itoa(sent%benchQueues)+`","maxReconsumeTimes":"0","sysFlag":"0","bornTimestamp":"`+now+
				`","flag":"0","reconsumeTimes":"0","unitMode":"false","defaultTopicQueueNums":"4","batch":"false","topic":"`+topic+
				`","defaultTopic":"TBW102","properties":"UNIQ_KEY\u0001`+strconv.Itoa(1_000_000_000+sent)+`\u0002TAGS\u0001tag\u0002KEYS\u0001key"`, l.body)
		}
		l.exchange(b, func([]byte, []byte) { got++ })
	}
	return l.took(b, times, cpu, begin)
}

// read reads so many messages of all queues, a question for each of them under way.
func (l *lean) read(b *testing.B, topic string, times int) measure {
	b.Helper()
	cpu, begin := cpuOf(b, syscall.RUSAGE_SELF), time.Now()
	ask := func(queue, offset int) {
		l.add(remoting.PullMessage, queue, `"consumerGroup":"lean","topic":"`+topic+`","queueId":"`+strconv.Itoa(queue)+`","queueOffset":"`+strconv.Itoa(offset)+
			`","maxMsgNums":"32","sysFlag":"4","commitOffset":"0","suspendTimeoutMillis":"0","subscription":"*","subVersion":"0","expressionType":"TAG"`, nil)
	}
	for q := range benchQueues {
		ask(q, 0)
	}
	for got := 0; got < times; {
		l.exchange(b, func(header, body []byte) {
			for ; len(body) > 4; got++ {
				body = body[binary.BigEndian.Uint32(body):]
			}
			// A queue that is read to its end is not asked again.
			if next := numberIn(b, header, `"nextBeginOffset":`); next < times/benchQueues {
				ask(numberIn(b, header, `"opaque":`), next)
			}
		})
	}
	return l.took(b, times, cpu, begin)
}

func (l *lean) took(b *testing.B, times int, cpu time.Duration, begin time.Time) measure {
	b.Helper()
	return measure{rate: float64(times) / time.Since(begin).Seconds(), cpu: micros(cpuOf(b, syscall.RUSAGE_SELF)-cpu, times)}
}

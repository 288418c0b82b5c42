package sandbox

import "gantry/client/remoting"

// maxWords bounds a request that is no message, in bytes.
const maxWords = 512 << 10

func sends(code int) bool {
	switch code {
	case remoting.SendMessage, remoting.SendMessageV2, remoting.SendBatchMessage, remoting.SendReply, remoting.SendReplyV2:
		return true
	}
	return false
}

// costOf is what making an answer to a request may take, in bytes, for those whose
// answers may be large. A pull sees to itself, as it waits.
func costOf(c *remoting.Command) int {
	n := 0
	if len(c.Body) > smallMost && !sends(c.Code) && c.Code != remoting.PullMessage && c.Code != remoting.LitePullMessage {
		n = jsonCost * len(c.Body)
	}
	switch c.Code {
	case remoting.QueryMessage:
		n += queryBytes + 3*maxStored
	case remoting.ViewMessageByID, remoting.ConsumerSendMsgBack, remoting.EarliestStoreTime, remoting.SearchOffsetByTime, remoting.ConsumeDirectly:
		n += 3 * maxStored
	case remoting.AllTopics, remoting.TopicsOfCluster, remoting.SystemTopics, remoting.BrokerSystemTopics, remoting.AllTopicConfig,
		remoting.AllGroups, remoting.ConsumerConnections, remoting.ProducerConnections, remoting.AllProducers, remoting.ConsumerListByGroup:
		n += maxList
	case remoting.QueryConsumeQueue, remoting.TopicStats, remoting.ConsumeStats, remoting.ResetOffset, remoting.TopicConsumers:
		n += maxList + 3*maxStored
	}
	return n
}

const (
	// maxStored is a message in its stored form, with all that it may have, in bytes,
	// and maxList a list or table.
	maxStored = maxBody + 64<<10
	maxList   = 2 << 20
	// jsonCost is what JSON takes that is read, for each of its bytes.
	jsonCost = 80
	// partCost is what a message of a batch takes beside the batch, in bytes.
	partCost = 1000
)

// reserve waits until there is room for an answer of at most n bytes, with what making
// it takes, and until the client's answers before it are out. It is called once, or
// again after release.
func (q *request) reserve(n int) error {
	if n == 0 {
		return nil
	}
	select {
	case q.from.answering <- struct{}{}:
	case <-q.from.gone:
		return errNoRoom
	}
	if err := q.from.answers.take(n); err != nil {
		<-q.from.answering
		return err
	}
	q.reserved = n
	return nil
}

// shrink gives back what an answer of n bytes does not need.
func (q *request) shrink(n int) {
	if more := q.reserved - max(n, 1); more > 0 {
		q.from.answers.Give(more)
		q.reserved -= more
	}
}

// release gives all back: the answer is out, or there is none.
func (q *request) release() {
	if q.reserved > 0 {
		q.from.answers.Give(q.reserved)
		q.reserved = 0
		<-q.from.answering
	}
}

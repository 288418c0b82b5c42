// A Java producer for tests, started from source: java Send.java name=value ...
//   ns=HOST:PORT topic=T [group=G] [body=TEXT] [tag=T] [keys="K1 K2"] [prop.NAME=VALUE ...] [count=1] [timeout=MS, 30000]
//   ordered=KEY   one queue, chosen by the key        delay=LEVEL 1..18      at=MS   deliver at that Unix time (5.x)
//   tx=commit|rollback|unknown [check=commit|rollback|unknown] [wait=SECONDS, 0]   a transaction, and how checks are answered while waiting
//   compress=ZLIB|LZ4|ZSTD ...   a body of 4 KB and more is compressed so; several are sent in turn
//   trace=true    traces to RMQ_SYS_TRACE_TOPIC
//   ak=KEY sk=SECRET     tls=FILE of tls.* settings
// Prints one JSON line a receipt, error or transaction check. Exit status 1 if a send failed.
import com.alibaba.fastjson.JSON;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.rocketmq.acl.common.*;
import org.apache.rocketmq.client.producer.*;
import org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash;
import org.apache.rocketmq.common.compression.CompressionType;
import org.apache.rocketmq.common.message.*;
import org.apache.rocketmq.remoting.RPCHook;

public class Send {
    static LocalTransactionState state(String s) {
        return s.equals("commit") ? LocalTransactionState.COMMIT_MESSAGE : s.equals("rollback") ? LocalTransactionState.ROLLBACK_MESSAGE : LocalTransactionState.UNKNOW;
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err); // the 5.x client prints its logging set-up
        Map<String, String> o = new HashMap<>();
        for (String a : args) o.put(a.substring(0, a.indexOf('=')), a.substring(a.indexOf('=') + 1));
        if (o.containsKey("tls")) {
            System.setProperty("tls.enable", "true");
            System.setProperty("tls.config.file", o.get("tls"));
        }
        RPCHook hook = o.containsKey("ak") ? new AclClientRPCHook(new SessionCredentials(o.get("ak"), o.get("sk"))) : null;
        String group = o.getOrDefault("group", "java-send");
        DefaultMQProducer p = o.containsKey("tx") ? new TransactionMQProducer(group, hook) : new DefaultMQProducer(group, hook, o.containsKey("trace"), null);
        p.setNamesrvAddr(o.get("ns"));
        p.setInstanceName(UUID.randomUUID().toString());
        p.setMqClientApiTimeout(10000); // a busy machine answers late
        p.setSendMsgTimeout(Integer.parseInt(o.getOrDefault("timeout", "30000")));
        if (p instanceof TransactionMQProducer) ((TransactionMQProducer) p).setTransactionListener(new TransactionListener() {
            public LocalTransactionState executeLocalTransaction(Message m, Object arg) {
                return state(o.get("tx"));
            }

            public LocalTransactionState checkLocalTransaction(MessageExt m) {
                LocalTransactionState s = state(o.getOrDefault("check", "commit"));
                Map<String, Object> j = new LinkedHashMap<>();
                j.put("check", m.getUserProperty(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX) != null ? m.getUserProperty(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX) : m.getMsgId());
                j.put("answer", s.name());
                out.println(JSON.toJSONString(j));
                return s;
            }
        });
        p.start();
        int failed = 0, count = Integer.parseInt(o.getOrDefault("count", "1"));
        String[] compress = o.containsKey("compress") ? o.get("compress").split(" ") : new String[0];
        count = Math.max(count, compress.length);
        for (int i = 0; i < count; i++) {
            if (i < compress.length) p.setCompressType(CompressionType.valueOf(compress[i]));
            Message m = new Message(o.get("topic"), o.getOrDefault("body", "message " + i).getBytes(StandardCharsets.UTF_8));
            if (o.containsKey("tag")) m.setTags(o.get("tag"));
            if (o.containsKey("keys")) m.setKeys(o.get("keys"));
            if (o.containsKey("delay")) m.setDelayTimeLevel(Integer.parseInt(o.get("delay")));
            if (o.containsKey("at")) MessageAccessor.putProperty(m, "TIMER_DELIVER_MS", o.get("at"));
            o.forEach((k, v) -> { if (k.startsWith("prop.")) m.putUserProperty(k.substring(5), v); });
            Map<String, Object> j = new LinkedHashMap<>();
            long t = System.nanoTime();
            try {
                SendResult r = o.containsKey("tx") ? p.sendMessageInTransaction(m, null)
                    : o.containsKey("ordered") ? p.send(m, new SelectMessageQueueByHash(), o.get("ordered")) : p.send(m);
                j.put("status", r.getSendStatus().name());
                j.put("msgId", r.getMsgId());
                j.put("offsetMsgId", r.getOffsetMsgId());
                j.put("broker", r.getMessageQueue().getBrokerName());
                j.put("queue", r.getMessageQueue().getQueueId());
                j.put("queueOffset", r.getQueueOffset());
                if (r.getRecallHandle() != null) j.put("recallHandle", r.getRecallHandle());
                if (r instanceof TransactionSendResult) j.put("localState", ((TransactionSendResult) r).getLocalTransactionState().name());
            } catch (Exception e) {
                failed = 1;
                j.put("error", e.getClass().getSimpleName() + ": " + e.getMessage());
            }
            j.put("ms", (System.nanoTime() - t) / 1000000);
            out.println(JSON.toJSONString(j));
        }
        Thread.sleep(1000L * Integer.parseInt(o.getOrDefault("wait", "0")));
        p.shutdown();
        out.flush();
        System.exit(failed);
    }
}

import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.rocketmq.tools.command.MQAdminStartup;

// mqadmin that stays: a line of standard input is a command, its arguments in Base64 with
// blanks between; a line of standard output that begins with "said " is what it printed, in
// Base64. It ends with its input. What ends a Java program, as unknown options do, ends it too.
public class Admin {
    public static void main(String[] none) throws Exception {
        PrintStream out = System.out, err = System.err;
        String names = System.getProperty("rocketmq.namesrv.addr");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line; (line = in.readLine()) != null; ) {
            String[] args = line.trim().isEmpty() ? new String[0] : line.trim().split(" ");
            for (int i = 0; i < args.length; i++) args[i] = new String(Base64.getDecoder().decode(args[i].substring(1)), StandardCharsets.UTF_8);
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            PrintStream both = new PrintStream(said, true, "UTF-8");
            System.setOut(both);
            System.setErr(both);
            System.setProperty("rocketmq.namesrv.addr", names); // a command may set another
            try {
                MQAdminStartup.main(args);
            } catch (Throwable e) {
                e.printStackTrace(both);
            }
            System.setOut(out);
            System.setErr(err);
            both.flush();
            out.println("\nsaid " + Base64.getEncoder().encodeToString(said.toByteArray()));
            out.flush();
        }
        System.exit(0);
    }
}

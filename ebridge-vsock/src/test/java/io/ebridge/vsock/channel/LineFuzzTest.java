package io.ebridge.vsock.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.ebridge.vsock.VsockException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two lines of hybrid VSOCK: what they take is exactly what the VMMs send, they never run on, and they fail with nothing but their own exception. */
class LineFuzzTest {
    @FuzzTest
    void connectLine(byte[] data) {
        ConnectLine line = new ConnectLine();
        int taken = 0;
        try {
            for (byte b : data) {
                assertThat(line.safeToRead()).isPositive();
                taken++;
                if (line.accept(b)) {
                    String text = new String(data, 0, taken, StandardCharsets.US_ASCII);
                    assertThat(text).matches("(?i)CONNECT \\d{1,10}\n");
                    assertThat(line.port())
                            .isEqualTo(Long.parseLong(text.substring(8).trim()));
                    return;
                }
            }
        } catch (VsockException e) {
            assertThat(e.reason()).isEqualTo(VsockException.Reason.PROTOCOL);
        }
        assertThat(taken).isLessThanOrEqualTo(ConnectLine.LIMIT + 1);
    }

    @FuzzTest
    void okLine(byte[] data) {
        OkLine line = new OkLine();
        int taken = 0;
        try {
            for (byte b : data) {
                taken++;
                if (line.accept(b)) {
                    assertThat(new String(data, 0, taken, StandardCharsets.US_ASCII))
                            .matches("OK \\d{1,28}\n");
                    return;
                }
            }
        } catch (VsockException e) {
            assertThat(e.reason()).isEqualTo(VsockException.Reason.PROTOCOL);
        }
        assertThat(taken).isLessThanOrEqualTo(OkLine.LIMIT + 1);
    }

    private static boolean ok(String text) throws VsockException {
        OkLine line = new OkLine();
        boolean complete = false;
        for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
            complete = line.accept(b);
        }
        return complete;
    }

    private static long port(String text) throws VsockException {
        ConnectLine line = new ConnectLine();
        for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
            line.accept(b);
        }
        return line.port();
    }

    @ParameterizedTest
    @ValueSource(strings = {"OK 1073741824\n", "OK 5001\n", "OK 0\n", "OK 1234567890123456789012345678\n"})
    void answersOfVmms(String text) throws VsockException {
        assertThat(ok(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n",
                "ok 1\n",
                "OK\n",
                "OK \n",
                "OK  1\n",
                "OK 1 \n",
                "OK 1\r\n",
                "OK x\n",
                "HTTP/1.1 400\n",
                "OK 12345678901234567890123456789\n",
                "OK -1\n"
            })
    void otherAnswers(String text) {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> ok(text)))
                .isInstanceOf(VsockException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONNECT 5001\n", "connect 5001\n", "Connect 05001\n"})
    void requestsOfHosts(String text) throws VsockException {
        assertThat(port(text)).isEqualTo(5001);
        assertThat(new String(ConnectLine.request(5001), StandardCharsets.US_ASCII))
                .isEqualTo("CONNECT 5001\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n",
                "CONNECT\n",
                "CONNECT \n",
                "CONNECT5001\n",
                "CONNECT  1\n",
                "CONNECT 1 \n",
                "CONNECT 4294967295\n",
                "CONNECT 99999999999\n",
                "CONNECT -1\n",
                "GET / HTTP/1.1\n",
                "CONNECT 1\r\n"
            })
    void otherRequests(String text) {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> port(text)))
                .isInstanceOf(VsockException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONNECT 1\n", "CONNECT 4294967294\n"})
    void neverReadsBeyondTheLine(String text) throws VsockException {
        ConnectLine line = new ConnectLine();
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        int position = 0;
        while (position < bytes.length) {
            int n = line.safeToRead();
            assertThat(position + n).isLessThanOrEqualTo(bytes.length);
            for (int i = 0; i < n; i++) {
                line.accept(bytes[position++]);
            }
        }
        assertThat(line.port()).isPositive();
    }
}

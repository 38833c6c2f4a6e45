using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Bench.Datagrams;

/// <summary>Sends datagrams as fast as the system allows, with plain system calls; prints results like <c>sluice bench</c>.</summary>
internal static class DatagramLoad
{
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(0.5);

    public static int Run(Scenario scenario, int port, TimeSpan duration)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(IPAddress.Loopback, port);
        socket.ReceiveTimeout = 20;
        bool isEcho = scenario.Mode == ServerMode.DatagramEcho;
        Func<TimeSpan, long> load = isEcho
            ? time => Echo(new MessageBatch(socket, scenario.Depth, scenario.Size), time)
            : time => Flood(new MessageBatch(socket, 64, scenario.Size, scenario.Depth), time);
        load(s_warmUp);
        long before = isEcho ? 0 : Ask(socket, 1);
        DateTime began = DateTime.UtcNow;
        long started = Stopwatch.GetTimestamp();
        long count = load(duration);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        count = isEcho ? count : Ask(socket, 2) - before;
        long from = (long)(began - DateTime.UnixEpoch).TotalMicroseconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $$"""{"rate": {{count / seconds}}, "began": {{from}}, "ended": {{from + (long)(seconds * 1e6)}}}"""));
        return count > 0 ? 0 : 1;
    }

    // Keeps all datagrams in flight: each one that comes back is sent again.
    private static long Echo(MessageBatch batch, TimeSpan time)
    {
        long started = Stopwatch.GetTimestamp();
        long count = 0;
        batch.Send(batch.Count);
        int inFlight = batch.Count;
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            int received = batch.Receive();
            if (received <= 0)
            {
                // A full buffer has dropped them: start again.
                batch.Send(batch.Count);
                inFlight = batch.Count;
                continue;
            }

            count += received;
            inFlight -= received;
            inFlight += batch.Send(Math.Min(received, batch.Count - Math.Max(inFlight, 0)));
        }

        while (batch.Receive() > 0)
        {
        }

        return count;
    }

    private static long Flood(MessageBatch batch, TimeSpan time)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            batch.Send(batch.Count);
        }

        return 0;
    }

    // The answer repeats the question, because the answer to an earlier question may arrive late.
    private static long Ask(Socket socket, byte question)
    {
        byte[] answer = new byte[1 + sizeof(long)];
        for (int attempt = 0; attempt < 200; attempt++)
        {
            socket.Send([question]);
            try
            {
                do
                {
                    socket.Receive(answer);
                }
                while (answer[0] != question);
                return BitConverter.ToInt64(answer, 1);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                // The answer comes after everything that was sent, or is lost with it.
            }
        }

        throw new TimeoutException("The server does not report how many datagrams it received.");
    }
}

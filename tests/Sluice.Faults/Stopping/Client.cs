using System.Net;
using System.Net.Sockets;

namespace Sluice.Faults.Stopping;

/// <summary>Sends requests without waiting for the replies, over one connection after another, until the server is gone.</summary>
internal static class Client
{
    private static int s_names;

    public static async Task RunAsync(SelectorManager selector, EndPoint server, Ledger ledger)
    {
        try
        {
            while (true)
            {
                StreamSocket socket = await selector.Tcp().ConnectAsync(server);
                int name = Interlocked.Increment(ref s_names);

                // Some leave early, and so connections begin and end all the time.
                await using (socket)
                {
                    await AskAsync(socket.OpenConnection(), $"{name}", name % 3 == 0 ? 100_000_000 : 100 * (name % 7), ledger);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // The server has stopped.
        }
    }

    private static async Task AskAsync(Connection connection, string name, int requests, Ledger ledger)
    {
        int received = 0;
        string end = "the end of the stream";

        // On a thread of its own: a writer that no send makes wait would not let this one read, and a stop waits for replies that nobody reads.
        var sending = Task.Run(() => SendAsync(connection, name, requests));
        try
        {
            while (await connection.Input.ReadLineAsync() is { } line)
            {
                if (line != $"{name} {received}")
                {
                    ledger.Faults.Enqueue($"'{line}' was received instead of the reply {received} of {name}");
                    return;
                }

                received++;
                ledger.NoteReply();
            }
        }
        catch (IOException exception)
        {
            // Not accepted, or aborted: the ledger knows what the server has answered.
            end = exception.Message;
        }
        finally
        {
            ledger.NoteReceived(name, received, end);
            await connection.DisposeAsync();
            await sending;
        }
    }

    private static async Task SendAsync(Connection connection, string name, int requests)
    {
        try
        {
            for (int i = 0; i < requests; i++)
            {
                await connection.Output.WriteLineAsync($"{name} {i}");
            }

            await connection.Output.CompleteAsync();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The server has stopped.
        }
    }
}

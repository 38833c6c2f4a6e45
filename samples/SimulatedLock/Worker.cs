using System.Globalization;
using System.Net.Sockets;
using Sluice;

namespace SimulatedLock;

/// <summary>Increments the counter under the lock, again and again.</summary>
internal sealed class Worker(SelectorManager selector, TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>Gets the number of increments that the counter has confirmed.</summary>
    public long Confirmed { get; private set; }

    public async Task RunAsync(int increments)
    {
        while (Confirmed < increments)
        {
            try
            {
                await IncrementAsync();
            }
            catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
            {
                // The network failed. The lock, if this has it, is free again after the lease.
            }

            await Task.Delay(s_pause, time);
        }
    }

    private async Task IncrementAsync()
    {
        await using StreamSocket locks = await ConnectAsync("lock", LockServer.Port);
        await using StreamSocket counter = await ConnectAsync("counter", CounterServer.Port);
        Connection lockConnection = locks.OpenConnection();
        Connection counterConnection = counter.OpenConnection();
        string token = await AskAsync(lockConnection, "ACQUIRE");
        string value = await AskAsync(counterConnection, $"READ {token}");
        if (value != "STALE" && await AskAsync(counterConnection, $"WRITE {token} {long.Parse(value, CultureInfo.InvariantCulture) + 1}") == "OK")
        {
            Confirmed++;
        }

        await AskAsync(lockConnection, $"RELEASE {token}");
    }

    private ValueTask<StreamSocket> ConnectAsync(string host, int port) =>
        selector.Tcp().ConnectAsync(host, port, options => options.SocketTimeout = 2 * LockServer.Lease);

    private static async Task<string> AskAsync(Connection connection, string question)
    {
        await connection.Output.WriteLineAsync(question);
        return await connection.Input.ReadLineAsync() ?? throw new IOException("The server has closed the connection.");
    }
}
